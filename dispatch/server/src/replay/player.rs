//! Plays a script: each step as the commands that a centre's own operators and crews would have sent, and what became
//! of them.

use std::collections::BTreeMap;

use dispatch_core::command::{
    AdvanceOrder, AnswerAlarm, CloseIncident, Dispatch, GiveFeedback, RaiseAlarm, RecallOrder,
    ReviewFeedback, SaveAlarm, SignNotice,
};
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId, UnitId};
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::target::Target;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::response::feedback::{Disposition, FeedbackKind};
use dispatch_core::response::interval::IncidentIntervals;
use dispatch_core::response::order::{EndReason, StampSource};
use dispatch_core::seek::live_map::UnitFix;
use dispatch_store::{Accepted, Answer, Store};

use super::log::{Log, LoggedOrder};
use super::replayed_centre::ReplayedCentre;
use super::script::{Cue, Step};
use super::world;

/// What the centre refused, and where it stands in the log.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Line in the file.
    pub line: u64,
    /// The call's number in the log.
    pub call: String,
    /// What was asked.
    pub act: &'static str,
    /// Why the centre refused it.
    pub refusal: Refusal,
}

/// How a recommendation compares with the unit that was really sent first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreement {
    /// Incidents whose log names a first unit.
    pub compared: u32,
    /// It was the first of its class.
    pub first: u32,
    /// It was among the first three of its class.
    pub first_three: u32,
    /// It was among all that were offered.
    pub offered: u32,
}

/// Plays a log on a centre.
pub struct Player<'a, S> {
    centre: &'a mut ReplayedCentre<S>,
    log: &'a Log,
    alarms: BTreeMap<usize, AlarmId>,
    incidents: BTreeMap<usize, IncidentId>,
    orders: BTreeMap<(usize, usize), OrderId>,
    /// What was refused.
    pub refused: Vec<Refused>,
    /// Our own intervals, by call.
    pub intervals: BTreeMap<usize, IncidentIntervals>,
    /// How recommendations compare with what was done.
    pub agreement: Agreement,
}

