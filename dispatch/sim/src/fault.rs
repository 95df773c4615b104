//! Technical alarms: devices and links that fail now and then, and work again after a while.
//!
//! Leaves out: what the centre finds out by itself, as a silent point.

use std::collections::BTreeSet;

use dispatch_core::command::{ClearTechnical, RaiseTechnical};
use dispatch_core::kernel::id::TechnicalId;
use dispatch_core::kernel::time::Time;
use dispatch_core::technical::TechnicalKind;

use crate::chance::Chance;
use crate::message::Intent;
use crate::moment::after;
use crate::scene::Scene;
use crate::settings::Settings;

/// Causes as the console translates them: of a point's device, and of a unit's.
const POINT_CAUSES: [(TechnicalKind, &str); 5] = [
    (TechnicalKind::Device, "battery_low"),
    (TechnicalKind::Device, "mains_lost"),
    (TechnicalKind::Device, "tamper"),
    (TechnicalKind::Link, "link_lost"),
    (TechnicalKind::Device, "self_test_failed"),
];
const UNIT_CAUSES: [(TechnicalKind, &str); 3] = [
    (TechnicalKind::Device, "gnss_fault"),
    (TechnicalKind::Device, "terminal_overheated"),
    (TechnicalKind::Link, "link_unstable"),
];

/// Everything that may fail.
#[derive(Debug, Clone)]
pub struct Faults {
    chance: Chance,
    next: Time,
    mending: BTreeSet<(Time, TechnicalId)>,
}

impl Faults {
    /// Faults of a day that starts at `start`.
    pub fn new(mut chance: Chance, start: Time, settings: &Settings) -> Self {
        let next = after(start, wait(&mut chance, settings));
        Self { chance, next, mending: BTreeSet::new() }
    }

    /// When something fails or is mended next.
    pub fn next(&self) -> Time {
        self.mending.first().map_or(self.next, |(at, _)| self.next.min(*at))
    }

    /// What fails and what is mended now. Of the intents the last may be a new fault, which the second part says.
    pub fn wake(&mut self, now: Time, scene: &Scene, settings: &Settings) -> (Vec<Intent>, Option<Intent>) {
        let mut mended = Vec::new();
        while let Some(&(at, technical)) = self.mending.first()
            && at <= now
        {
            self.mending.pop_first();
            mended.push(Intent::of_device("supervision", now, ClearTechnical { technical }));
        }
        if self.next > now {
            return (mended, None);
        }
        self.next = after(now, wait(&mut self.chance, settings));
        let of_unit = self.chance.happens(0.3);
        let ((kind, cause), point, unit) = if of_unit {
            let unit = self.chance.pick(&scene.units).map(|unit| unit.id.clone());
            (UNIT_CAUSES[self.chance.below(UNIT_CAUSES.len())], None, unit)
        } else {
            let point = self.chance.pick(&scene.points).map(|point| point.id.clone());
            (POINT_CAUSES[self.chance.below(POINT_CAUSES.len())], point, None)
        };
        if point.is_none() && unit.is_none() {
            return (mended, None);
        }
        let command = RaiseTechnical { kind, cause: cause.to_owned(), point, unit };
        (mended, Some(Intent::of_device("supervision", now, command)))
    }

    /// One was taken: it will be mended.
    pub fn raised(&mut self, technical: TechnicalId, now: Time) {
        let until = after(now, self.chance.log_normal(900.0, 0.8).clamp(60.0, 14_400.0));
        self.mending.insert((until, technical));
    }

    /// One that is open when the simulator starts: it will be mended too.
    pub fn found(&mut self, technical: TechnicalId, now: Time) {
        if !self.mending.iter().any(|(_, known)| *known == technical) {
            self.raised(technical, now);
        }
    }
}

fn wait(chance: &mut Chance, settings: &Settings) -> f64 {
    if settings.technicals_per_hour > 0.0 {
        chance.exponential(3_600.0 / settings.technicals_per_hour)
    } else {
        1e9
    }
}
