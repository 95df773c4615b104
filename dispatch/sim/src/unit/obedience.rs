//! How a unit takes orders: what the centre says of them, what its crew does about them, and the way there.

use dispatch_core::command::AdvanceOrder;
use dispatch_core::kernel::id::OrderId;
use dispatch_core::kernel::kind::{Duty, OrderState};
use dispatch_core::kernel::time::Time;
use dispatch_core::register::speaker::of_unit;
use dispatch_core::response::order::StampSource;

use super::{Around, Doing, Notice, Unit};
use crate::crew::{Assignment, Effect, Step, Task};
use crate::errand::{self, Report};
use crate::ground::scattered;
use crate::message::{Body, Intent};
use crate::moment::after;
use crate::scene::UnitSeed;

/// A scene nobody placed is looked for around the unit, m.
const SEARCH_M: f64 = 2_500.0;

impl Unit {
    /// Hears what the centre says of one of its orders.
    pub fn hear(&mut self, news: &Assignment, now: Time) {
        self.next = now;
        if self.signal.is_lost() {
            self.unheard.retain(|before| before.order != news.order);
            self.unheard.push(news.clone());
            return;
        }
        if news.state.is_ended() {
            self.finished.retain(|order| *order != news.order);
            self.notice.take_if(|notice| notice.order == news.order);
            self.forget(news.order, now);
            return;
        }
        if self.finished.contains(&news.order) {
            return;
        }
        if !news.notice {
            self.notice.take_if(|notice| notice.order == news.order);
        } else if self.notice.is_none_or(|notice| notice.order != news.order) {
            let due = after(now, self.chance.log_normal(9.0, 0.4));
            self.notice = Some(Notice { order: news.order, recalled: news.recalled, due });
        }
        if self.task.as_ref().is_some_and(|task| task.assignment.order == news.order) {
            let turnout = self.turnout_s();
            let task = self.task.as_mut().expect("just looked at");
            if task.hear(news.clone(), now, turnout, &mut self.chance) {
                self.roll();
            }
        } else if let Some(task) = self.coming.as_mut().filter(|task| task.assignment.order == news.order) {
            task.hear(news.clone(), now, 10.0, &mut self.chance);
            if news.state.is_signed_open() {
                self.take_over();
            }
        } else if news.state != OrderState::Queued && self.duty != Duty::Off {
            let task = Task::new(news.clone(), now, &mut self.chance);
            self.take_up(task, now);
        }
    }

