//! The command that a piece of work comes to, from what is on the operator's screen at that moment.

use dispatch_core::command::{
    AdvanceOrder, AnswerAlarm, AnswerSupport, ClaimIncident, CloseCallBack, CloseIncident, Command, Dispatch,
    EndSupport, RecallOrder, RequestSupport, ReviewFeedback, SaveAlarm, SettleAlarm,
};
use dispatch_core::kernel::id::{IncidentId, UnitId};
use dispatch_core::kernel::kind::{OrderState, OutcomeKind};
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::target::Target;
use dispatch_core::response::alarm::{Alarm, CallBackResult};
use dispatch_core::response::feedback::ReturnReason;
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::{EndReason, OverrideReason, StampSource, VoiceWay};
use dispatch_core::response::support::SupportReason;

use crate::chance::Chance;
use crate::ground::scattered;
use crate::operator::{Job, Sight};
use crate::room::Proposal;
use crate::work::Work;

/// An offered duplicate this alike is taken for one when nothing better is known, per mille.
const ALIKE: u16 = 750;

/// What is about to be sent.
pub(crate) struct Draft {
    pub command: Command,
    pub text: Option<String>,
}

impl<C: Into<Command>> From<C> for Draft {
    fn from(command: C) -> Self {
        Self { command: command.into(), text: None }
    }
}

/// The command for a job; `None` when there is nothing (more) to do about it.
pub(crate) fn draft(job: &Job, sight: Sight<'_>, chance: &mut Chance) -> Option<Draft> {
    let room = sight.room;
    Some(match job.work {
        Work::Answer(alarm) => AnswerAlarm { alarm: room.alarms.get(&alarm)?.id }.into(),
        Work::Talk(alarm) => talk(room.alarms.get(&alarm)?, job, sight, chance),
        Work::CallBack(alarm) => {
            let result =
                if chance.happens(0.7) { CallBackResult::Reached } else { CallBackResult::Unanswered };
            CloseCallBack { alarm: room.alarms.get(&alarm)?.id, result }.into()
        }
        Work::Dispatch(incident) => dispatch(room.incidents.get(&incident)?, job, sight)?,
        Work::Phone(order) => {
            let order = room.orders.get(&order)?;
            if chance.happens(0.8) {
                AdvanceOrder {
                    order: order.id,
                    state: OrderState::Signed,
                    at: None,
                    source: StampSource::Voice,
                    voice: Some(VoiceWay::Phone),
                    reason: None,
                    words: None,
                }
                .into()
            } else {
                let (reason, expected_version) = (EndReason::Unreachable, Some(order.version));
                RecallOrder { order: order.id, expected_version, reason, words: None }.into()
            }
        }
        Work::Support(support) => {
            let support = room.supports.get(&support)?.id;
            let grant = chance.happens(0.85);
            let reason = (!grant).then_some(SupportReason::NeededHere);
            AnswerSupport { support, grant, reason, words: None }.into()
        }
        Work::Return(support) => EndSupport { support: room.lent.get(&support)?.id }.into(),
        Work::Review(incident, feedback) => {
            let incident = room.incidents.get(&incident)?;
            let accept = chance.happens(0.96);
            let reason = (!accept).then_some(ReturnReason::Incomplete);
            let expected_version = Some(incident.version);
            ReviewFeedback { incident: incident.id, expected_version, feedback, accept, reason, words: None }
                .into()
        }
        Work::Close(incident) => {
            let incident = room.incidents.get(&incident)?;
            CloseIncident { incident: incident.id, expected_version: Some(incident.version) }.into()
        }
    })
}

/// What the call comes to: an incident, a duplicate of one, or nothing.
fn talk(alarm: &Alarm, job: &Job, sight: Sight<'_>, chance: &mut Chance) -> Draft {
    let settle = |outcome, incident| {
        SettleAlarm {
            alarm: alarm.id,
            expected_version: Some(alarm.version),
            outcome,
            incident,
            agency: None,
            words: None,
        }
        .into()
    };
    let Some(said) = sight.conversations.get(&alarm.id) else {
        // Nobody knows what was said, as after a restart of the simulator: what is on screen must do.
        return match alarm.offers.first().filter(|offer| offer.score_per_mille >= ALIKE) {
            Some(offer) => settle(OutcomeKind::Duplicate, Some(offer.incident)),
            None => save(alarm, None, None, job, sight, chance),
        };
    };
    if said.outcome != OutcomeKind::Incident {
        return settle(said.outcome, None);
    }
    let known = said.happening.and_then(|happening| sight.happenings.get(&happening));
    // What another desk answers for is not this operator's to add to.
    let ours = |incident: &&IncidentId| {
        sight.room.incidents.get(incident).is_some_and(|known| sight.scene.is_below(&known.desk, &job.desk))
    };
    match known.filter(ours) {
        // Now and then a duplicate is not seen.
        Some(&incident) if chance.happens(0.88) => settle(OutcomeKind::Duplicate, Some(incident)),
        _ => save(alarm, said.incident_type.clone(), said.place.clone(), job, sight, chance),
    }
}

