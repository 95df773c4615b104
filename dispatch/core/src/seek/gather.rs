//! What the writer gathers before a decision: the place of the command with its area, and the units examined where the
//! command can lead to an order or put an incident back into the queue (D1).
//!
//! | command | place | examined |
//! |---|---|---|
//! | raise | of the alarm | for the incident it makes, or may move where the press came before |
//! | save, call-back unanswered, silent line settled | of the alarm | for the incident it may make |
//! | move, split | the new one | for the incident moved or made, and the crews on their way |
//! | merge | – | the incident that remains, and the crews that go over |
//! | classify, dispatch, reopen, renew | – | the incident; an archived one by `Evidence::with_archived` |
//! | decline, fail, expire, recall, recall signed | – | the order's incident |
//! | sign, depart, arrive | – | the incident a diverted unit leaves |
//! | tick | – | every incident whose unsigned order has escalated, or whose automatic order is due |
//! | technical alarm | of its point or unit | – |
//!
//! **Absent on purpose**: decisions and refusals. What a command names and state does not know is left out here and
//! refused there.

mod archived;
mod located;

use crate::command::{
    AdvanceOrder, ClassifyIncident, CloseCallBack, Dispatch, Envelope, MergeIncident, MoveIncident,
    RaiseAlarm, RaiseTechnical, RecallOrder, RenewRecommendation, ReopenIncident, SaveAlarm, SettleAlarm,
    SignNotice, SplitIncident, Tick,
};
use crate::decide::EXPIRIES_PER_TICK_MAX;
use crate::kernel::evidence::{Evidence, Located};
use crate::kernel::id::{DeskId, IncidentId, OrderId, TimerKey, TypeCode, UnitId};
use crate::kernel::kind::{IncidentState, OrderState, OutcomeKind, Priority};
use crate::kernel::place::Place;
use crate::kernel::recommendation::Examination;
use crate::kernel::target::Target;
use crate::kernel::time::{LocalTime, Time};
use crate::register::landing::landing_desk;
use crate::response::alarm::{Alarm, AlarmSource, CallBackResult};
use crate::response::incident::Incident;
use crate::seek::examine::Question;
pub use crate::seek::gather::located::area_of;
use crate::seek::live_map::LiveMap;
use crate::state::State;

/// Gathers the evidence for a command; `local` is what a clock in the region shows at `now`.
pub fn gather(
    state: &State,
    live_map: &LiveMap,
    envelope: &Envelope,
    now: Time,
    local: LocalTime,
) -> Evidence {
    let gathering = Gathering { state, live_map, now, local };
    let evidence = envelope.command.gather(&gathering, envelope);
    Evidence { local, ..evidence }
}

/// What is looked at.
pub(crate) struct Gathering<'a> {
    state: &'a State,
    live_map: &'a LiveMap,
    now: Time,
    local: LocalTime,
}

/// What the evidence for an incident not made yet rests on.
struct Unborn<'a> {
    incident_type: Option<&'a TypeCode>,
    priority: Option<Priority>,
    desk: Option<&'a DeskId>,
    caller: Option<&'a UnitId>,
}

/// What a command needs to be gathered for it. A row that says `seeks` has an answer below; all others need nothing.
pub(crate) trait Gather {
    /// The evidence for the command, but for the local time.
    fn gather(&self, _: &Gathering<'_>, _: &Envelope) -> Evidence {
        Evidence::default()
    }
}

impl Gather for RaiseAlarm {
    fn gather(&self, gathering: &Gathering<'_>, envelope: &Envelope) -> Evidence {
        let found =
            located::of_alarm(gathering.state, gathering.live_map, self, envelope.occurred_at, gathering.now);
        // One that rings makes no incident yet; only a press sent again may move one.
        if !self.source.is_immediate() && self.press.is_none() {
            return Evidence { located: Some(found), ..Evidence::default() };
        }
        let unborn = Unborn {
            incident_type: self.incident_type.as_ref(),
            priority: if self.source == AlarmSource::Sos { Some(Priority::P1) } else { self.priority },
            desk: self.trunk.as_ref().and_then(|trunk| gathering.state.register().trunks.get(trunk)),
            caller: self.unit.as_ref().filter(|_| self.source == AlarmSource::Sos),
        };
        gathering.unborn(found, &unborn)
    }
}

