//! A body that moves: along its way, with acceleration and braking, never above what its mover may on that ground.
//! Leaves out: why it drives; see [`crate::unit`].

use dispatch_core::Coord;

use crate::chance::Chance;
use crate::ground::Ground;
use crate::route::Route;

/// Gaining speed, m/s².
const ACCELERATION: f64 = 1.3;
/// Losing it, m/s².
const BRAKING: f64 = 2.2;
/// One step of reckoning, s.
const STEP_S: f64 = 1.0;
/// This near the end of the way it has arrived, m.
const ARRIVED_M: f64 = 3.0;
/// How fast a driver's mood returns to his habit, per second, and how much it wanders.
const MOOD_RETURN: f64 = 0.02;
const MOOD_NOISE: f64 = 0.015;

/// Where a unit is and how it moves.
#[derive(Debug, Clone)]
pub struct Vehicle {
    /// Which mover it is: an index of [`Ground`].
    pub mover: usize,
    /// Where it is.
    pub at: Coord,
    /// Speed over ground, m/s.
    pub speed: f64,
    /// Degrees clockwise from north.
    pub heading: f64,
    /// Share of the ground's speed that it aims at.
    pace: f64,
    /// Wanders around 1.
    mood: f64,
    way: Option<(Route, f64)>,
}

impl Vehicle {
    /// One that stands.
    pub fn parked(mover: usize, at: Coord) -> Self {
        Self { mover, at, speed: 0.0, heading: 0.0, pace: 1.0, mood: 1.0, way: None }
    }

    /// Sets out on a way at a share of the speed the ground allows. Speed is kept: a driver turns without stopping.
    pub fn set_out(&mut self, way: Route, pace: f64) {
        self.pace = pace.clamp(0.05, 1.0);
        self.way = Some((way, 0.0));
    }

    /// Stops where it is.
    pub fn halt(&mut self) {
        self.way = None;
        self.speed = 0.0;
    }

    /// Whether it is on its way.
    pub fn is_moving(&self) -> bool {
        self.way.is_some()
    }

    /// Metres still to drive.
    pub fn remaining(&self) -> f64 {
        self.way.as_ref().map_or(0.0, |(way, driven)| way.length() - driven)
    }

    /// Drives for some seconds. The ground is asked once: nobody crosses a cell within one fix interval.
    pub fn drive(&mut self, seconds: f64, ground: &Ground, chance: &mut Chance) {
        let Some((way, driven)) = &mut self.way else { return };
        let limit = ground.speed(self.mover, self.at);
        let mut left = seconds;
        while left > 0.0 {
            let step = left.min(STEP_S);
            left -= step;
            self.mood += (1.0 - self.mood) * MOOD_RETURN * step + MOOD_NOISE * chance.normal() * step.sqrt();
            self.mood = self.mood.clamp(0.7, 1.15);
            let remaining = way.length() - *driven;
            let braking = (2.0 * BRAKING * remaining.max(0.0)).sqrt();
            let aim = (limit * (self.pace * self.mood).min(1.0)).min(braking);
            let gain = (aim - self.speed).clamp(-BRAKING * step, ACCELERATION * step);
            self.speed = (self.speed + gain).max(0.3);
            *driven += self.speed * step;
            if way.length() - *driven < ARRIVED_M {
                (self.at, self.heading) = way.at(way.length());
                self.halt();
                return;
            }
        }
        (self.at, self.heading) = way.at(*driven);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::metres;

    #[test]
    fn it_gathers_speed_keeps_the_limit_and_stops_at_the_end() {
        let ground = Ground::even(&[20.0]);
        let from = Coord::from_degrees(116.0, 44.0).unwrap();
        let to = Coord::from_degrees(116.1, 44.0).unwrap();
        let mut chance = Chance::new(3, 3);
        let mut car = Vehicle::parked(0, from);
        let way = Route::winding(from, to, 1.3, &mut chance);
        let length = way.length();
        car.set_out(way, 1.0);
        let (mut seconds, mut before) = (0.0, from);
        while car.is_moving() {
            let speed_before = car.speed;
            car.drive(1.0, &ground, &mut chance);
            seconds += 1.0;
            assert!(car.speed <= 20.0 + 1e-9, "{}", car.speed);
            assert!(car.speed - speed_before <= ACCELERATION + 1e-9);
            assert!(metres(before, car.at) <= 20.0 + ARRIVED_M + 0.1);
            before = car.at;
            assert!(seconds < 3_000.0, "never arrives");
        }
        assert_eq!(car.at, to);
        let mean = length / seconds;
        assert!((14.0..20.0).contains(&mean), "{mean}");
    }
}
