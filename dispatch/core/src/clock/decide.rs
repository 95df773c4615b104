//! What a tick does: timers that run out escalate, and orders nobody signed, automatic orders, shelves and archives are
//! dealt with when they are due.
//!
//! **Escalation.** Level 0 is the seat that owns the thing (any seat of the desk where nobody owns it), level 1 the
//! desk's shift lead, level 2 the parent desk, and so on to the top; `escalation_ms` lies between two levels. At the top a
//! timer stands without escalating until what it waits for is done.
//!
//! **Expiry.** An order nobody signs escalates to the parent desk ([`LEVEL_OF_PARENT`], or to the top where that is
//! lower). When nobody has acted one step later it ends as expired and its incident gets a new recommendation.

use super::command::{CorrectClock, Tick};
use crate::decide::{Deciding, Decision, Ended};
use crate::event::{
    AlarmArchived, ClockCorrected, Event, IncidentArchived, OrderAdvanced, OrderCreated, OrderUnstacked,
    SupportEnded, TechnicalUnshelved, TimerExpired,
};
use crate::kernel::evidence::ClockDoubt;
use crate::kernel::id::{
    AlarmId, DeskId, IncidentId, OrderId, SeatId, SuppressionId, TechnicalId, TimerKey, timer_rows,
};
use crate::kernel::kind::{OrderState, Role};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::kernel::timer::Escalation;
use crate::kernel::timetable::TimerRow;
use crate::response::alarm::AlarmState;
use crate::response::authority::desks_up;
use crate::response::order::{EndReason, StampSource};
use crate::response::support::SupportState;
use crate::response::support::mark::SupportMark;

/// The most timers one tick handles; what is left is due at the next.
pub const EXPIRIES_PER_TICK_MAX: usize = 256;

/// How far the machine's clock may be from where it was seen when somebody believed it, milliseconds.
pub const CLOCK_SEEN_MS: u64 = 5_000;

/// The level of the parent desk in an escalation.
pub const LEVEL_OF_PARENT: u8 = 2;

impl<'a> Deciding<'a> {
    #[expect(clippy::unnecessary_wraps, reason = "every command is decided by a method of one form")]
    pub(crate) fn tick(&mut self, _: &Tick) -> Decision {
        let state = self.state;
        if let Some(doubt) = self.evidence.doubt.filter(|doubt| doubt.is_credible) {
            // What is due is looked at by the next tick, at the right time.
            self.push(ClockCorrected { from: self.now, to: doubt.shows });
            return Ok(());
        }
        let mut ended = Ended::default();
        let due = state.timers.due(self.now).filter(|row| !self.is_held_back(row.key));
        for row in due.take(EXPIRIES_PER_TICK_MAX).collect::<Vec<_>>() {
            if !ended.timers.contains(&row.key) {
                let before = self.events.len();
                self.run_out(row, &mut ended);
                let ordered = self.events[before..].iter().filter_map(|event| self.ordered(event));
                ended.timers.extend(ordered.map(TimerKey::FirstOrder));
            }
        }
        Ok(())
    }

    pub(crate) fn correct_clock(&mut self, correct: &CorrectClock) -> Decision {
        let Some(ClockDoubt { shows, .. }) = self.evidence.doubt else { return Err(Refusal::NoChange) };
        let ahead_ms = shows.apart(self.now) / 1_000;
        if ahead_ms.abs_diff(correct.ahead_ms) > CLOCK_SEEN_MS {
            return Err(Refusal::invalid("ahead_ms", Rule::ClockElsewhere { ahead_ms }));
        }
        self.push(ClockCorrected { from: self.now, to: shows });
        Ok(())
    }

    /// The incident an event sends an order for: it waits for none any more, whenever its deadline is.
    fn ordered(&self, event: &Event) -> Option<IncidentId> {
        let created = event.get::<OrderCreated>().map(|created| created.incident);
        let unstacked = event.get::<OrderUnstacked>();
        let unstacked = unstacked.and_then(|unstacked| self.state.orders().get(&unstacked.order));
        created.or(unstacked.map(|order| order.incident))
    }

    /// Whether an unsigned order has been shown to the parent desk, or to the top where that is lower.
    fn has_escalated(&self, row: &TimerRow) -> bool {
        let Some(reached) = &row.escalation else { return false };
        reached.level >= LEVEL_OF_PARENT.min(self.level_top(row.key))
    }

    /// Two orders of one unit expire in two ticks, because what happens to the second depends on the first.
    fn expire(&mut self, id: OrderId, ended: &mut Ended) {
        let Some(order) = self.state.orders().get(&id) else { return };
        if let Target::Unit(unit) = &order.target
            && !ended.units.insert(unit.clone())
        {
            return;
        }
        ended.timers.extend(TimerKey::of_order(id));
        let stamp = self.stamp(OrderState::Expired, StampSource::System);
        let reason = Some(EndReason::NotSigned);
        self.push(OrderAdvanced { order: id, stamp, reason });
        self.put_back(order.incident);
        self.release(order);
    }

    fn unshelve(&mut self, _: &TimerRow, technical: TechnicalId, _: &mut Ended) {
        self.push(TechnicalUnshelved { technical });
    }

    fn unsuppress(&mut self, _: &TimerRow, id: SuppressionId, _: &mut Ended) {
        if let Some(suppression) = self.state.suppressions().get(&id) {
            self.push(suppression.ended());
        }
    }

    /// An order nobody signs is due once more when it has escalated: then it expires.
    fn escalate_or_expire(&mut self, row: &TimerRow, order: OrderId, ended: &mut Ended) {
        if self.has_escalated(row) { self.expire(order, ended) } else { self.escalate_further(row, true) }
    }