impl Gather for SaveAlarm {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let Some(alarm) = gathering.state.alarms().get(&self.alarm) else { return Evidence::default() };
        let found = match &self.place {
            Some(place) => located::resolve(gathering.state, gathering.live_map, place),
            None => located::again(alarm),
        };
        let unborn = Unborn {
            incident_type: self.incident_type.as_ref().or(alarm.incident_type.as_ref()),
            priority: self.priority.or(alarm.priority),
            desk: Some(&alarm.desk),
            caller: alarm.unit.as_ref().filter(|_| alarm.source == AlarmSource::Sos),
        };
        gathering.unborn(found, &unborn)
    }
}

impl Gather for SettleAlarm {
    /// Units are looked for as soon as a line is settled only if the caller is silent.
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let cut_off = matches!(self.outcome, OutcomeKind::Silent | OutcomeKind::HungUp);
        gathering
            .sent_to_look(gathering.state.alarms().get(&self.alarm).filter(|alarm| cut_off && alarm.silent))
    }
}

impl Gather for CloseCallBack {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let alarm = gathering.state.alarms().get(&self.alarm);
        gathering.sent_to_look(alarm.filter(|_| self.result == CallBackResult::Unanswered))
    }
}

impl Gather for RaiseTechnical {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let Gathering { state, live_map, now, .. } = *gathering;
        let place = located::of_source(state, live_map, self.point.as_ref(), self.unit.as_ref(), now);
        Evidence { located: place, ..Evidence::default() }
    }
}

impl Gather for ClassifyIncident {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        gathering.question(self.incident, |question| Question {
            incident_type: self.incident_type.as_ref().or(question.incident_type),
            priority: self.priority.unwrap_or(question.priority),
            ..question
        })
    }
}

impl Gather for MoveIncident {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let found = located::resolve(gathering.state, gathering.live_map, &self.place);
        let named = gathering.targets(self.incident);
        let evidence = gathering.question(self.incident, |question| Question {
            place: &found.place,
            area: &found.area,
            named: &named,
            ..question
        });
        Evidence { located: Some(found.clone()), ..evidence }
    }
}

impl Gather for MergeIncident {
    /// The crews that go over, and where to: the place of the incident that remains, or of the other where nobody
    /// knows that one's.
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let Some(ending) = gathering.state.incidents().get(&self.incident) else {
            return Evidence::default();
        };
        let named = gathering.targets(self.incident);
        gathering.question(self.into, |question| {
            let (place, area) = if question.place.is_known() {
                (question.place, question.area)
            } else {
                (&ending.place, &ending.area)
            };
            Question { place, area, named: &named, ..question }
        })
    }
}

impl Gather for SplitIncident {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let Some(incident) = gathering.state.incidents().get(&self.incident) else {
            return Evidence::default();
        };
        let first = self.alarms.first().and_then(|alarm| gathering.state.alarms().get(alarm));
        let found = match (&self.place, first) {
            (Some(place), _) => located::resolve(gathering.state, gathering.live_map, place),
            (None, Some(alarm)) => located::again(alarm),
            (None, None) => {
                Located { place: incident.place.clone(), area: incident.area.clone(), fix_age_ms: None }
            }
        };
        let unborn = Unborn {
            incident_type: first
                .and_then(|alarm| alarm.incident_type.as_ref())
                .or(incident.incident_type.as_ref()),
            priority: Some(incident.priority),
            desk: Some(&incident.desk),
            caller: None,
        };
        gathering.unborn(found, &unborn)
    }
}

impl Gather for Dispatch {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        gathering.question(self.incident, |question| Question { named: &self.targets, ..question })
    }
}

impl Gather for ReopenIncident {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        gathering.question(self.incident, |question| question)
    }
}

impl Gather for RenewRecommendation {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        gathering.question(self.incident, |question| question)
    }
}

impl Gather for AdvanceOrder {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        match self.state {
            OrderState::Declined | OrderState::Failed | OrderState::Expired | OrderState::Recalled => {
                gathering.put_back(self.order)
            }
            taken_up if taken_up.is_signed_open() => {
                let left = gathering.left_for(self.order).and_then(|left| gathering.active(left));
                let left = left.map(|incident| (incident.id, gathering.of_active(incident)));
                Evidence { examinations: left.into_iter().collect(), ..Evidence::default() }
            }
            _ => Evidence::default(),
        }
    }
}

impl Gather for RecallOrder {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        gathering.put_back(self.order)
    }
}

impl Gather for SignNotice {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        let recalled = gathering.state.orders().get(&self.order).is_some_and(|order| order.recall_pending);
        if recalled { gathering.put_back(self.order) } else { Evidence::default() }
    }
}

