//! Orders, and what they do to whom they are given.

use dispatch_core::event::{
    CallerReleased, Event, LifeConfirmed, NoticeSigned, OrderAdvanced, OrderRecalled, OrderUnstacked, Record,
};
use dispatch_core::kernel::id::OrderId;
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::response::order::{Order, Stamp};

use super::super::tables::{Guess, Task, Version};

impl Guess {
    pub(super) fn learn_order(&mut self, record: &Record) {
        match &record.event {
            Event::OrderCreated(created) => self.given(&created.order(record.recorded_at), record.seq),
            Event::OrderAdvanced(OrderAdvanced { order, stamp, .. }) => self.advance(*order, stamp),
            Event::OrderUnstacked(OrderUnstacked { order }) => {
                let (at, by) = (record.recorded_at, record.actor.clone());
                self.task(*order, |task| {
                    task.state = OrderState::Sent;
                    task.said.push((OrderState::Sent, at, by, true));
                    task.sent_at = Some(at);
                });
            }
            Event::OrderRecalled(OrderRecalled { order, .. }) => {
                self.task(*order, |task| task.recalled = true);
            }
            Event::NoticeSigned(NoticeSigned { order, .. }) => {
                self.task(*order, |task| task.supplement = false);
            }
            Event::CallerReleased(CallerReleased { order, words }) => {
                self.task(*order, |task| task.caller.clone_from(words));
            }
            Event::LifeConfirmed(LifeConfirmed { order, .. }) => self.task(*order, |_| {}),
            _ => {}
        }
    }

    fn given(&mut self, order: &Order, seq: u64) {
        let task = Task {
            incident: order.incident,
            target: order.target.clone(),
            state: order.state,
            version: Version::default(),
            mode: order.mode,
            desk: order.desk.clone(),
            seat: order.seat.clone(),
            area: order.area.clone(),
            diverts: order.diverted_from.is_some(),
            recalled: false,
            supplement: false,
            created_at: order.created_at,
            seq,
            sent_at: None,
            said: Vec::new(),
            caller: order.caller.clone(),
        };
        self.orders.insert(order.id, task);
        self.life(order.incident, |life| {
            life.orders.insert(order.id);
        });
    }

    fn advance(&mut self, id: OrderId, stamp: &Stamp) {
        let unit = self.orders.get(&id).and_then(Task::unit).cloned();
        let was_active = unit.as_ref().is_some_and(|unit| self.held(unit).active == Some(id));
        let mut moved = false;
        self.task(id, |task| {
            task.said.push((stamp.state, stamp.at, stamp.by.clone(), !stamp.beside));
            if stamp.state == OrderState::Sent {
                task.sent_at = Some(stamp.received_at);
            }
            if stamp.beside {
                return;
            }
            task.state = stamp.state;
            if task.is_taken_up() || !task.is_open() {
                task.diverts = false;
            }
            if !task.is_open() {
                (task.recalled, task.supplement) = (false, false);
                let rolled =
                    |state| matches!(state, OrderState::Enroute | OrderState::Staged | OrderState::OnScene);
                moved = task.said.iter().any(|(state, _, _, got_there)| *got_there && rolled(*state))
                    || task.state == OrderState::Cleared;
            }
        });
        let over = !stamp.beside && self.orders.get(&id).is_some_and(|task| !task.is_open());
        if let Some(unit) = unit.filter(|_| over && was_active) {
            self.car(&unit, |car| car.returning |= moved);
            // What drew it away is what it is on now.
            if let Some(next) = self.held(&unit).divert {
                self.task(next, |task| task.diverts = false);
            }
        }
    }
}
