//! How a unit moves about without an order: its beat, its way back, and what its receiver says of it.

use dispatch_core::Coord;
use dispatch_core::kernel::kind::Duty;
use dispatch_core::kernel::time::Time;

use super::{Around, Doing, PAUSE_S, Unit};
use crate::errand;
use crate::ground::{metres, scattered};
use crate::message::{Body, Fix};
use crate::moment::after;
use crate::number::{degrees, natural};
use crate::route::Route;

/// Farther from home than this it is not at home, m.
const AWAY_M: f64 = 500.0;

impl Unit {
    /// The simulator starts while the unit is away: it goes home, or back to its beat.
    pub fn come_back(&mut self, returning: bool, now: Time) {
        let away = self.duty != Duty::Patrolling && metres(self.vehicle.at, self.seed.home) > AWAY_M;
        let idle = self.task.is_none() && matches!(self.doing, Doing::Home | Doing::Pausing(_));
        if idle && (returning || away) {
            self.go_back();
            self.next = now;
        }
    }

    /// It has just come to the end of its way.
    pub(super) fn stopped(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        match self.doing {
            Doing::Roaming => {
                self.doing = Doing::Pausing(after(now, self.chance.between(PAUSE_S.0, PAUSE_S.1)));
            }
            Doing::ToScene => {
                self.doing = Doing::AtScene;
                if let Some(task) = &mut self.task {
                    task.arrived(now, &around.settings.habits, &mut self.chance);
                }
            }
            Doing::Returning => {
                self.doing = match self.duty {
                    Duty::Patrolling => Doing::Pausing(after(now, self.chance.between(PAUSE_S.0, PAUSE_S.1))),
                    _ => Doing::Home,
                };
                if self.task.is_none() {
                    self.say(errand::back(&self.id, now), around, out);
                }
            }
            _ => {}
        }
    }

    /// Nothing is asked of it: the next hot spot, or home after a breakdown.
    pub(super) fn loiter(&mut self, now: Time) {
        match self.doing {
            Doing::Pausing(until) if until <= now => {
                let spot = self.chance.pick(&self.seed.spots).copied().unwrap_or(self.seed.home);
                let spot = scattered(spot, 400.0, &mut self.chance);
                let pace = self.chance.between(0.5, 0.75);
                self.drive_to(spot, pace);
                self.doing = Doing::Roaming;
            }
            Doing::Standing(until) if until <= now => self.go_back(),
            _ => {}
        }
    }

    pub(super) fn fix(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        let at = self.signal.read(self.vehicle.at, &mut self.chance);
        let fix = Fix {
            unit: self.id.clone(),
            at,
            speed_cm_s: natural(self.vehicle.speed * 100.0),
            heading_deg: degrees(self.vehicle.heading),
            fix_time: now,
        };
        let settings = around.settings;
        let wait = match self.doing {
            _ if self.vehicle.is_moving() => settings.fix_s,
            Doing::Home => settings.heartbeat_s * self.chance.between(0.85, 1.15),
            _ => settings.standing_fix_s.min(settings.heartbeat_s),
        };
        self.next_fix = after(now, wait);
        self.say(Body::Fix(fix), around, out);
    }

    pub(super) fn go_back(&mut self) {
        let goal = if self.duty == Duty::Patrolling {
            self.seed
                .spots
                .iter()
                .copied()
                .min_by(|a, b| metres(self.vehicle.at, *a).total_cmp(&metres(self.vehicle.at, *b)))
        } else {
            Some(self.seed.home)
        };
        let pace = self.chance.between(0.65, 0.85);
        self.drive_to(goal.unwrap_or(self.seed.home), pace);
        self.doing = Doing::Returning;
    }

    pub(super) fn drive_to(&mut self, goal: Coord, pace: f64) {
        let way = Route::winding(self.vehicle.at, goal, self.seed.detour, &mut self.chance);
        self.vehicle.set_out(way, pace);
        self.next_fix = self.updated;
    }
}
