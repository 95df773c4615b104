//! Orders: written, sent, advanced, recalled; and what that does to the unit and the timers.

use super::event::{
    CallerReleased, LifeConfirmed, NoticeSigned, OrderAdvanced, OrderCreated, OrderRecalled, OrderUnstacked,
};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{IncidentId, OrderId, TimerKey, UnitId};
use crate::kernel::kind::OrderState;
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::response::acts::Acts;
use crate::response::deadline as timer;
use crate::response::incident::apply::act;
use crate::response::order::{Eta, Order, Stamp, StampSource};
use crate::response::unit::apply as unit;
use crate::state::State;

impl OrderCreated {
    /// The order as it is born at a time.
    pub fn order(&self, at: Time) -> Order {
        Order {
            id: self.order,
            version: 1,
            incident: self.incident,
            mode: self.mode,
            area: self.area.clone(),
            target: self.target.clone(),
            parent: self.parent,
            state: OrderState::Queued,
            desk: self.desk.clone(),
            seat: self.seat.clone(),
            recommendation: self.recommendation,
            rank: self.rank,
            override_reason: self.override_reason,
            override_words: self.override_words,
            diverted_from: self.diverted_from,
            stacked: self.stacked,
            eta_high_ms: self.eta_high_ms,
            eta_ms: self.eta_ms,
            created_at: at,
            stamps: Vec::new(),
            recall_pending: false,
            silent: self.silent,
            supplement_pending: false,
            end_reason: None,
            end_words: None,
            sign_of_life: None,
            notice_signed: None,
            caller: Vec::new(),
            acts: Acts::default(),
        }
    }
}

impl Apply for OrderCreated {
    fn apply(&self, state: &mut State, record: &Record) {
        let mut order = self.order(record.recorded_at);
        order.acts.remember(order.version, record);
        state.response.orders.insert(self.order, order);
        state.response.incidents.change(&self.incident, |incident| incident.orders.push(self.order));
        act(state, self.incident, record);
        let Target::Unit(id) = &self.target else { return };
        unit::change(state, id, |unit| {
            if self.stacked {
                unit.stacked.push(self.order);
            } else if self.diverted_from.is_some() {
                unit.divert = Some(self.order);
            } else {
                unit.active = Some(self.order);
            }
        });
    }
}

impl Apply for OrderAdvanced {
    fn apply(&self, state: &mut State, record: &Record) {
        let (id, stamp, now) = (self.order, &self.stamp, record.recorded_at);
        let before = state.orders().get(&id).map(|order| order.state);
        change(state, id, record, |order| {
            order.stamps.push(stamp.clone());
            if !stamp.beside {
                order.state = stamp.state;
                if stamp.state.is_ended() {
                    order.recall_pending = false;
                    order.supplement_pending = false;
                    if self.reason.is_some() {
                        (order.end_reason, order.end_words) = (self.reason, stamp.words);
                    }
                }
            }
        });
        let Some(before) = before.filter(|_| !stamp.beside) else { return };
        match stamp.state {
            OrderState::Sent => sent(state, id, now),
            OrderState::Delivered => state.timers.cancel(TimerKey::Delivered(id)),
            OrderState::Signed | OrderState::Enroute | OrderState::Staged | OrderState::OnScene => {
                taken_up(state, id, before, stamp.state, now);
            }
            OrderState::Cleared
            | OrderState::Declined
            | OrderState::Failed
            | OrderState::Recalled
            | OrderState::Expired => ended(state, id, stamp.state, now),
            OrderState::Queued => {}
        }
    }
}

impl Apply for OrderUnstacked {
    fn apply(&self, state: &mut State, record: &Record) {
        let (id, now) = (self.order, record.recorded_at);
        let stamp = Stamp {
            state: OrderState::Sent,
            at: now,
            received_at: now,
            source: StampSource::System,
            by: record.actor.clone(),
            voice: None,
            words: None,
            beside: false,
        };
        change(state, id, record, |order| {
            order.stacked = false;
            order.state = OrderState::Sent;
            order.stamps.push(stamp);
        });
        if let Some(id_of_unit) = unit_of(state, id) {
            unit::change(state, &id_of_unit, |unit| {
                unit.stacked.retain(|stacked| *stacked != id);
                unit.active = Some(id);
            });
        }
        sent(state, id, now);
    }
}

