//! Dispatches: whom a desk may send, and what asks for a second key.

use std::collections::BTreeSet;

use dispatch_core::command::{Dispatch, RenewRecommendation};
use dispatch_core::kernel::id::{DeskId, UnitId};
use dispatch_core::kernel::kind::Duty;
use dispatch_core::kernel::place::{Place, PlaceSource};
use dispatch_core::kernel::recommendation::Recommendation;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::kernel::target::Target;

use super::Ruling;
use crate::trial::auditor::tables::{Guess, Life};

/// A place that may be farther off than this is wide, metres.
const WIDE_M: u32 = 500;
/// Targets of one dispatch, and orders behind a unit's active one.
const TARGETS: usize = 32;
const STACKED: usize = 8;

impl<'g> Ruling<'g> {
    pub(super) fn renew_recommendation(&mut self, it: &RenewRecommendation) {
        let Some(life) = self.active("incident", it.incident) else { return };
        let Some((_, desk)) = self.acting() else { return };
        if self.given_to(desk, it.incident).is_none() {
            self.over_life(life);
        }
    }

    pub(super) fn dispatch(&mut self, it: &Dispatch) {
        let Some(life) = self.active("incident", it.incident) else { return };
        let Some((_, desk)) = self.acting() else { return };
        let given = self.given_to(desk, it.incident);
        self.way.invalid_if(it.parent.is_some() && it.parent != given, "parent", &Rule::ParentOfYours);
        if given.is_none() {
            self.over_life(life);
        }
        self.way.seen("expected_version", it.expected_version, life.version);
        self.has_form(it);
        self.explains(it.words.is_some(), it.override_reason.is_some());
        let seen = self.on_screen(it, life);
        for target in &it.targets {
            match target {
                Target::Unit(unit) => self.may_send(desk, it, life, unit),
                Target::Desk(to) => {
                    self.way.bar_if(!self.guess.desks.contains_key(to), "unknown targets");
                    self.way.invalid_if(to == desk, "targets", &Rule::OwnDesk);
                    self.is_first(it, target);
                }
                Target::Agency(agency) => {
                    self.way.bar_if(!self.guess.agencies.contains(agency.as_str()), "unknown targets");
                    self.is_first(it, target);
                }
            }
        }
        let doubts = self.guess.doubts(life, it, seen);
        self.way.bar_if(
            !it.confirmed && !doubts.is_empty(),
            format!("confirmation_needed {:?}", doubts.iter().collect::<BTreeSet<_>>()),
        );
    }

    fn has_form(&mut self, it: &Dispatch) {
        let targets: BTreeSet<&Target> = it.targets.iter().collect();
        self.way.invalid_if(targets.is_empty(), "targets", &Rule::Missing);
        let max = u32::try_from(TARGETS).unwrap_or(u32::MAX);
        self.way.invalid_if(targets.len() > TARGETS, "targets", &Rule::AtMost { max });
        self.way.invalid_if(targets.len() != it.targets.len(), "targets", &Rule::EachOnce);
        self.way.invalid_if(it.stack && it.divert, "divert", &Rule::StackOrDivert);
    }

