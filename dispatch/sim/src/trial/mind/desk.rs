//! Operators: they answer, find out, send, follow, and bring to an end.

use dispatch_core::command::{
    AnswerAlarm, AnswerSupport, CancelIncident, ClaimIncident, ClassifyIncident, CloseCallBack,
    CloseIncident, Command, ConfirmLife, Dispatch, EndSupport, GiveFeedback, HandOverIncident, LinkIncidents,
    MergeIncident, MoveIncident, NoteIncident, RecallOrder, ReleaseCaller, RenewRecommendation,
    ReopenIncident, RequestSupport, ReviewFeedback, SaveAlarm, SettleAlarm, SplitIncident,
    StopAutomaticOrder,
};
use dispatch_core::kernel::id::{DeskId, UnitId};
use dispatch_core::kernel::kind::{IncidentState, OrderState, OutcomeKind, Priority};
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::{Alarm, AlarmState, CallBackResult};
use dispatch_core::response::automatic::AutomaticOrder;
use dispatch_core::response::feedback::{Disposition, FeedbackKind, ReturnReason, Review};
use dispatch_core::response::incident::{CancelReason, Incident, LinkKind};
use dispatch_core::response::order::{EndReason, Order, OverrideReason, StampSource};
use dispatch_core::response::support::{Support, SupportReason, SupportState};
use dispatch_core::state::State;

use super::Sight;
use super::call::anywhere;
use super::crew::{advance, sign};
use crate::chance::Chance;

/// Types an operator chooses from.
const TYPES: [&str; 5] = ["theft", "crash", "crash", "blaze", "armed"];

pub(super) fn operate(seat: &str, sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let incidents: Vec<&Incident> = sight.seen.incidents().values().collect();
    // Mostly one looks at what is one's own.
    let desk = own_desk(seat);
    let own: Vec<&Incident> = incidents.iter().copied().filter(|incident| incident.desk == desk).collect();
    let from = if chance.happens(0.7) { &own } else { &incidents };
    let incident = chance.pick(from).copied();
    let counting =
        incidents.iter().find(|incident| incident.automatic.as_ref().is_some_and(AutomaticOrder::counts));
    if let Some(counting) = counting.filter(|_| chance.happens(0.3)) {
        return Some(StopAutomaticOrder { incident: counting.id }.into());
    }
    if let Some(done) = incident.filter(|incident| is_done(incident)).filter(|_| chance.happens(0.6)) {
        return Some(towards_the_end(done, sight, chance));
    }
    match chance.below(20) {
        0..5 => alarm(sight, chance),
        5 | 6 => Some(claim(incident?, chance)),
        7..10 => Some(dispatch(incident?, seat, sight.seen, chance)),
        10 | 11 => order(sight, chance),
        12 | 13 => Some(find_out(incident?, sight, chance)),
        14 => Some(rearrange(incident?, &incidents, chance)),
        15 | 16 => support(incident?, seat, sight.seen, chance),
        17 => again(sight, chance),
        _ => Some(towards_the_end(incident?, sight, chance)),
    }
}

fn own_desk(seat: &str) -> DeskId {
    seat.split('-').next().unwrap_or_default().into()
}

fn alarm(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let all: Vec<&Alarm> = sight.seen.alarms().values().collect();
    let owed: Vec<&Alarm> = all.iter().copied().filter(|alarm| alarm.call_back.is_some()).collect();
    if let Some(alarm) = chance.pick(&owed).filter(|_| chance.happens(0.2)) {
        let result = if chance.happens(0.5) { CallBackResult::Reached } else { CallBackResult::Unanswered };
        return Some(CloseCallBack { alarm: alarm.id, result }.into());
    }
    let open: Vec<&Alarm> = all.iter().copied().filter(|alarm| alarm.state != AlarmState::Settled).collect();
    let late = chance.happens(0.05);
    let alarm = *chance.pick(if late { &all } else { &open })?;
    Some(match chance.below(5) {
        0 | 1 => AnswerAlarm { alarm: alarm.id }.into(),
        2 | 3 => SaveAlarm {
            alarm: alarm.id,
            expected_version: None,
            incident_type: chance.pick(&TYPES).filter(|_| chance.happens(0.8)).map(|code| (*code).into()),
            priority: chance.happens(0.2).then_some(Priority::P1),
            place: chance.happens(0.5).then(|| anywhere(chance)),
            words: sight.perhaps(chance),
            caller: chance.happens(0.2).then(|| super::caller(sight.fresh)),
        }
        .into(),
        _ => settle(alarm, sight, chance),
    })
}

