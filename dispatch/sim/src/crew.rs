//! A crew under an order: receives it, signs or declines after a human delay, turns out, drives, works, clears. What
//! the centre says of the order always wins: an operator may have signed for the crew or recalled it.
//!
//! Leaves out: driving itself and the link; see [`crate::unit`].

use dispatch_core::Coord;
use dispatch_core::kernel::id::{IncidentId, OrderId};
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::order::EndReason;

use crate::chance::Chance;
use crate::moment::after;

/// How crews behave.
#[derive(Debug, Clone)]
pub struct Habits {
    /// Share of orders a crew cannot carry out.
    pub declined: f64,
    /// Share it does not hear until somebody phones.
    pub unheard: f64,
    /// Share it signs too late.
    pub late: f64,
    /// Share of drives that end in a breakdown.
    pub broken_down: f64,
    /// Share of arrivals reported minutes late.
    pub forgotten: f64,
    /// Median seconds until an order on the screen is signed: awake in the car, and at home.
    pub sign_s: (f64, f64),
    /// Share of signs of life a crew forgets.
    pub lifeless: f64,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            declined: 0.02,
            unheard: 0.02,
            late: 0.04,
            broken_down: 0.004,
            forgotten: 0.03,
            sign_s: (7.0, 13.0),
            lifeless: 0.04,
        }
    }
}

/// Reasons a crew gives for 无法执行 and 中断.
const REASONS: [EndReason; 5] =
    [EndReason::Vehicle, EndReason::Road, EndReason::Crew, EndReason::Fuel, EndReason::Engaged];

/// What an order asks, as the stream tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The order as the centre names it.
    pub order: OrderId,
    /// For which incident.
    pub incident: IncidentId,
    /// Where, when that is known.
    pub scene: Option<Coord>,
    /// Median time at the scene, s.
    pub work_s: f64,
    /// What the centre says it has come to.
    pub state: OrderState,
    /// A recall or a supplement waits to be signed.
    pub notice: bool,
    /// It is a recall: signed, the order is over for the crew.
    pub recalled: bool,
}

/// What the crew does next about its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The device takes it over.
    Receive,
    /// The crew signs.
    Sign,
    /// The crew declines.
    Decline,
    /// Nobody looks at the screen.
    Unheard,
    /// The crew gets going.
    TurnOut,
    /// On the way.
    Drive,
    /// There, pressing the button.
    Arrive,
    /// The crew works at the scene.
    Work,
}

/// What a step makes the unit do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Report a state, with a reason where one is due.
    Report(OrderState, Option<EndReason>),
    /// Set out for the scene.
    Roll,
    /// Done, or unable: the order is over for the crew.
    Over,
}

/// An order as the crew sees it.
#[derive(Debug, Clone)]
pub struct Task {
    /// What is asked.
    pub assignment: Assignment,
    /// What comes next.
    pub step: Step,
    /// When it does it; [`NEVER`] when something else must happen first.
    pub due: Time,
    /// When the next sign of life is given.
    pub life_due: Time,
}

/// Not until something else happens.
pub const NEVER: Time = Time(i64::MAX);

impl Task {
    /// Takes up an order in whatever state the centre has it, so that a simulator started again goes on.
    pub fn new(assignment: Assignment, now: Time, chance: &mut Chance) -> Self {
        let step = match assignment.state {
            OrderState::Delivered => Step::Sign,
            OrderState::Signed => Step::TurnOut,
            OrderState::Enroute | OrderState::Staged => Step::Drive,
            OrderState::OnScene => Step::Work,
            _ => Step::Receive,
        };
        let wait = match step {
            Step::Receive => chance.between(0.3, 2.5),
            Step::Sign | Step::TurnOut => chance.between(3.0, 20.0),
            Step::Work => assignment.work_s * chance.unit(),
            _ => 0.0,
        };
        let due = if step == Step::Drive { NEVER } else { after(now, wait) };
        Self { assignment, step, due, life_due: NEVER }
    }