    fn escalate<I>(&mut self, row: &TimerRow, _: I, _: &mut Ended) {
        self.escalate_further(row, false);
    }

    /// Names who must act next; `again` keeps a timer due after it has escalated as far as it can.
    fn escalate_further(&mut self, row: &TimerRow, again: bool) {
        let key = row.key;
        let level = row.escalation.as_ref().map_or(0, |escalation| escalation.level.saturating_add(1));
        let Some(escalation) = self.escalation_to(key, level) else { return };
        let escalates = level < self.level_top(key) || again;
        let next_at = escalates.then(|| self.now.plus_ms(self.state.register().timers.escalation_ms.max(1)));
        let incident = key.waits_for().incident(self.state);
        self.push(TimerExpired { timer: key, escalation, incident, next_at });
    }

    /// Level 1 is the shift lead of the first desk; every desk above adds one.
    fn level_top(&self, key: TimerKey) -> u8 {
        let desks = self.answering(key).map_or(1, |(_, desk)| desks_up(self.state.register(), desk).count());
        u8::try_from(desks).unwrap_or(u8::MAX)
    }

    fn escalation_to(&self, key: TimerKey, level: u8) -> Option<Escalation> {
        let (seat, desk) = self.answering(key)?;
        if level == 0 {
            return Some(Escalation { level, seat: seat.cloned(), desk: desk.clone() });
        }
        let desk = desks_up(self.state.register(), desk).nth(usize::from(level) - 1).unwrap_or(desk);
        Some(Escalation { level, seat: self.shift_lead(desk).cloned(), desk: desk.clone() })
    }

    fn shift_lead(&self, desk: &DeskId) -> Option<&'a SeatId> {
        let mut seats = self.state.register().seats.iter();
        seats.find(|(_, seat)| seat.desk == *desk && seat.role == Role::ShiftLead).map(|(seat, _)| seat)
    }

    /// The seat that owns what a timer waits for, and the desk that answers for it.
    fn answering(&self, key: TimerKey) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        key.waits_for().answering(self.state)
    }

    /// Whether an archive waits for a lent unit that has an order, or for a clock that is in doubt, or an automatic order
    /// for somebody to go on without what is lost: it is due and nothing can come of it, so it must not take the turn of
    /// a timer of which something does.
    fn is_held_back(&self, key: TimerKey) -> bool {
        let automatic =
            key.waits_for().as_incident().is_some_and(|incident| key == TimerKey::Automatic(incident));
        if automatic && self.state.is_halted() {
            return true;
        }
        if self.evidence.doubt.is_some() && is_archive(key) {
            return true;
        }
        let Some(incident) = archived(key) else { return false };
        let state = self.state;
        state.supports().bearing(SupportMark::Of(incident)).any(|support| {
            let lent = matches!(support.state, SupportState::Granted | SupportState::Taken);
            lent && state.units().get(&support.unit).is_some_and(|unit| self.held(unit).is_some())
        })
    }

    /// An ended incident leaves state with all that belongs to it; a unit still lent for it goes home first, unless
    /// it has an order: then the incident waits for the next tick that finds it free.
    fn archive(&mut self, _: &TimerRow, id: IncidentId, ended: &mut Ended) {
        let state = self.state;
        let Some(incident) = state.incidents().get(&id) else { return };
        let supports: Vec<_> = state.supports().bearing(SupportMark::Of(id)).collect();
        for support in &supports {
            let lent = matches!(support.state, SupportState::Granted | SupportState::Taken);
            if lent && ended.units.contains(&support.unit) {
                return;
            }
        }
        ended.units.extend(supports.iter().map(|support| support.unit.clone()));
        for support in &supports {
            if matches!(support.state, SupportState::Open | SupportState::Granted | SupportState::Taken) {
                self.push(SupportEnded { support: support.id, unit: support.unit.clone() });
            }
        }
        ended.timers.extend(supports.iter().map(|support| TimerKey::Support(support.id)));
        let recommendations = state.recommendations().between(id, id);
        let alarms = incident.alarms.iter().copied();
        self.push(IncidentArchived {
            incident: id,
            area: incident.area.clone(),
            mode: incident.mode,
            alarms: alarms.filter(|alarm| state.alarms().contains_key(alarm)).collect(),
            orders: incident.orders.clone(),
            recommendations: recommendations.map(|(_, known)| *known).collect(),
            supports: supports.iter().map(|support| support.id).collect(),
        });
    }

    fn archive_alarm(&mut self, _: &TimerRow, id: AlarmId, _: &mut Ended) {
        let Some(alarm) = self.state.alarms().get(&id).filter(|alarm| alarm.state == AlarmState::Settled)
        else {
            return;
        };
        self.push(AlarmArchived { alarm: id, area: alarm.area.clone(), mode: alarm.mode });
    }
}

macro_rules! run_out {
    ($( $name:ident $holds:ident $acts:ident )*) => {
        impl Deciding<'_> {
            fn run_out(&mut self, row: &TimerRow, ended: &mut Ended) {
                match row.key { $( TimerKey::$name(id) => self.$acts(row, id, ended), )* }
            }
        }
    };
}
timer_rows! { run_out }

/// Whether something leaves live state when a timer runs out, which cannot be undone.
fn is_archive(key: TimerKey) -> bool {
    let archives_alarm = key.waits_for().as_alarm().is_some_and(|alarm| key == TimerKey::AlarmArchive(alarm));
    archives_alarm || archived(key).is_some()
}

/// The incident that a timer is to archive.
fn archived(key: TimerKey) -> Option<IncidentId> {
    key.waits_for().as_incident().filter(|incident| key == TimerKey::Archive(*incident))
}