impl Gather for Tick {
    fn gather(&self, gathering: &Gathering<'_>, _: &Envelope) -> Evidence {
        // An order expires only after it has escalated; a timer that runs out for the first time needs no units.
        let due = gathering.state.timers.due(gathering.now).take(EXPIRIES_PER_TICK_MAX);
        let overdue = due.filter_map(|row| {
            let (order, incident) = (row.key.waits_for().as_order(), row.key.waits_for().as_incident());
            let unsigned =
                order.filter(|order| row.key == TimerKey::Signed(*order) && row.escalation.is_some());
            let automatic = incident.filter(|incident| row.key == TimerKey::Automatic(*incident));
            let of_order = || gathering.active(unsigned?);
            automatic.and_then(|incident| gathering.state.incidents().get(&incident)).or_else(of_order)
        });
        let mut evidence = Evidence::default();
        for incident in overdue {
            evidence.examinations.entry(incident.id).or_insert_with(|| gathering.of_active(incident));
        }
        evidence
    }
}

impl Gathering<'_> {
    fn sent_to_look(&self, alarm: Option<&Alarm>) -> Evidence {
        let Some(alarm) = alarm else { return Evidence::default() };
        let unborn = Unborn {
            incident_type: alarm.incident_type.as_ref(),
            priority: alarm.priority,
            desk: Some(&alarm.desk),
            caller: None,
        };
        self.unborn(located::again(alarm), &unborn)
    }

    /// The targets of an incident's open orders.
    fn targets(&self, incident: IncidentId) -> Vec<Target> {
        let Some(incident) = self.state.incidents().get(&incident) else { return Vec::new() };
        crate::response::status::open_orders(self.state, incident).map(|order| order.target.clone()).collect()
    }

    /// Units for an incident that a command may make. Its desk is that of the area, as an alarm lands; the decision
    /// may name another with [`Examination::for_desk`].
    fn unborn(&self, found: Located, unborn: &Unborn) -> Evidence {
        let known = unborn.incident_type.and_then(|code| self.state.register().types.get(code));
        // What nobody has said yet counts as urgent.
        let priority = unborn.priority.or(known.map(|known| known.priority)).unwrap_or(Priority::P2);
        let desk = landing_desk(self.state.register(), &found.area, unborn.desk);
        let question = Question {
            place: &found.place,
            area: &found.area,
            incident_type: unborn.incident_type,
            priority,
            level: 1,
            desk: desk.as_ref(),
            caller: unborn.caller,
            named: &[],
            now: self.now,
            minute: self.local.minute,
        };
        let examination = question.examine(self.state, self.live_map);
        Evidence { located: Some(found), examination: Some(examination), ..Evidence::default() }
    }

    fn question<'a>(
        &'a self,
        incident: IncidentId,
        with: impl FnOnce(Question<'a>) -> Question<'a>,
    ) -> Evidence {
        let Some(incident) = self.state.incidents().get(&incident) else { return Evidence::default() };
        let question = with(Question::of_incident(self.state, incident, self.now, self.local.minute));
        Evidence { examination: Some(question.examine(self.state, self.live_map)), ..Evidence::default() }
    }

    /// The order a unit leaves when it takes up the one it is diverted to.
    fn left_for(&self, order: OrderId) -> Option<OrderId> {
        let Target::Unit(unit) = &self.state.orders().get(&order)?.target else { return None };
        self.state.units().get(unit).filter(|unit| unit.divert == Some(order))?.active
    }

    /// The order ends without having been done, so its incident needs units again.
    fn put_back(&self, order: OrderId) -> Evidence {
        let examination = self.active(order).map(|incident| self.of_active(incident));
        Evidence { examination, ..Evidence::default() }
    }

    /// The incident of an order, while it goes on.
    fn active(&self, order: OrderId) -> Option<&Incident> {
        let order = self.state.orders().get(&order)?;
        self.state.incidents().get(&order.incident).filter(|incident| incident.state == IncidentState::Active)
    }

    fn of_active(&self, incident: &Incident) -> Examination {
        let question = Question::of_incident(self.state, incident, self.now, self.local.minute);
        question.examine(self.state, self.live_map)
    }
}

/// A place of which only its source is known.
fn unknown_place(source: AlarmSource) -> Place {
    use crate::kernel::place::PlaceSource;
    Place::unknown(match source {
        AlarmSource::Call | AlarmSource::WalkIn => PlaceSource::Caller,
        AlarmSource::Sms | AlarmSource::OtherDesk => PlaceSource::Network,
        AlarmSource::Point | AlarmSource::Button | AlarmSource::Sensor => PlaceSource::Register,
        AlarmSource::Sos | AlarmSource::App => PlaceSource::Fix,
        AlarmSource::Patrol => PlaceSource::Crew,
    })
}