    /// Hears what the centre says of the order. True when the crew has to roll for it now.
    pub fn hear(&mut self, news: Assignment, now: Time, turnout_s: f64, chance: &mut Chance) -> bool {
        let moved = news.scene.is_some() && news.scene != self.assignment.scene;
        let state = news.state;
        self.assignment = news;
        let waiting = matches!(self.step, Step::Receive | Step::Sign | Step::Decline | Step::Unheard);
        if state == OrderState::Signed && waiting {
            (self.step, self.due) = (Step::TurnOut, after(now, turnout_s));
        } else if state == OrderState::Enroute && (waiting || self.step == Step::TurnOut) {
            (self.step, self.due) = (Step::Drive, NEVER);
            return true;
        } else if state == OrderState::OnScene && !matches!(self.step, Step::Work) {
            let work = chance.log_normal(self.assignment.work_s, 0.4);
            (self.step, self.due) = (Step::Work, after(now, work));
        } else if state == OrderState::Delivered && self.step == Step::Receive {
            (self.step, self.due) = (Step::Sign, after(now, chance.between(4.0, 20.0)));
        }
        moved && self.step == Step::Drive
    }

    /// The drive is over: the crew presses 到达, now or when it remembers.
    pub fn arrived(&mut self, now: Time, habits: &Habits, chance: &mut Chance) {
        if self.step != Step::Drive {
            return;
        }
        let delay = if chance.happens(habits.forgotten) {
            chance.between(90.0, 400.0)
        } else {
            chance.between(2.0, 15.0)
        };
        (self.step, self.due) = (Step::Arrive, after(now, delay));
    }

    /// Does what is due. `turnout_s` and `at_home` say how the crew stands when it is called.
    pub fn advance(
        &mut self,
        now: Time,
        at_home: bool,
        turnout_s: f64,
        habits: &Habits,
        chance: &mut Chance,
    ) -> Vec<Effect> {
        match self.step {
            Step::Receive => {
                let (step, wait) = answer(at_home, habits, chance);
                (self.step, self.due) = (step, if step == Step::Unheard { NEVER } else { after(now, wait) });
                vec![Effect::Report(OrderState::Delivered, None)]
            }
            Step::Sign => {
                (self.step, self.due) = (Step::TurnOut, after(now, turnout_s));
                self.life_due = after(now, chance.between(1_200.0, 1_700.0));
                vec![Effect::Report(OrderState::Signed, None)]
            }
            Step::Decline => vec![Effect::Report(OrderState::Declined, Some(reason(chance))), Effect::Over],
            Step::TurnOut => {
                (self.step, self.due) = (Step::Drive, NEVER);
                if chance.happens(habits.broken_down) {
                    self.due = after(now, chance.between(60.0, 900.0));
                }
                vec![Effect::Report(OrderState::Enroute, None), Effect::Roll]
            }
            // Only a breakdown makes a drive due.
            Step::Drive => vec![Effect::Report(OrderState::Failed, Some(EndReason::Vehicle)), Effect::Over],
            Step::Arrive => {
                let work = chance.log_normal(self.assignment.work_s, 0.45).max(120.0);
                (self.step, self.due) = (Step::Work, after(now, work));
                vec![Effect::Report(OrderState::OnScene, None)]
            }
            Step::Work => vec![Effect::Report(OrderState::Cleared, None), Effect::Over],
            Step::Unheard => {
                self.due = NEVER;
                Vec::new()
            }
        }
    }
}

fn answer(at_home: bool, habits: &Habits, chance: &mut Chance) -> (Step, f64) {
    let draw = chance.unit();
    let median = if at_home { habits.sign_s.1 } else { habits.sign_s.0 };
    let prompt = chance.log_normal(median, 0.45).min(29.0);
    if draw < habits.declined {
        (Step::Decline, prompt)
    } else if draw < habits.declined + habits.unheard {
        (Step::Unheard, 0.0)
    } else if draw < habits.declined + habits.unheard + habits.late {
        (Step::Sign, chance.between(35.0, 150.0))
    } else {
        (Step::Sign, prompt)
    }
}

fn reason(chance: &mut Chance) -> EndReason {
    REASONS[chance.below(REASONS.len())]
}