fn settle(alarm: &Alarm, sight: Sight<'_>, chance: &mut Chance) -> Command {
    use OutcomeKind::{Advice, Duplicate, False, HungUp, Incident, Silent, Transferred};
    let outcome = *chance
        .pick(&[False, False, Advice, Duplicate, Duplicate, Transferred, Silent, HungUp, Incident])
        .unwrap_or(&False);
    let incidents: Vec<_> = sight.seen.incidents().keys().copied().collect();
    SettleAlarm {
        alarm: alarm.id,
        expected_version: None,
        outcome,
        incident: chance.pick(&incidents).copied().filter(|_| outcome == Duplicate && !chance.happens(0.05)),
        agency: (outcome == Transferred)
            .then(|| if chance.happens(0.8) { "rail".into() } else { "nobody".into() }),
        words: sight.perhaps(chance),
    }
    .into()
}

fn claim(incident: &Incident, chance: &mut Chance) -> Command {
    ClaimIncident { incident: incident.id, expected_version: None, take_over: chance.happens(0.2) }.into()
}

fn dispatch(incident: &Incident, seat: &str, seen: &State, chance: &mut Chance) -> Command {
    let desk = own_desk(seat);
    let own: Vec<&UnitId> =
        seen.units().values().filter(|unit| unit.desk == desk).map(|unit| &unit.id).collect();
    let all: Vec<&UnitId> = seen.units().keys().collect();
    let from = if chance.happens(0.9) && !own.is_empty() { &own } else { &all };
    let unit = |chance: &mut Chance| {
        let unit = chance.pick(from).map_or_else(|| UnitId::from("nobody"), |unit| (*unit).clone());
        Target::Unit(unit)
    };
    let mut targets = vec![unit(chance)];
    match chance.below(12) {
        0 => targets.push(unit(chance)),
        1 => targets = vec![Target::Desk("steppe".into())],
        2 => targets = vec![Target::Desk(if chance.happens(0.8) { "south".into() } else { desk })],
        3 => targets = vec![Target::Agency("rail".into())],
        4 if chance.happens(0.2) => targets.clear(),
        _ => {}
    }
    let recommendation = incident.recommendation.filter(|_| chance.happens(0.5));
    let override_reason = chance.happens(0.2).then_some(OverrideReason::Nearer);
    Dispatch {
        incident: incident.id,
        expected_version: None,
        targets,
        recommendation,
        override_reason,
        words: None,
        stack: chance.happens(0.15),
        divert: chance.happens(0.15),
        confirmed: chance.happens(0.8),
        parent: None,
    }
    .into()
}

/// An operator recalls, or says what a crew reported by voice.
fn order(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let orders: Vec<&Order> = sight.seen.orders().values().collect();
    let order = *chance.pick(&orders)?;
    let (id, expected_version) = (order.id, None);
    let voice = StampSource::Voice;
    Some(match chance.below(10) {
        0..3 => {
            let reason = if chance.happens(0.05) { EndReason::Diverted } else { EndReason::Mistaken };
            RecallOrder { order: id, expected_version, reason, words: sight.perhaps(chance) }.into()
        }
        3 | 4 => ReleaseCaller { order: id, expected_version }.into(),
        5 if chance.happens(0.5) => {
            ConfirmLife { order: id, source: StampSource::Operator, at: None, voice: None, words: None }
                .into()
        }
        5 => sign(id, voice, sight, chance),
        _ => {
            use OrderState::{Cleared, Enroute, Expired, Failed, OnScene, Signed, Staged};
            let state =
                *chance.pick(&[Signed, Signed, Enroute, Staged, OnScene, Cleared, Failed, Expired])?;
            let source = *chance.pick(&[StampSource::Operator, voice, StampSource::Device])?;
            let said = advance(id, state, source, chance);
            let at = match chance.below(10) {
                0 => Some(Time(order.created_at.0 - 5_000_000)),
                1 => Some(sight.now.plus_ms(60_000)),
                2 => Some(sight.now),
                _ => None,
            };
            dispatch_core::command::AdvanceOrder { at, ..said }.into()
        }
    })
}

fn find_out(incident: &Incident, sight: Sight<'_>, chance: &mut Chance) -> Command {
    let (id, expected_version) = (incident.id, None);
    match chance.below(6) {
        0 | 1 => ClassifyIncident {
            incident: id,
            expected_version,
            incident_type: chance.pick(&TYPES).map(|code| (*code).into()),
            priority: chance.happens(0.3).then_some(Priority::P1),
        }
        .into(),
        2 => MoveIncident { incident: id, expected_version, place: anywhere(chance) }.into(),
        3 => StopAutomaticOrder { incident: id }.into(),
        4 => RenewRecommendation { incident: id }.into(),
        _ => NoteIncident {
            incident: id,
            words: if chance.happens(0.1) {
                incident.notes.first().copied().unwrap_or(sight.words())
            } else {
                sight.words()
            },
            danger: chance.happens(0.4),
            caller_withdrew: chance.happens(0.2),
        }
        .into(),
    }
}