impl<'a, S: Store + Clone + 'static> Player<'a, S> {
    /// Plays `log` on `centre`, which has adopted the log's register.
    pub fn new(centre: &'a mut ReplayedCentre<S>, log: &'a Log) -> Self {
        Self {
            centre,
            log,
            alarms: BTreeMap::new(),
            incidents: BTreeMap::new(),
            orders: BTreeMap::new(),
            refused: Vec::new(),
            intervals: BTreeMap::new(),
            agreement: Agreement::default(),
        }
    }

    /// Calls that became incidents.
    pub fn incidents(&self) -> usize {
        self.incidents.len()
    }

    /// Whether an order of the log was taken, so that its stamps count.
    pub fn took(&self, call: usize, order: usize) -> bool {
        self.orders.contains_key(&(call, order))
    }

    /// Plays one step.
    pub async fn play(&mut self, step: Step) -> anyhow::Result<()> {
        self.centre.pass_to(step.at).await?;
        match step.cue {
            Cue::Receive => self.receive(step).await,
            Cue::Save => self.save(step).await,
            Cue::Send(order) => self.send(step, order).await,
            Cue::Depart(order) => self.advance(step, order, OrderState::Enroute).await,
            Cue::Arrive(order) => self.arrive(step, order).await,
            Cue::Free(order) => self.free(step, order).await,
            Cue::Close => self.close(step).await,
        }
    }

    async fn ask(
        &mut self,
        step: Step,
        line: u64,
        act: &'static str,
        command: impl Into<dispatch_core::command::Command>,
    ) -> anyhow::Result<Option<Accepted>> {
        match self.centre.send(command, Vec::new()).await? {
            Answer::Accepted(accepted) => Ok(Some(accepted)),
            Answer::Refused(refusal) => {
                let call = self.log.calls[step.call].number.clone();
                self.refused.push(Refused { line, call, act, refusal });
                Ok(None)
            }
        }
    }

    async fn receive(&mut self, step: Step) -> anyhow::Result<()> {
        let call = &self.log.calls[step.call];
        let raise = RaiseAlarm { device: Some(call.number.clone()), ..RaiseAlarm::of(AlarmSource::Call) };
        let accepted = self.ask(step, call.line, "receive", raise).await?;
        if let Some(alarm) = accepted.and_then(|accepted| accepted.named.alarm) {
            self.alarms.insert(step.call, alarm);
            self.ask(step, call.line, "answer", AnswerAlarm { alarm }).await?;
        }
        Ok(())
    }

    async fn save(&mut self, step: Step) -> anyhow::Result<()> {
        let call = &self.log.calls[step.call];
        let Some(&alarm) = self.alarms.get(&step.call) else { return Ok(()) };
        let place = Place {
            kind: PlaceKind::Point,
            coord: Some(call.at),
            confirmed_by: Some(world::seat()),
            ..Place::unknown(PlaceSource::Caller)
        };
        let save = SaveAlarm {
            alarm,
            expected_version: None,
            incident_type: Some(world::type_code(&call.kind)),
            priority: Some(call.priority),
            place: Some(place),
            words: None,
            caller: None,
        };
        let accepted = self.ask(step, call.line, "save", save).await?;
        if let Some(incident) = accepted.and_then(|accepted| accepted.named.incident) {
            self.incidents.insert(step.call, incident);
            self.compare(step.call, incident);
        }
        Ok(())
    }

    /// Compares the recommendation made at the incident's birth with the unit really sent first.
    fn compare(&mut self, call: usize, incident: IncidentId) {
        let state = self.centre.state();
        let recommended = state.incidents().get(&incident).and_then(|incident| incident.recommendation);
        let Some(kept) = recommended.and_then(|id| state.recommendations().get(&id)) else {
            return;
        };
        let recommendation = kept.recommendation();
        let Some(sent) = self.log.calls[call].orders.first() else { return };
        let of_class = |unit: &UnitId| {
            state.register().units.get(unit).is_some_and(|entry| entry.class.as_str() == sent.class)
        };
        let mut same = recommendation.ranked.iter().filter(|ranked| of_class(&ranked.candidate.unit));
        let rank = same.position(|ranked| ranked.candidate.unit.as_str() == sent.unit);
        self.agreement.compared += 1;
        self.agreement.first += u32::from(rank == Some(0));
        self.agreement.first_three += u32::from(rank.is_some_and(|rank| rank < 3));
        self.agreement.offered += u32::from(rank.is_some());
    }

    async fn send(&mut self, step: Step, number: usize) -> anyhow::Result<()> {
        let order = &self.log.calls[step.call].orders[number];
        let Some(&incident) = self.incidents.get(&step.call) else { return Ok(()) };
        let dispatch = Dispatch {
            incident,
            expected_version: None,
            targets: vec![Target::Unit(UnitId::from(order.unit.as_str()))],
            recommendation: None,
            override_reason: None,
            words: None,
            stack: false,
            divert: self.diverts(order),
            confirmed: true,
            parent: None,
        };
        let accepted = self.ask(step, order.line, "dispatch", dispatch).await?;
        if let Some(id) = accepted.and_then(|accepted| accepted.named.orders.first().copied()) {
            self.orders.insert((step.call, number), id);
        }
        Ok(())
    }

    /// Whether the log means a divert: the unit is sent on while it has an order, and stays on the new call longer than
    /// on the old one. A unit that is cleared of the new call first never left the old one: the log has it on two at
    /// once, which is for the centre to refuse.
    fn diverts(&self, to: &LoggedOrder) -> bool {
        let unit = self.centre.state().units().get(&UnitId::from(to.unit.as_str()));
        let Some(active) = unit.and_then(|unit| unit.active) else { return false };
        let held = self.orders.iter().find(|(_, order)| **order == active);
        held.is_some_and(|((call, number), _)| {
            let left = self.log.calls[*call].orders[*number].cleared;
            left.is_none_or(|left| to.cleared.is_none_or(|cleared| left < cleared))
        })
    }

    async fn advance(&mut self, step: Step, number: usize, state: OrderState) -> anyhow::Result<()> {
        let line = self.log.calls[step.call].orders[number].line;
        let Some(&order) = self.orders.get(&(step.call, number)) else { return Ok(()) };
        let advance = AdvanceOrder {
            order,
            state,
            at: Some(step.at),
            source: StampSource::Device,
            voice: None,
            reason: None,
            words: None,
        };
        self.ask(step, line, "advance", advance).await.map(drop)
    }

    async fn arrive(&mut self, step: Step, number: usize) -> anyhow::Result<()> {
        self.advance(step, number, OrderState::OnScene).await?;
        let call = &self.log.calls[step.call];
        let fix = UnitFix {
            unit: UnitId::from(call.orders[number].unit.as_str()),
            at: call.at,
            fix_time: step.at,
            device_time: None,
            received_at: step.at,
            speed_cm_s: 0,
            heading_deg: 0,
            accuracy_m: None,
        };
        self.centre.position(fix);
        Ok(())
    }

    /// A unit that came to the scene cleared there; one that never did was recalled.
    async fn free(&mut self, step: Step, number: usize) -> anyhow::Result<()> {
        let logged = &self.log.calls[step.call].orders[number];
        if logged.on_scene.is_some() {
            return self.advance(step, number, OrderState::Cleared).await;
        }
        let Some(&order) = self.orders.get(&(step.call, number)) else { return Ok(()) };
        let recall = RecallOrder { order, expected_version: None, reason: EndReason::NotNeeded, words: None };
        if self.ask(step, logged.line, "recall", recall).await?.is_some() {
            let sign = SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None };
            self.ask(step, logged.line, "sign recall", sign).await?;
        }
        Ok(())
    }

    async fn close(&mut self, step: Step) -> anyhow::Result<()> {
        let Some(&incident) = self.incidents.get(&step.call) else { return Ok(()) };
        let line = self.log.calls[step.call].line;
        let feedback = GiveFeedback {
            incident,
            order: None,
            kind: FeedbackKind::Result,
            disposition: Some(Disposition::Resolved),
            words: None,
        };
        self.ask(step, line, "feedback", feedback).await?;
        let known = self.centre.state().incidents().get(&incident);
        let given = known.and_then(|incident| incident.feedback.last());
        if let Some(feedback) = given.map(|feedback| feedback.id) {
            let review = ReviewFeedback {
                incident,
                expected_version: None,
                feedback,
                accept: true,
                reason: None,
                words: None,
            };
            self.ask(step, line, "review", review).await?;
        }
        self.ask(step, line, "close", CloseIncident { incident, expected_version: None }).await?;
        self.measure(step.call, incident);
        Ok(())
    }

    fn measure(&mut self, call: usize, id: IncidentId) {
        let state = self.centre.state();
        let Some(incident) = state.incidents().get(&id) else { return };
        let alarm = incident.alarms.first().and_then(|alarm| state.alarms().get(alarm));
        let orders: Vec<_> = incident.orders.iter().filter_map(|order| state.orders().get(order)).collect();
        self.intervals
            .insert(call, IncidentIntervals::of(incident, alarm, &orders, state.register().timers.skew_ms));
    }
}
