//! What the index of live units knows of a unit beside its place: 64 bits, made from state and never read back into
//! it. An order is validated against state, never against a mask (D8).
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 39 | the region's capability kinds and authority classes, by position in [`Register::kinds`] (D16) |
//! | 40 | [`AVAILABLE`]: can take a new order |
//! | 41 | [`ON_DUTY`]: 上勤, its positions are taken |
//! | 42 | [`IN_SERVICE`]: not 停用 |
//! | 43 | [`CALLS_FOR_HELP`]: 紧急求助 is open |

use std::collections::BTreeSet;

use geo_index::Filter;

use crate::kernel::id::{KindCode, UnitId};
use crate::kernel::kind::Duty;
use crate::kernel::recommendation::Need;
use crate::register::{KINDS_MAX, Register, UnitEntry};
use crate::response::unit::Unit;
use crate::state::State;

/// Can take a new order: see [`is_available`].
pub const AVAILABLE: u64 = 1 << 40;
/// On duty, in whatever readiness.
pub const ON_DUTY: u64 = 1 << 41;
/// Not out of service.
pub const IN_SERVICE: u64 = 1 << 42;
/// An SOS of this unit is open.
pub const CALLS_FOR_HELP: u64 = 1 << 43;

/// Whether a unit can take a new order: registered, on duty, in service, without an active order and without one it
/// was asked to leave that for, and not itself calling for help.
pub fn is_available(entry: &UnitEntry, unit: &Unit) -> bool {
    !entry.retired
        && unit.duty != Duty::Off
        && unit.out_of_service.is_none()
        && unit.active.is_none()
        && unit.divert.is_none()
        && !unit.sos
}

/// The mask of a unit; 0 when it is unknown or retired.
pub fn mask(state: &State, unit: &UnitId) -> u64 {
    let (Some(entry), Some(unit)) = (state.register().units.get(unit), state.units().get(unit)) else {
        return 0;
    };
    if entry.retired {
        return 0;
    }
    let status = [
        (AVAILABLE, is_available(entry, unit)),
        (ON_DUTY, unit.duty != Duty::Off),
        (IN_SERVICE, unit.out_of_service.is_none()),
        (CALLS_FOR_HELP, unit.sos),
    ];
    status
        .iter()
        .filter(|(_, holds)| *holds)
        .fold(kinds(state.register(), entry), |mask, (bit, _)| mask | bit)
}

/// The bits of a unit's class and capabilities. What the region does not list has no bit and cannot be asked for.
fn kinds(register: &Register, entry: &UnitEntry) -> u64 {
    let capabilities = entry.capabilities.iter().filter_map(|code| bit(register, code, false));
    capabilities.chain(bit(register, &entry.class, true)).fold(0, |mask, bit| mask | bit)
}

/// The bit of a capability kind, or of an authority class: a class is not a capability, even under the same code.
fn bit(register: &Register, code: &KindCode, class: bool) -> Option<u64> {
    let position = register.kinds.iter().position(|kind| kind.code == *code && kind.class == class)?;
    (position < KINDS_MAX).then(|| 1 << position)
}

/// What an available unit must have to fill a line of a run card; `None` when the line asks for something that the
/// region does not know, or for forbidden classes only: then nobody can fill it.
pub fn need_filter(register: &Register, need: &Need, forbidden: &BTreeSet<KindCode>) -> Option<Filter> {
    let mut require = AVAILABLE;
    for capability in &need.capabilities {
        require |= bit(register, capability, false)?;
    }
    let classes = |codes: &BTreeSet<KindCode>| {
        codes.iter().filter_map(|code| bit(register, code, true)).fold(0, |mask, bit| mask | bit)
    };
    let forbid = classes(forbidden);
    let any_of = classes(&need.classes) & !forbid;
    (need.classes.is_empty() || any_of != 0).then_some(Filter { require, forbid, any_of })
}