/// Which incidents there are, and whose they are.
fn rearrange(incident: &Incident, all: &[&Incident], chance: &mut Chance) -> Command {
    let (id, expected_version) = (incident.id, None);
    let other = chance.pick(all).map_or(id, |other| other.id);
    match if incident.alarms.len() > 1 { 2 } else { chance.below(5) } {
        0 => {
            let kind = if chance.happens(0.9) { LinkKind::Related } else { LinkKind::SplitFrom };
            LinkIncidents { incident: id, expected_version, other, kind }.into()
        }
        1 => MergeIncident { incident: id, expected_version, into: other, into_version: None }.into(),
        2 | 3 => {
            let going = incident.alarms.len().saturating_sub(usize::from(chance.happens(0.9)));
            let alarms = incident.alarms.iter().copied().take(going).collect();
            let place = chance.happens(0.3).then(|| anywhere(chance));
            SplitIncident { incident: id, expected_version, alarms, place }.into()
        }
        _ => {
            let desk = *chance.pick(&["north", "south", "league", "steppe", "nowhere"]).unwrap_or(&"north");
            HandOverIncident { incident: id, expected_version, desk: desk.into() }.into()
        }
    }
}

fn support(incident: &Incident, seat: &str, seen: &State, chance: &mut Chance) -> Option<Command> {
    let desk = own_desk(seat);
    let requests: Vec<&Support> = seen.supports().values().collect();
    let open: Vec<&Support> =
        requests.iter().copied().filter(|support| support.state == SupportState::Open).collect();
    match chance.below(4) {
        0 => {
            let units: Vec<&UnitId> =
                seen.units().values().filter(|unit| unit.desk != desk).map(|unit| &unit.id).collect();
            let unit = (*chance.pick(&units)?).clone();
            Some(RequestSupport { unit, incident: incident.id }.into())
        }
        1 | 2 => {
            let late = chance.happens(0.1);
            let support = chance.pick(if late { &requests } else { &open })?.id;
            let grant = chance.happens(0.7);
            let reason = (!grant && !chance.happens(0.1)).then_some(SupportReason::NeededHere);
            Some(AnswerSupport { support, grant, reason, words: None }.into())
        }
        _ => Some(EndSupport { support: chance.pick(&requests)?.id }.into()),
    }
}

/// Somebody asks for what is over and has left the screen.
fn again(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let incident = *chance.pick(sight.gone)?;
    Some(ReopenIncident { incident, words: sight.perhaps(chance) }.into())
}

/// Its result was accepted.
fn is_done(incident: &Incident) -> bool {
    let mut results = incident.feedback.iter().filter(|told| told.kind == FeedbackKind::Result);
    incident.state == IncidentState::Active && results.any(|told| told.review == Review::Accepted)
}

fn towards_the_end(incident: &Incident, sight: Sight<'_>, chance: &mut Chance) -> Command {
    let (id, expected_version) = (incident.id, None);
    let pending: Vec<_> =
        incident.feedback.iter().filter(|feedback| feedback.review == Review::Pending).collect();
    let all: Vec<_> = incident.feedback.iter().collect();
    let late = chance.happens(0.1);
    if is_done(incident) && chance.happens(0.5) {
        return CloseIncident { incident: id, expected_version }.into();
    }
    match chance.below(8) {
        0 => CancelIncident { incident: id, expected_version, reason: CancelReason::NothingFound }.into(),
        1 | 2 => CloseIncident { incident: id, expected_version }.into(),
        3 if incident.state != IncidentState::Active => {
            ReopenIncident { incident: id, words: sight.perhaps(chance) }.into()
        }
        3 | 4 if incident.state == IncidentState::Active => GiveFeedback {
            incident: id,
            order: None,
            kind: FeedbackKind::Result,
            disposition: Some(Disposition::Resolved),
            words: sight.perhaps(chance),
        }
        .into(),
        _ => match chance.pick(if late { &all } else { &pending }) {
            Some(feedback) => {
                let accept = chance.happens(0.8);
                let reason = (accept == chance.happens(0.05)).then_some(ReturnReason::Incomplete);
                ReviewFeedback {
                    incident: id,
                    expected_version,
                    feedback: feedback.id,
                    accept,
                    reason,
                    words: None,
                }
                .into()
            }
            None => claim(incident, chance),
        },
    }
}
