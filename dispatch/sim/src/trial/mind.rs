//! What clients want next, by what they see: sources that call, operators at their seats, crews in their cars, gear that
//! breaks. They know what is shown and nothing else, so that by the time a command is decided it may rest on what was.

mod call;
mod crew;
mod desk;
mod lead;
mod plain;

use dispatch_core::command::Command;
use dispatch_core::kernel::id::{IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use uuid::Uuid;

use crate::chance::Chance;

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A caller or a device that calls for help.
    Source,
    /// A seat that answers, dispatches and closes.
    Operator(&'static str),
    /// A seat that leads a shift and keeps the register.
    Lead(&'static str),
    /// The crew of a unit.
    Crew(&'static str),
    /// What reports of itself that it does not work.
    Gear,
}

/// Everybody of a trial.
pub const EVERYBODY: [Who; 18] = [
    Who::Source,
    Who::Source,
    Who::Source,
    Who::Operator("north-dispatch"),
    Who::Operator("north-second"),
    Who::Operator("north-call"),
    Who::Operator("south-dispatch"),
    Who::Operator("league-dispatch"),
    Who::Operator("steppe-dispatch"),
    Who::Lead("north-lead"),
    Who::Lead("league-lead"),
    Who::Crew("N1"),
    Who::Crew("N2"),
    Who::Crew("N3"),
    Who::Crew("S1"),
    Who::Crew("S2"),
    Who::Crew("T1"),
    Who::Gear,
];

/// What somebody sees, and a number nobody had before.
#[derive(Clone, Copy)]
pub struct Sight<'s> {
    /// What is shown.
    pub seen: &'s State,
    /// When it is seen, by the node's clock.
    pub now: Time,
    /// How far the machine's clock is ahead, milliseconds, where consoles are told that it is in doubt.
    pub clock_ahead_ms: Option<i64>,
    /// Incidents that left it.
    pub gone: &'s [IncidentId],
    /// For presses, words and devices.
    pub fresh: u64,
}

impl Sight<'_> {
    /// New words.
    fn words(&self) -> WordsId {
        said(self.fresh)
    }

    /// Or none.
    fn perhaps(&self, chance: &mut Chance) -> Option<WordsId> {
        chance.happens(0.3).then(|| self.words())
    }
}

/// Where ids of words begin.
const BY_VOICE: u128 = 0x5a1d << 64;

/// The words of a number; the caller's name goes by the one after.
pub fn said(number: u64) -> WordsId {
    WordsId(Uuid::from_u128(BY_VOICE | (u128::from(number) * 2)))
}

/// A caller's name or number.
pub fn caller(number: u64) -> WordsId {
    WordsId(Uuid::from_u128(BY_VOICE | (u128::from(number) * 2 + 1)))
}

/// What somebody wants, seeing this; nothing at times.
pub fn want(who: Who, sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let at_desk = matches!(who, Who::Operator(_) | Who::Lead(_));
    if at_desk && chance.happens(0.04) {
        return plain::act(sight, chance);
    }
    match who {
        Who::Source => Some(call::call(sight, chance)),
        Who::Operator(seat) => desk::operate(seat, sight, chance),
        Who::Lead(seat) => lead::lead(seat, sight, chance),
        Who::Crew(unit) => crew::drive(&unit.into(), sight, chance),
        Who::Gear => Some(lead::break_down(sight, chance)),
    }
}
