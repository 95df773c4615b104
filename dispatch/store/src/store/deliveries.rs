//! What left the centre, sink by sink (D9), beside the journal.

use std::future::Future;

use dispatch_core::kernel::time::Time;

use super::StoreError;
use super::concern::concern;
use crate::delivery::{Delivery, SinkCursor, SinkStand};

concern! {
    /// Sinks and what became of their deliveries.
    pub trait Deliveries {
        /// Where a sink stands; none when it was never heard of.
        async fn deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError>;

        /// Keeps what became of a sink's deliveries, with its cursor, in a transaction of their own. The cursor never
        /// goes back; one beyond the head is an error, and nothing is written.
        async fn deliver(&self, sink: &str, deliveries: &[Delivery], cursor: SinkCursor) -> Result<(), StoreError>;

        /// Forgets deliveries that ended and were last sent before `before`; returns how many.
        async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError>;
    }
}
