//! The thin driver of the writer: it feeds inputs in order, carries outputs out, and waits for the store. It decides
//! nothing (D3).

mod gate;
mod run;

use dispatch_writer::Limits as WriterLimits;

pub use self::gate::{Beside, Gate, Inbox, Ticket, gate};
pub use self::run::{Driver, keep_snapshot};
use crate::config::Limits;

/// The writer's own bounds: its lanes hold what the driver's channels hold.
pub fn writer_limits(limits: &Limits) -> WriterLimits {
    WriterLimits {
        alarms_max: limits.alarm_queue,
        commands_max: limits.command_queue,
        positions_max: limits.position_queue,
        ..WriterLimits::default()
    }
}
