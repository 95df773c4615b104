//! Positions as devices send them and the receipt they get (D8).

use std::collections::BTreeMap;

use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One fix. Degrees, metres and seconds, as devices have them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Id of the unit, as the register has it.
    pub unit: String,
    /// Longitude in degrees, WGS84.
    pub lon: f64,
    /// Latitude in degrees, WGS84.
    pub lat: f64,
    /// When the fix was taken.
    pub fix_time: Time,
    /// Metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_m_s: Option<f64>,
    /// Degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f64>,
    /// Radius of doubt in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
    /// When the device sent it, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_time: Option<Time>,
}

/// What a body of positions is answered with: a receipt, not a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionsReceipt {
    /// How many were in the body.
    pub received: u64,
    /// How many went to the index.
    pub queued: u64,
    /// How many could not be read.
    pub faulty: u64,
    /// The first of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LineFault>,
    /// What became of the fixes, when it was waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<BTreeMap<String, u64>>,
}

/// What is wrong with one position.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineFault {
    /// Line, or element of an array, from 1.
    pub line: u64,
    /// The field; `body` for the line as a whole.
    pub field: String,
    /// The rule it breaks.
    pub rule: String,
}
