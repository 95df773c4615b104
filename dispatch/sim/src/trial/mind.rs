//! What clients want next, by what they see: sources that call, operators at their seats, crews in their cars. They know
//! what is shown and nothing else, so that by the time a command is decided it may rest on what was.

use dispatch_core::alarm::{AlarmSource, AlarmState, OutcomeKind};
use dispatch_core::command::{
    AdvanceOrder, AnswerAlarm, CancelIncident, ClaimIncident, CloseIncident, Command, Dispatch, GiveFeedback,
    RaiseAlarm, RecallOrder, ReviewFeedback, SaveAlarm, SetDuty, SettleAlarm,
};
use dispatch_core::id::{IncidentId, OrderId, UnitId};
use dispatch_core::incident::{CancelReason, Disposition, FeedbackKind, Incident, IncidentState, Review};
use dispatch_core::kind::Mode;
use dispatch_core::order::{EndReason, Order, OrderState, StampSource, Target};
use dispatch_core::state::State;
use dispatch_core::unit::Duty;

use crate::chance::Chance;

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A caller or a device that calls for help.
    Source,
    /// A seat.
    Operator(&'static str),
    /// The crew of a unit.
    Crew(&'static str),
}

/// Everybody of a trial.
pub const EVERYBODY: [Who; 13] = [
    Who::Source,
    Who::Source,
    Who::Source,
    Who::Operator("north-dispatch"),
    Who::Operator("north-second"),
    Who::Operator("north-lead"),
    Who::Operator("south-dispatch"),
    Who::Operator("league-dispatch"),
    Who::Crew("N1"),
    Who::Crew("N2"),
    Who::Crew("N3"),
    Who::Crew("S1"),
    Who::Crew("T1"),
];

/// Types an operator chooses from.
const TYPES: [&str; 3] = ["theft", "crash", "blaze"];

/// What somebody wants, seeing this; nothing at times.
pub fn want(who: Who, seen: &State, chance: &mut Chance, press: u64) -> Option<Command> {
    match who {
        Who::Source => Some(call(seen, chance, press)),
        Who::Operator(seat) => operate(seat, seen, chance),
        Who::Crew(unit) => drive(&UnitId::from(unit), seen, chance, press),
    }
}

/// A call for help of a source, with nothing in it.
fn raise(source: AlarmSource) -> RaiseAlarm {
    RaiseAlarm {
        source,
        mode: Mode::Actual,
        number: None,
        point: None,
        unit: None,
        device: None,
        press: None,
        place: None,
        incident_type: None,
        priority: None,
        caller: None,
        words: None,
        silent: false,
        trunk: None,
        flaws: Vec::new(),
    }
}

fn call(seen: &State, chance: &mut Chance, press: u64) -> Command {
    let points: Vec<_> = seen.register.points.keys().cloned().collect();
    let point = chance.pick(&points).cloned();
    match chance.below(3) {
        0 => raise(AlarmSource::Call),
        1 => RaiseAlarm { point, press: Some(press.to_string()), ..raise(AlarmSource::Button) },
        _ => {
            let number = point.and_then(|point| Some(seen.register.points.get(&point)?.number.clone()));
            RaiseAlarm { number, ..raise(AlarmSource::Point) }
        }
    }
    .into()
}

fn operate(seat: &str, seen: &State, chance: &mut Chance) -> Option<Command> {
    let incidents: Vec<&Incident> = seen.incidents.values().collect();
    let incident = chance.pick(&incidents).copied();
    match chance.below(10) {
        0..=2 => alarm(seen, chance),
        3 => Some(claim(incident?.id, chance.happens(0.2))),
        4 | 5 => Some(dispatch(incident?, seat, seen, chance)),
        6 => recall(seen, chance),
        7 => report(seen, chance),
        _ => Some(towards_the_end(incident?, chance)),
    }
}

fn alarm(seen: &State, chance: &mut Chance) -> Option<Command> {
    let open: Vec<_> = seen.alarms.values().filter(|alarm| alarm.state != AlarmState::Settled).collect();
    let alarm = chance.pick(&open)?;
    let expected_version = Some(alarm.version);
    Some(match chance.below(4) {
        0 | 1 => AnswerAlarm { alarm: alarm.id }.into(),
        2 => SaveAlarm {
            alarm: alarm.id,
            expected_version,
            incident_type: chance.pick(&TYPES).map(|code| (*code).into()),
            priority: None,
            place: None,
            words: None,
            caller: None,
        }
        .into(),
        _ => SettleAlarm {
            alarm: alarm.id,
            expected_version,
            outcome: OutcomeKind::False,
            incident: None,
            agency: None,
            words: None,
        }
        .into(),
    })
}

fn claim(incident: IncidentId, take_over: bool) -> Command {
    ClaimIncident { incident, expected_version: None, take_over }.into()
}

fn dispatch(incident: &Incident, seat: &str, seen: &State, chance: &mut Chance) -> Command {
    let desk = seat.split('-').next().unwrap_or_default();
    let own: Vec<&UnitId> =
        seen.units.values().filter(|unit| unit.desk.as_str() == desk).map(|unit| &unit.id).collect();
    let all: Vec<&UnitId> = seen.units.keys().collect();
    let from = if chance.happens(0.9) && !own.is_empty() { &own } else { &all };
    let unit = chance.pick(from).map_or_else(|| UnitId::from("nobody"), |unit| (*unit).clone());
    Dispatch {
        incident: incident.id,
        expected_version: None,
        targets: vec![Target::Unit(unit)],
        recommendation: None,
        override_reason: None,
        words: None,
        stack: chance.happens(0.1),
        divert: chance.happens(0.1),
        confirmed: chance.happens(0.9),
        parent: None,
    }
    .into()
}

fn recall(seen: &State, chance: &mut Chance) -> Option<Command> {
    let orders: Vec<OrderId> = seen.orders.keys().copied().collect();
    let order = *chance.pick(&orders)?;
    Some(RecallOrder { order, expected_version: None, reason: EndReason::Mistaken, words: None }.into())
}

/// An operator says by voice what a crew reported.
fn report(seen: &State, chance: &mut Chance) -> Option<Command> {
    let orders: Vec<&Order> = seen.orders.values().collect();
    let order = chance.pick(&orders)?;
    let state =
        *chance.pick(&[OrderState::Signed, OrderState::Enroute, OrderState::OnScene, OrderState::Cleared])?;
    Some(advance(order.id, state, StampSource::Operator))
}

fn towards_the_end(incident: &Incident, chance: &mut Chance) -> Command {
    let id = incident.id;
    let given = incident.feedback.iter().find(|feedback| feedback.review == Review::Pending);
    match chance.below(6) {
        0 => {
            CancelIncident { incident: id, expected_version: None, reason: CancelReason::NothingFound }.into()
        }
        1 | 2 => CloseIncident { incident: id, expected_version: None }.into(),
        3 if incident.state == IncidentState::Active => GiveFeedback {
            incident: id,
            order: None,
            kind: FeedbackKind::Result,
            disposition: Some(Disposition::Resolved),
            words: None,
        }
        .into(),
        _ => match given {
            Some(feedback) => ReviewFeedback {
                incident: id,
                expected_version: None,
                feedback: feedback.id,
                accept: true,
                reason: None,
                words: None,
            }
            .into(),
            None => claim(id, false),
        },
    }
}

fn drive(unit: &UnitId, seen: &State, chance: &mut Chance, press: u64) -> Option<Command> {
    let of_ours = |order: &&Order| order.target == Target::Unit(unit.clone());
    let open: Vec<&Order> =
        seen.orders.values().filter(of_ours).filter(|order| !order.state.is_ended()).collect();
    if chance.happens(0.03) {
        let press = Some(press.to_string());
        return Some(RaiseAlarm { unit: Some(unit.clone()), press, ..raise(AlarmSource::Sos) }.into());
    }
    if chance.happens(0.05) {
        let duty = *chance.pick(&[Duty::Off, Duty::Patrolling, Duty::OnCall])?;
        return Some(SetDuty { unit: unit.clone(), duty }.into());
    }
    let order = chance.pick(&open)?;
    let next = match order.state {
        OrderState::Sent | OrderState::Delivered if chance.happens(0.1) => OrderState::Declined,
        OrderState::Sent | OrderState::Delivered => OrderState::Signed,
        OrderState::Signed => OrderState::Enroute,
        OrderState::Enroute | OrderState::Staged => OrderState::OnScene,
        _ => OrderState::Cleared,
    };
    Some(advance(order.id, next, StampSource::Device))
}

fn advance(order: OrderId, state: OrderState, source: StampSource) -> Command {
    let reason = (state == OrderState::Declined).then_some(EndReason::Vehicle);
    AdvanceOrder { order, state, at: None, source, voice: None, reason, words: None }.into()
}
