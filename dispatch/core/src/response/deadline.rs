//! When the timers of docs/terms.md are due: by the priority of what they are on and by the class of its area.
//!
//! | timer | set when | due after |
//! |---|---|---|
//! | answer | the alarm comes | `answer_ms` |
//! | settle | an alarm is answered, or its caller reached | `claim_ms`, of priority 2 where none was said |
//! | call-back | an alarm ends silent or cut off | `claim_ms`, of priority 2 where none was said |
//! | claim, first order | the incident is made, put back, handed over or taken up again | by its priority |
//! | delivered | the order is sent to a unit | `delivered_ms` |
//! | signed | the order is sent | `signed_ms` |
//! | departed | the unit signs | readiness by its duty + `departed_slack_ms` |
//! | arrival | the unit signs, or leaves where it staged | `arrival_per_mille` of the high ETA |
//! | sign of life | the unit signs, moves on or confirms | `sign_of_life_ms` |
//! | feedback | the order is cleared | `feedback_ms` |
//! | notice | a recall or 补充警情 is on its way | `signed_ms` |
//! | support | a unit is asked for | `support_ms` |

use crate::kernel::id::{IncidentId, OrderId, TimerKey, UnitId};
use crate::kernel::kind::{Duty, Priority};
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::kernel::timer::Overdue;
use crate::kernel::timetable::TimerRow;
use crate::register::{ByPriority, Timers};
use crate::response::alarm::{Alarm, AlarmSource};
use crate::state::State;

/// Sets a timer a number of milliseconds after `from`.
pub(crate) fn set(state: &mut State, key: TimerKey, from: Time, ms: u32) {
    state.timers.set(key, from.plus_ms(ms));
}

/// The timer of an alarm, by the priority it was given or its type has. With neither it counts as urgent.
pub(crate) fn of_alarm(state: &State, alarm: &Alarm, by: fn(&Timers) -> ByPriority) -> u32 {
    let of_type = alarm.incident_type.as_ref().and_then(|code| state.register().types.get(code));
    let said = alarm.priority.or(of_type.map(|known| known.priority)).unwrap_or(Priority::P2);
    let priority = if alarm.source == AlarmSource::Sos { Priority::P1 } else { said };
    by(state.register().timers_in(&alarm.area))[priority.index()]
}

/// Sets a timer of an order.
pub(crate) fn set_of_order(
    state: &mut State,
    id: OrderId,
    key: fn(OrderId) -> TimerKey,
    from: Time,
    by: fn(&Timers) -> ByPriority,
) {
    set(state, key(id), from, of_order(state, id, by));
}

/// The timer of an order: by the priority of its incident and the area it was given for.
pub(crate) fn of_order(state: &State, order: OrderId, by: fn(&Timers) -> ByPriority) -> u32 {
    let order = state.orders().get(&order);
    let incident = order.and_then(|order| state.incidents().get(&order.incident));
    let priority = incident.map_or(Priority::P2, |incident| incident.priority);
    let timers = order.map_or(&state.register().timers, |order| state.register().timers_in(&order.area));
    by(timers)[priority.index()]
}

/// Starts the two timers of an incident that waits for somebody.
pub(crate) fn await_response(state: &mut State, incident: IncidentId, from: Time) {
    await_claim(state, incident, from);
    await_order(state, incident, from);
}

/// Starts the timer for a claim.
pub(crate) fn await_claim(state: &mut State, incident: IncidentId, from: Time) {
    start(state, incident, TimerKey::Claim(incident), from, |timers| timers.claim_ms);
}

/// Starts the timer for the first order.
pub(crate) fn await_order(state: &mut State, incident: IncidentId, from: Time) {
    start(state, incident, TimerKey::FirstOrder(incident), from, |timers| timers.first_order_ms);
}

/// Moves the two timers of an incident to its new priority or area, as far as they still run.
pub(crate) fn reprioritise(state: &mut State, incident: IncidentId, from: Time) {
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

fn start(state: &mut State, id: IncidentId, key: TimerKey, from: Time, by: fn(&Timers) -> ByPriority) {
    if let Some(incident) = state.incidents().get(&id) {
        let ms = by(state.register().timers_in(&incident.area))[incident.priority.index()];
        set(state, key, from, ms);
    }
}

/// Until a unit that signed must have departed: its readiness by its duty, and some slack.
pub(crate) fn departed_ms(state: &State, order: OrderId, unit: &UnitId) -> u32 {
    let readiness = state.register().units.get(unit).map_or(0, |entry| entry.readiness_ms);
    let readiness = match state.units().get(unit).map(|unit| unit.duty) {
        Some(Duty::OnCall) => readiness,
        Some(Duty::Reserve) => readiness.saturating_mul(2),
        Some(Duty::Patrolling | Duty::Off) | None => 0,
    };
    readiness.saturating_add(of_order(state, order, |timers| timers.departed_slack_ms))
}

/// Until a unit must have arrived; none where no ETA was known.
pub(crate) fn arrival_ms(state: &State, order: OrderId, eta_high_ms: u32) -> Option<u32> {
    let per_mille = of_order(state, order, |timers| timers.arrival_per_mille);
    let ms = u64::from(eta_high_ms) * u64::from(per_mille) / 1_000;
    (ms > 0).then(|| u32::try_from(ms).unwrap_or(u32::MAX))
}

/// The timers of one entity that stand.
pub(crate) struct Standing<'a> {
    state: &'a State,
    rows: Vec<&'a TimerRow>,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(state: &'a State, keys: &[TimerKey]) -> Self {
        Self { state, rows: keys.iter().filter_map(|key| state.timers.get(*key)).collect() }
    }

    pub(crate) fn of_order(state: &'a State, id: OrderId) -> Self {
        Self::of(state, &TimerKey::of_order(id))
    }

    /// The next deadline of those that have not run out.
    pub(crate) fn due(&self) -> Option<Time> {
        self.rows.iter().filter(|row| row.expired.is_none()).filter_map(|row| row.due).min()
    }

    pub(crate) fn overdue(&self) -> Vec<Overdue> {
        let overdue = |row: &&TimerRow| {
            Some(Overdue {
                timer: row.key,
                escalation: row.escalation.clone()?,
                since: row.expired?,
                phone: self.phone(row.key),
            })
        };
        self.rows.iter().filter_map(overdue).collect()
    }

    /// The number to phone about an order that a device does not show or a crew does not sign.
    fn phone(&self, key: TimerKey) -> Option<String> {
        let order = key.waits_for().as_order()?;
        let phoned = [TimerKey::Delivered(order), TimerKey::Signed(order), TimerKey::Notice(order)];
        if !phoned.contains(&key) {
            return None;
        }
        let Target::Unit(unit) = &self.state.orders().get(&order)?.target else { return None };
        self.state.register().units.get(unit)?.phone.clone()
    }
}