    /// The centre knows nothing of this order any more.
    pub fn forget(&mut self, order: OrderId, now: Time) {
        self.coming.take_if(|task| task.assignment.order == order);
        if self.task.take_if(|task| task.assignment.order == order).is_some() {
            if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                self.go_back();
            }
            if let Some(next) = self.coming.take() {
                self.take_up(next, now);
            }
            self.next = now;
        }
    }

    pub(super) fn obey(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        if self.signal.is_lost() {
            // What has not reached the device waits for coverage; what the crew does by itself goes on.
            let back = self.signal.back_at().map_or(now, |at| after(at, 1.0));
            for task in self.task.iter_mut().chain(&mut self.coming).filter(|task| task.step == Step::Receive)
            {
                task.due = task.due.max(back);
            }
        }
        while let Some(task) = self.task.as_mut().filter(|task| task.due <= now) {
            let (at_home, turnout) =
                (self.doing == Doing::Home, turnout_s(&self.seed, self.duty, self.doing));
            let turnout = turnout * self.chance.log_normal(1.0, 0.2);
            let effects = task.advance(now, at_home, turnout, &around.settings.habits, &mut self.chance);
            let assignment = task.assignment.clone();
            for effect in effects {
                self.carry_out(&effect, &assignment, now, around, out);
            }
        }
        if let Some(task) = self.coming.as_mut().filter(|task| task.due <= now) {
            let effects = task.advance(now, false, 10.0, &around.settings.habits, &mut self.chance);
            let assignment = task.assignment.clone();
            let signed = effects.contains(&Effect::Report(OrderState::Signed, None));
            for effect in effects {
                match effect {
                    Effect::Over => {
                        self.coming = None;
                        self.finished.push(assignment.order);
                    }
                    effect => self.carry_out(&effect, &assignment, now, around, out),
                }
            }
            if signed {
                self.take_over();
            }
        }
    }

    pub(super) fn carry_out(
        &mut self,
        effect: &Effect,
        assignment: &Assignment,
        now: Time,
        around: Around<'_>,
        out: &mut Vec<Body>,
    ) {
        match effect {
            &Effect::Report(state, reason) => {
                let command = AdvanceOrder {
                    order: assignment.order,
                    state,
                    at: Some(now),
                    source: StampSource::Device,
                    voice: None,
                    reason,
                    words: None,
                };
                let intent = Intent::of_device(of_unit(&self.id).as_str(), now, command);
                self.say(Body::Intent(Box::new(intent)), around, out);
                self.reported(state, assignment, now, around, out);
            }
            Effect::Roll => self.roll(),
            Effect::Over => {
                self.task = None;
                self.finished.push(assignment.order);
                if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                    self.go_back();
                }
                if let Some(next) = self.coming.take() {
                    self.take_up(next, now);
                }
            }
        }
    }

    pub(super) fn reported(
        &mut self,
        state: OrderState,
        assignment: &Assignment,
        now: Time,
        around: Around<'_>,
        out: &mut Vec<Body>,
    ) {
        match state {
            OrderState::OnScene if self.chance.happens(0.2) => {
                self.say(errand::arrival(&self.id, assignment.incident, assignment.order, now), around, out);
            }
            OrderState::Cleared => {
                let due = after(now, self.chance.log_normal(120.0, 0.8).min(1_700.0));
                self.reports.push(Report { incident: assignment.incident, order: assignment.order, due });
            }
            OrderState::Failed => {
                self.vehicle.halt();
                self.doing = Doing::Standing(after(now, self.chance.between(1_200.0, 2_400.0)));
            }
            _ => {}
        }
    }

    pub(super) fn turnout_s(&self) -> f64 {
        turnout_s(&self.seed, self.duty, self.doing)
    }

    /// Takes up an order: as the only one, or as one to leave the present order for.
    pub(super) fn take_up(&mut self, mut task: Task, now: Time) {
        if task.assignment.state.is_signed_open() {
            task.life_due = after(now, self.chance.between(600.0, 1_700.0));
        }
        if self.task.is_some() {
            self.coming = Some(task);
            return;
        }
        let step = task.step;
        self.task = Some(task);
        match step {
            Step::Drive => self.roll(),
            Step::Work => self.doing = Doing::AtScene,
            _ => {}
        }
    }

    /// The diverting order is signed: the old one is the centre's to end.
    pub(super) fn take_over(&mut self) {
        if let Some(task) = self.coming.take() {
            self.task = Some(task);
            if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                self.vehicle.halt();
                self.doing = Doing::AtScene;
            }
        }
    }

    pub(super) fn roll(&mut self) {
        let scene = self.task.as_ref().and_then(|task| task.assignment.scene);
        let scene = scene.unwrap_or_else(|| scattered(self.vehicle.at, SEARCH_M, &mut self.chance));
        let pace = self.chance.between(0.9, 1.0);
        self.drive_to(scene, pace);
        self.doing = Doing::ToScene;
    }
}

/// Seconds from signing to rolling.
fn turnout_s(seed: &UnitSeed, duty: Duty, doing: Doing) -> f64 {
    match (doing, duty) {
        (Doing::Home, Duty::Reserve) => seed.readiness_s * 2.0,
        (Doing::Home, _) => seed.readiness_s,
        _ => 12.0,
    }
}
