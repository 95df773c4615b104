//! What leaves the world, in the order it leaves, and what comes back: the same for a driver that speaks HTTP and for
//! a test that reads the log. An intent is a command of the core with what travels beside it.

use dispatch_core::Coord;
use dispatch_core::command::Command;
use dispatch_core::kernel::id::{ActorId, AlarmId, SeatId, TechnicalId, UnitId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::time::Time;
use serde::Serialize;

/// One thing said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Gapless from 1 in one world; the answer names it.
    pub serial: u64,
    /// When it leaves.
    pub at: Time,
    /// What is said.
    pub body: Body,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A device tells where it is.
    Fix(Fix),
    /// Somebody or something sends a command.
    Intent(Box<Intent>),
}

/// Where a unit was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// The unit whose device tells.
    pub unit: UnitId,
    /// Where, with the receiver's noise.
    pub at: Coord,
    /// Speed in cm/s.
    pub speed_cm_s: u32,
    /// Degrees clockwise from north, 0 to 359.
    pub heading_deg: u16,
    /// When, by the receiver.
    pub fix_time: Time,
}

/// A command as its sender means it. The driver adds an id and keeps it through every retry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intent {
    /// The account, device or source that sends it.
    pub actor: ActorId,
    /// The seat, for an operator.
    pub seat: Option<SeatId>,
    /// The way it comes in.
    pub channel: Channel,
    /// When it happened, which may be long before it leaves.
    pub occurred_at: Time,
    /// What is asked, with its fields.
    pub command: Command,
    /// What is said or typed; becomes a words record.
    pub text: Option<String>,
    /// The caller's number.
    pub caller: Option<String>,
}

impl Intent {
    /// A command without words, seat or way of its own: what a device sends.
    pub fn of_device(actor: &str, at: Time, command: impl Into<Command>) -> Self {
        Self {
            actor: ActorId::from(actor),
            seat: None,
            channel: Channel::Device,
            occurred_at: at,
            command: command.into(),
            text: None,
            caller: None,
        }
    }
}

/// What the centre said to a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It was done.
    Accepted {
        /// The alarm raised or changed.
        alarm: Option<AlarmId>,
        /// The technical alarm raised or changed.
        technical: Option<TechnicalId>,
    },
    /// Not done, and why.
    Refused(Box<Refusal>),
    /// Not done for a reason that is not the core's: its form was wrong, or it was given up.
    Failed,
}
