//! What a connection begins with, and what it is told again when labels, zone or tiles change.

use dispatch_api::PROTOCOL;
use dispatch_api::stream::{Hello, ServerMessage};
use dispatch_core::kernel::time::Time;
use region::Manifest;

use super::Standing;
use crate::VERSION;
use crate::config::Stream as Bounds;

/// The message `hello`; `manifest` is of the region package in force, `now` in microseconds UTC.
pub fn hello(standing: &Standing, now: Time, manifest: &Manifest, bounds: &Bounds) -> ServerMessage {
    ServerMessage::Hello(Hello {
        protocol: PROTOCOL.to_owned(),
        version: VERSION.to_owned(),
        journal_id: standing.journal,
        head: standing.head,
        now,
        zone: manifest.zone.clone(),
        heartbeat_ms: bounds.heartbeat_ms,
        positions_ms: bounds.positions_ms,
        tile_resolution: manifest.tile_resolution,
        labels: standing.labels.clone(),
    })
}
