//! What the auditor's model knows of dispatches: whom a run card forbids, and what asks for a second key.

use std::collections::BTreeSet;

use dispatch_core::command::Dispatch;
use dispatch_core::id::UnitId;
use dispatch_core::order::Target;
use dispatch_core::place::{Place, PlaceSource};

use super::tables::{Guess, Life};

/// A place that may be farther off than this is wide, metres.
const WIDE_M: u32 = 500;

/// A doubt that rests on the recommendation that was seen, which the model does not make.
pub(super) const OVERLAP: &str = "etas_overlap";

impl Guess {
    /// Whether a unit is of a class that must not be sent to such an incident.
    pub(super) fn is_forbidden(&self, life: &Life, unit: &UnitId) -> bool {
        let own = self.cards.iter().filter(|card| card.incident_type == life.incident_type);
        self.classes.get(unit).is_some_and(|class| own.into_iter().any(|card| card.forbidden.contains(class)))
    }

    /// What asks for a second key, as far as the model knows.
    pub(super) fn doubts(&self, life: &Life, dispatch: &Dispatch) -> BTreeSet<&'static str> {
        let units = dispatch.targets.iter().filter_map(|target| match target {
            Target::Unit(unit) => Some(unit),
            _ => None,
        });
        let missing = life.place.coord.is_none() && life.place.area.is_none();
        let sensitive = life.incident_type.as_ref().is_some_and(|code| self.sensitive.contains(code));
        let calls = units.into_iter().any(|unit| self.calls_for_help(unit));
        let all = [
            ("place_missing", missing),
            ("place_uncertain", !missing && is_unsure(&life.place)),
            ("unit_calls_for_help", calls),
            ("sensitive_type", sensitive),
        ];
        all.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word).collect()
    }

    /// A unit calls for help from its press until the incident of it has ended.
    fn calls_for_help(&self, unit: &UnitId) -> bool {
        self.alarms.values().filter(|call| call.caller.as_ref() == Some(unit)).any(|call| {
            let life = call.incident.map(|incident| self.incidents.get(&incident));
            life.is_none_or(|life| life.is_some_and(|life| !life.ended))
        })
    }
}

/// Neither known by itself nor confirmed by anybody, or too wide to be driven to.
fn is_unsure(place: &Place) -> bool {
    let known = [PlaceSource::Register, PlaceSource::Fix, PlaceSource::Crew].contains(&place.source);
    place.coord.is_none() || place.radius_m > WIDE_M || !known && place.confirmed_by.is_none()
}
