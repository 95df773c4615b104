//! When the timers of TERMS.md are due.
//!
//! | timer | set when | due after |
//! |---|---|---|
//! | answer | the alarm comes | `answer_ms` |
//! | settle | an alarm is answered, or its caller reached | `claim_ms` by its priority, 2 unless it says |
//! | call-back | an alarm ends silent or cut off | `claim_ms` of priority 2 |
//! | claim, first order | the incident is made, put back, handed over or taken up again | by its priority |
//! | delivered | the order is sent to a unit | `delivered_ms` |
//! | signed | the order is sent | `signed_ms` |
//! | departed | the unit signs | readiness by its duty + `departed_slack_ms` |
//! | arrival | the unit signs, or leaves where it staged | `arrival_per_mille` of the high ETA |
//! | sign of life | the unit signs, moves on or confirms | `sign_of_life_ms` |
//! | feedback | the order is cleared | `feedback_ms` |
//! | notice | a recall or 补充警情 is on its way | `signed_ms` |
//! | support | a unit is asked for | `support_ms` |

use crate::id::{IncidentId, UnitId};
use crate::kind::Priority;
use crate::register::Timers;
use crate::state::State;
use crate::time::Time;
use crate::timer::TimerKey;
use crate::unit::Duty;

/// Sets a timer so many milliseconds from `from`.
pub(super) fn set(state: &mut State, key: TimerKey, from: Time, ms: u32) {
    state.timers.set(key, from.plus_ms(ms));
}

/// How soon a call-back is due: it waits as an urgent incident waits for its claim.
pub(super) fn call_back_ms(state: &State) -> u32 {
    state.register.timers.claim_ms[Priority::P2.index()]
}

/// How soon an answered alarm must be settled: it waits as an incident of its priority waits for its claim.
pub(super) fn settle_ms(state: &State, said: Option<Priority>) -> u32 {
    state.register.timers.claim_ms[said.unwrap_or(Priority::P2).index()]
}

/// Starts the two timers of an incident that waits for somebody.
pub(super) fn await_response(state: &mut State, incident: IncidentId, from: Time) {
    await_claim(state, incident, from);
    await_order(state, incident, from);
}

/// Starts the timer for a claim.
pub(super) fn await_claim(state: &mut State, incident: IncidentId, from: Time) {
    start(state, incident, TimerKey::Claim(incident), from, |timers| timers.claim_ms);
}

/// Starts the timer for the first order.
pub(super) fn await_order(state: &mut State, incident: IncidentId, from: Time) {
    start(state, incident, TimerKey::FirstOrder(incident), from, |timers| timers.first_order_ms);
}

/// Moves the two timers of an incident to its new priority, as far as they still run.
pub(super) fn reprioritise(state: &mut State, incident: IncidentId, from: Time) {
    if runs(state, TimerKey::Claim(incident)) {
        await_claim(state, incident, from);
    }
    if runs(state, TimerKey::FirstOrder(incident)) {
        await_order(state, incident, from);
    }
}

fn runs(state: &State, key: TimerKey) -> bool {
    state.timers.get(key).is_some_and(|row| row.expired.is_none())
}

fn start(state: &mut State, id: IncidentId, key: TimerKey, from: Time, by: fn(&Timers) -> [u32; 3]) {
    if let Some(incident) = state.incidents.get(&id) {
        let ms = by(&state.register.timers)[incident.priority.index()];
        set(state, key, from, ms);
    }
}

/// Until a unit that signed must have departed: its readiness by its duty, and some slack.
pub(super) fn departed_ms(state: &State, unit: &UnitId) -> u32 {
    let readiness = state.register.units.get(unit).map_or(0, |entry| entry.readiness_ms);
    let readiness = match state.units.get(unit).map(|unit| unit.duty) {
        Some(Duty::OnCall) => readiness,
        Some(Duty::Reserve) => readiness.saturating_mul(2),
        Some(Duty::Patrolling | Duty::Off) | None => 0,
    };
    readiness.saturating_add(state.register.timers.departed_slack_ms)
}

/// Until a unit must have arrived; none where no ETA was known.
pub(super) fn arrival_ms(state: &State, eta_high_ms: u32) -> Option<u32> {
    let ms = u64::from(eta_high_ms) * u64::from(state.register.timers.arrival_per_mille) / 1_000;
    (ms > 0).then(|| u32::try_from(ms).unwrap_or(u32::MAX))
}
