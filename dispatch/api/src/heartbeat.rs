//! Heartbeats of alarm points and the receipt they get: kept in memory, never in the journal.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::position::LineFault;

/// One heartbeat. It is heard when it arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// The alarm point.
    pub point: String,
}

/// What a body of heartbeats is answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatsReceipt {
    /// How many were in the body.
    pub received: u64,
    /// How many points were heard.
    pub heard: u64,
    /// How many came from a point that nobody knows, or that is retired.
    pub unknown_point: u64,
    /// How many were beyond the limit of one body: not looked at; send them again.
    pub over_limit: u64,
    /// How many could not be read.
    pub faulty: u64,
    /// The first of those that could not be read or are of no known point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LineFault>,
}