impl Apply for OrderRecalled {
    fn apply(&self, state: &mut State, record: &Record) {
        let id = self.order;
        change(state, id, record, |order| {
            order.recall_pending = true;
            order.end_reason = Some(self.reason);
            order.end_words = self.words;
        });
        for key in
            [TimerKey::Delivered(id), TimerKey::Signed(id), TimerKey::Departed(id), TimerKey::Arrival(id)]
        {
            state.timers.cancel(key);
        }
        timer::set_of_order(state, id, TimerKey::Notice, record.recorded_at, |timers| timers.signed_ms);
    }
}

impl Apply for NoticeSigned {
    fn apply(&self, state: &mut State, record: &Record) {
        state.timers.cancel(TimerKey::Notice(self.order));
        change(state, self.order, record, |order| {
            order.supplement_pending = false;
            order.notice_signed = Some(self.said.clone());
        });
    }
}

impl Apply for CallerReleased {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.order, record, |order| order.caller.clone_from(&self.words));
    }
}

impl Apply for LifeConfirmed {
    fn apply(&self, state: &mut State, record: &Record) {
        let (id, now) = (self.order, record.recorded_at);
        change(state, id, record, |order| order.sign_of_life = Some(self.said.clone()));
        timer::set_of_order(state, id, TimerKey::SignOfLife, now, |timers| timers.sign_of_life_ms);
    }
}

fn change(state: &mut State, id: OrderId, record: &Record, how: impl FnOnce(&mut Order)) {
    let changed = state.response.orders.change(&id, |order| {
        note_act(order, record);
        how(order);
        order.incident
    });
    if let Some(incident) = changed {
        act(state, incident, record);
    }
}

/// An order whose incident ended takes no more room than it needs.
pub(crate) fn fit(state: &mut State, id: OrderId) {
    state.response.orders.change(&id, |order| {
        order.stamps.shrink_to_fit();
        order.caller.shrink_to_fit();
        order.acts.fit();
    });
}

/// Counts an event on an order and remembers who did it.
fn note_act(order: &mut Order, record: &Record) {
    order.version += 1;
    order.acts.remember(order.version, record);
}

/// An order is on its way: somebody must hear of it and sign.
fn sent(state: &mut State, id: OrderId, now: Time) {
    let Some(order) = state.orders().get(&id) else { return };
    let (incident, to_unit) = (order.incident, matches!(order.target, Target::Unit(_)));
    state.timers.cancel(TimerKey::FirstOrder(incident));
    if to_unit {
        timer::set_of_order(state, id, TimerKey::Delivered, now, |timers| timers.delivered_ms);
    }
    timer::set_of_order(state, id, TimerKey::Signed, now, |timers| timers.signed_ms);
}

/// Signed, or further: from the first of these the unit is committed and must depart, arrive and give signs of life.
fn taken_up(state: &mut State, id: OrderId, before: OrderState, to: OrderState, now: Time) {
    state.timers.cancel(TimerKey::Delivered(id));
    state.timers.cancel(TimerKey::Signed(id));
    let Some(order) = state.orders().get(&id) else { return };
    let (eta_high_ms, recalled) = (order.eta_high_ms, order.recall_pending);
    let Some(id_of_unit) = unit_of(state, id) else { return };
    unit::change(state, &id_of_unit, |unit| {
        if unit.divert == Some(id) {
            unit.divert = None;
            unit.active = Some(id);
        }
    });
    timer::set_of_order(state, id, TimerKey::SignOfLife, now, |timers| timers.sign_of_life_ms);
    if to == OrderState::Signed && !recalled {
        timer::set(state, TimerKey::Departed(id), now, timer::departed_ms(state, id, &id_of_unit));
    } else {
        state.timers.cancel(TimerKey::Departed(id));
    }
    let travels = matches!(to, OrderState::Signed | OrderState::Enroute) && !recalled;
    if !travels {
        state.timers.cancel(TimerKey::Arrival(id));
    } else if (!before.is_signed_open() || before == OrderState::Staged)
        && let Some(ms) = timer::arrival_ms(state, id, eta_high_ms)
    {
        timer::set(state, TimerKey::Arrival(id), now, ms);
    }
}