fn save(
    alarm: &Alarm,
    incident_type: Option<dispatch_core::kernel::id::TypeCode>,
    place: Option<Place>,
    job: &Job,
    sight: Sight<'_>,
    chance: &mut Chance,
) -> Draft {
    let kind = incident_type.or_else(|| alarm.incident_type.clone()).or_else(|| {
        let drawn = (!sight.scene.types.is_empty()).then(|| chance.weighted(&sight.scene.type_totals));
        drawn.map(|at| sight.scene.types[at].code.clone())
    });
    let area = alarm.area.0.last().and_then(|code| sight.scene.areas.get(code));
    let place = place.or_else(|| {
        let near = alarm.place.coord.is_none().then_some(area).flatten()?;
        let coord = Some(scattered(*near, 1_500.0, chance));
        Some(Place { kind: PlaceKind::Point, coord, radius_m: 500, ..Place::unknown(PlaceSource::Caller) })
    });
    // A registered point's own place is better than words, and mostly the place is repeated to the caller.
    let place = if alarm.place.kind == PlaceKind::AlarmPoint { Some(alarm.place.clone()) } else { place };
    let confirmed = chance.happens(0.85).then(|| job.seat.clone());
    let place = place.map(|place| Place { confirmed_by: confirmed, ..place });
    SaveAlarm {
        alarm: alarm.id,
        expected_version: Some(alarm.version),
        incident_type: kind,
        priority: None,
        place,
        words: None,
        caller: None,
    }
    .into()
}

/// Claims first, then sends what is recommended; a unit of another desk is asked for when there is no other.
fn dispatch(incident: &Incident, job: &Job, sight: Sight<'_>) -> Option<Draft> {
    if job.tries == 0 && incident.claimed_by.as_ref() != Some(&job.seat) {
        return Some(
            ClaimIncident {
                incident: incident.id,
                expected_version: Some(incident.version),
                take_over: false,
            }
            .into(),
        );
    }
    if sight.room.open_orders(incident.id).next().is_some() {
        return None;
    }
    if let Some(unit) = &job.wanted {
        return Some(RequestSupport { unit: unit.clone(), incident: incident.id }.into());
    }
    let recommendation = incident.recommendation?;
    let proposal = sight.room.proposals.get(&recommendation)?;
    let (units, overruled) = choose(proposal, job, sight);
    if units.is_empty() {
        let lent = |unit: &UnitId| sight.room.lent.values().any(|support| support.unit == *unit);
        let may = |unit: &&UnitId| is_free(unit, sight) && !job.avoid.contains(unit) && !lent(unit);
        let unit = proposal.units.iter().chain(&proposal.reserves).find(may)?;
        return Some(RequestSupport { unit: unit.clone(), incident: incident.id }.into());
    }
    Some(
        Dispatch {
            incident: incident.id,
            expected_version: Some(incident.version),
            targets: units.into_iter().map(Target::Unit).collect(),
            recommendation: Some(recommendation),
            override_reason: overruled.then_some(OverrideReason::UnitUnavailable),
            words: None,
            stack: false,
            divert: false,
            confirmed: job.confirmed,
            parent: None,
        }
        .into(),
    )
}

/// The units to send: those proposed, each that cannot go replaced by the best reserve of the own desk
/// or one below it.
fn choose(proposal: &Proposal, job: &Job, sight: Sight<'_>) -> (Vec<UnitId>, bool) {
    let own = |unit: &UnitId| {
        sight.room.units.get(unit).is_some_and(|has| sight.scene.is_below(&has.desk, &job.desk))
    };
    let fit = |unit: &&UnitId| !job.avoid.contains(unit) && is_free(unit, sight) && own(unit);
    if !job.overrule && !proposal.units.is_empty() && proposal.units.iter().all(|unit| fit(&unit)) {
        return (proposal.units.clone(), false);
    }
    let wanted = proposal.units.len().max(1);
    let chosen = proposal.units.iter().chain(&proposal.reserves).filter(fit).take(wanted);
    (chosen.cloned().collect(), true)
}

fn is_free(unit: &UnitId, sight: Sight<'_>) -> bool {
    sight.room.units.get(unit).is_some_and(|has| has.free)
}

/// The happening's incident, for a world that keeps book.
pub(crate) fn made_of(alarm: &Alarm) -> Option<IncidentId> {
    alarm.outcome.as_ref().and_then(|outcome| outcome.incident)
}