    /// The recommendation that was on screen, and whether it still says what is.
    fn on_screen(&mut self, it: &Dispatch, life: &Life) -> Option<&'g Recommendation> {
        let id = it.recommendation?;
        let Some(seen) = self.guess.recommendations.get(&id) else {
            self.way.bar("unknown recommendation");
            return None;
        };
        self.way.invalid_if(seen.incident != it.incident, "recommendation", &Rule::OtherIncident);
        let asked = &seen.examination;
        let spot = |place: &Place| (place.coord, place.area.clone(), place.point.clone());
        if spot(&asked.place) != spot(&life.place) || asked.incident_type != life.incident_type {
            self.way.bar("recommendation_outdated []");
        }
        let offered = |unit: &UnitId| seen.ranked.iter().any(|ranked| ranked.candidate.unit == *unit);
        let changed: Vec<&UnitId> =
            units(it).filter(|unit| offered(unit) && self.changed(it, unit)).collect();
        self.way.bar_if(!changed.is_empty(), format!("recommendation_outdated {changed:?}"));
        Some(seen)
    }

    /// A unit that was offered and cannot go any more.
    fn changed(&self, it: &Dispatch, unit: &UnitId) -> bool {
        let held = self.guess.held(unit);
        let busy = held.active.is_some() || held.divert.is_some();
        let meant = it.stack || it.divert;
        self.guess
            .units
            .get(unit)
            .is_none_or(|car| car.duty == Duty::Off || car.broken.is_some() || busy && !meant)
    }

    /// Whether an order of the same incident went to this target already.
    fn is_first(&mut self, it: &Dispatch, target: &Target) {
        let again = self.guess.open_orders(it.incident).any(|(_, task)| task.target == *target);
        self.way.invalid_if(again, "targets", &Rule::OrderedAlready);
    }

    fn may_send(&mut self, desk: &DeskId, it: &Dispatch, life: &Life, unit: &UnitId) {
        let Some(car) = self.guess.units.get(unit) else {
            return self.way.bar("unknown targets");
        };
        self.way.bar_if(car.duty == Duty::Off, format!("unit_off_duty {unit}"));
        self.way.bar_if(car.broken.is_some(), format!("unit_out_of_service {unit}"));
        self.way.bar_if(car.desk != *desk, format!("unit_of_other_desk {unit} {}", car.desk));
        self.way.bar_if(self.guess.is_forbidden(life, unit), format!("class_forbidden {unit}"));
        let held = self.guess.held(unit);
        let all = held.active.iter().chain(&held.divert).chain(&held.stacked);
        let same: Vec<_> = all
            .filter(|order| self.guess.orders.get(order).is_some_and(|task| task.incident == it.incident))
            .collect();
        for order in same {
            self.way.bar(format!("unit_busy {unit} {order}"));
        }
        let Some(active) = held.active else { return };
        let room =
            it.stack && held.stacked.len() < STACKED || !it.stack && it.divert && held.divert.is_none();
        let named = held.divert.unwrap_or(active);
        self.way.bar_if(!room, format!("unit_busy {unit} {named}"));
    }
}

fn units(it: &Dispatch) -> impl Iterator<Item = &UnitId> {
    it.targets.iter().filter_map(|target| match target {
        Target::Unit(unit) => Some(unit),
        Target::Desk(_) | Target::Agency(_) => None,
    })
}

impl Guess {
    /// Whether a unit is of a class that must not be sent to such an incident.
    pub(in crate::trial::auditor) fn is_forbidden(&self, life: &Life, unit: &UnitId) -> bool {
        let mut own = self.cards.iter().filter(|card| card.incident_type == life.incident_type);
        self.units.get(unit).is_some_and(|car| own.any(|card| card.forbidden.contains(&car.entry.class)))
    }

    /// What asks for a second key.
    fn doubts(&self, life: &Life, it: &Dispatch, seen: Option<&Recommendation>) -> BTreeSet<&'static str> {
        let missing = life.place.coord.is_none() && life.place.area.is_none();
        let known = life.incident_type.as_ref().and_then(|code| self.types.get(code));
        let all = [
            ("etas_overlap", seen.is_some_and(|seen| overlaps(seen, it))),
            ("place_missing", missing),
            ("place_uncertain", !missing && is_unsure(&life.place)),
            ("unit_calls_for_help", units(it).any(|unit| self.calls_for_help(unit))),
            ("sensitive_type", known.is_some_and(|known| known.sensitive)),
        ];
        all.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word).collect()
    }
}

/// One who is sent cannot be told from a neighbour in the list who is not.
fn overlaps(seen: &Recommendation, it: &Dispatch) -> bool {
    let sent = |unit: &UnitId| units(it).any(|chosen| chosen == unit);
    seen.ranked.iter().zip(seen.ranked.iter().skip(1)).any(|(sooner, later)| {
        later.overlaps_previous && sent(&sooner.candidate.unit) != sent(&later.candidate.unit)
    })
}

/// Neither known by itself nor confirmed by anybody, or too wide to be driven to.
fn is_unsure(place: &Place) -> bool {
    let known = [PlaceSource::Register, PlaceSource::Fix, PlaceSource::Crew].contains(&place.source);
    place.coord.is_none() || place.radius_m > WIDE_M || !known && place.confirmed_by.is_none()
}
