//! What a day came to, counted in the world.

use serde::Serialize;

/// Counts since the world began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Fixes that devices sent.
    pub fixes: u64,
    /// Alarms raised by callers and points.
    pub alarms: u64,
    /// Of these, hung up.
    pub hung_up: u64,
    /// Of these, silent.
    pub silent: u64,
    /// Of these, wanting no unit.
    pub idle: u64,
    /// Of these, about a happening somebody had reported before.
    pub repeated: u64,
    /// SOS buttons that were pressed.
    pub sos: u64,
    /// Technical alarms raised.
    pub technicals: u64,
    /// Orders heard of for the first time.
    pub orders: u64,
    /// Requests of devices: progress, feedback, signs of life.
    pub reports: u64,
    /// Requests of automatic operators.
    pub operator_acts: u64,
    /// Requests that the centre refused.
    pub refused: u64,
}