fn ended(state: &mut State, id: OrderId, how: OrderState, now: Time) {
    end_timers(state, id);
    let Some(order) = state.orders().get(&id) else { return };
    let (incident, target) = (order.incident, order.target.clone());
    let moved = how == OrderState::Cleared
        || order.stamps.iter().any(|stamp| {
            !stamp.beside
                && matches!(stamp.state, OrderState::Enroute | OrderState::Staged | OrderState::OnScene)
        });
    if let Target::Unit(id_of_unit) = &target {
        unit::change(state, id_of_unit, |unit| {
            unit.stacked.retain(|stacked| *stacked != id);
            if unit.divert == Some(id) {
                unit.divert = None;
            }
            if unit.active == Some(id) {
                unit.active = unit.divert.take();
                unit.returning |= moved;
            }
        });
    }
    if how == OrderState::Cleared {
        if !has_result(state, incident, id) {
            timer::set_of_order(state, id, TimerKey::Feedback, now, |timers| timers.feedback_ms);
        }
    } else if nobody_goes(state, incident) {
        timer::await_order(state, incident, now);
    }
}

/// Whether a result was given on this order already, or on the incident as a whole.
fn has_result(state: &State, incident: IncidentId, order: OrderId) -> bool {
    let Some(incident) = state.incidents().get(&incident) else { return false };
    incident.feedback.iter().any(|feedback| {
        feedback.kind == crate::response::feedback::FeedbackKind::Result
            && feedback.order.is_none_or(|of| of == order)
    })
}

/// Whether an active incident has neither an order on its way nor one that was carried out.
fn nobody_goes(state: &State, id: IncidentId) -> bool {
    let Some(incident) = state.incidents().get(&id) else { return false };
    incident.state == crate::kernel::kind::IncidentState::Active
        && !crate::response::status::counting_orders(state, incident).any(|order| {
            order.state == OrderState::Cleared
                || (!order.state.is_ended() && order.state != OrderState::Queued)
        })
}

/// Whether an order of this incident has been sent and is not ended.
pub(crate) fn any_sent(state: &State, id: IncidentId) -> bool {
    let Some(incident) = state.incidents().get(&id) else { return false };
    crate::response::status::open_orders(state, incident).any(|order| order.state != OrderState::Queued)
}

/// The open ones of these orders lead elsewhere from now on: another area, another time of arrival.
pub(crate) fn redirect(
    state: &mut State,
    orders: &[OrderId],
    area: &AreaPath,
    etas: &[Eta],
    notified: &[OrderId],
    record: &Record,
) {
    supplement(state, orders, notified, record, |order| {
        let eta = etas.iter().find(|eta| eta.order == order.id);
        order.area = area.clone();
        order.eta_ms = eta.map_or(0, |eta| eta.eta_ms);
        order.eta_high_ms = eta.map_or(0, |eta| eta.eta_high_ms);
    });
    for id in orders {
        let Some(order) = state.orders().get(id) else { continue };
        let travels =
            matches!(order.state, OrderState::Signed | OrderState::Enroute) && !order.recall_pending;
        match timer::arrival_ms(state, *id, order.eta_high_ms).filter(|_| travels) {
            Some(ms) => timer::set(state, TimerKey::Arrival(*id), record.recorded_at, ms),
            None => state.timers.cancel(TimerKey::Arrival(*id)),
        }
    }
}

/// Something about the incident changes the open ones of these orders; 补充警情 goes to those `notified` and has to be
/// signed.
pub(crate) fn supplement(
    state: &mut State,
    orders: &[OrderId],
    notified: &[OrderId],
    record: &Record,
    how: impl Fn(&mut Order),
) {
    for id in orders {
        if state.orders().get(id).is_none_or(|order| order.state.is_ended()) {
            continue;
        }
        let pending = notified.contains(id);
        state.response.orders.change(id, |order| {
            note_act(order, record);
            how(order);
            order.supplement_pending |= pending;
        });
        if pending {
            timer::set_of_order(state, *id, TimerKey::Notice, record.recorded_at, |timers| timers.signed_ms);
        }
    }
}

/// Ends every timer of an order.
pub(crate) fn end_timers(state: &mut State, id: OrderId) {
    for key in TimerKey::of_order(id) {
        state.timers.cancel(key);
    }
}

fn unit_of(state: &State, id: OrderId) -> Option<UnitId> {
    match &state.orders().get(&id)?.target {
        Target::Unit(unit) => Some(unit.clone()),
        Target::Desk(_) | Target::Agency(_) => None,
    }
}
