//! What stands between an operator and a dispatch: targets that cannot take it, a screen that is out of date, doubt
//! that asks for a second key. Orders are validated against state, never against an index mask (D8).

use std::collections::BTreeSet;

use crate::command::Dispatch;
use crate::decide::{Deciding, Decision, same_spot};
use crate::kernel::id::{DeskId, KindCode, UnitId};
use crate::kernel::kind::Duty;
use crate::kernel::recommend::is_uncertain;
use crate::kernel::recommendation::Recommendation;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::run_card::run_card;
use crate::response::incident::Incident;
use crate::response::unit::Unit;

/// The most orders stacked behind a unit's active one.
const STACK_MAX: usize = 8;

impl Deciding<'_> {
    /// Every check between a dispatch and its orders.
    pub(crate) fn guards(
        &self,
        desk: &DeskId,
        incident: &Incident,
        dispatch: &Dispatch,
        seen: Option<&Recommendation>,
    ) -> Decision {
        self.still_so(incident, dispatch, seen)?;
        for target in &dispatch.targets {
            self.guard(desk, incident, dispatch, target)?;
        }
        self.second_key(incident, dispatch, seen)
    }

    /// Refuses when what was on screen is not so any more: the incident is elsewhere or of another type, or a chosen
    /// unit of the list can no longer take an order.
    fn still_so(&self, incident: &Incident, dispatch: &Dispatch, seen: Option<&Recommendation>) -> Decision {
        let Some(seen) = seen else { return Ok(()) };
        let asked = &seen.examination;
        if !same_spot(&asked.place, &incident.place) || asked.incident_type != incident.incident_type {
            return Err(Refusal::RecommendationOutdated { units: Vec::new() });
        }
        let offered: BTreeSet<&UnitId> = seen.ranked.iter().map(|ranked| &ranked.candidate.unit).collect();
        let busy_is_meant = dispatch.stack || dispatch.divert;
        let changed = chosen(dispatch).filter(|unit| offered.contains(unit)).filter(|unit| {
            self.state.units().get(*unit).is_none_or(|unit| {
                let busy = unit.active.is_some() || unit.divert.is_some();
                unit.duty == Duty::Off || unit.out_of_service.is_some() || (busy && !busy_is_meant)
            })
        });
        let units: Vec<UnitId> = changed.cloned().collect();
        if units.is_empty() { Ok(()) } else { Err(Refusal::RecommendationOutdated { units }) }
    }

    fn guard(&self, giver: &DeskId, incident: &Incident, dispatch: &Dispatch, target: &Target) -> Decision {
        match target {
            Target::Unit(unit) => {
                let found = self.state.units().get(unit);
                let unit = found.ok_or_else(|| Refusal::unknown("targets", "unit", unit))?;
                self.guard_unit(giver, incident, dispatch, unit)
            }
            Target::Desk(desk) if !self.state.register().desks.contains_key(desk) => {
                Err(Refusal::unknown("targets", "desk", desk))
            }
            Target::Desk(desk) if desk == giver => Err(Refusal::invalid("targets", Rule::OwnDesk)),
            Target::Agency(agency) if !self.state.register().agencies.contains_key(agency) => {
                Err(Refusal::unknown("targets", "agency", agency))
            }
            Target::Desk(_) | Target::Agency(_) => {
                let mut open = crate::response::status::open_orders(self.state, incident);
                match open.find(|order| order.target == *target) {
                    Some(_) => Err(Refusal::invalid("targets", Rule::OrderedAlready)),
                    None => Ok(()),
                }
            }
        }
    }

    fn guard_unit(&self, giver: &DeskId, incident: &Incident, dispatch: &Dispatch, unit: &Unit) -> Decision {
        if unit.duty == Duty::Off {
            return Err(Refusal::UnitOffDuty { unit: unit.id.clone() });
        }
        if unit.out_of_service.is_some() {
            return Err(Refusal::UnitOutOfService { unit: unit.id.clone() });
        }
        if unit.desk != *giver {
            return Err(Refusal::UnitOfOtherDesk { unit: unit.id.clone(), desk: unit.desk.clone() });
        }
        self.guard_busy(incident, dispatch, unit)?;
        let entry = self.state.register().units.get(&unit.id);
        let forbidden = self.forbidden(incident);
        match entry.map(|entry| &entry.class).filter(|class| forbidden.contains(class)) {
            Some(class) => Err(Refusal::ClassForbidden { unit: unit.id.clone(), class: class.clone() }),
            None => Ok(()),
        }
    }

    /// A unit has one order of an incident, one active order, one it may leave that for, and a short stack.
    fn guard_busy(&self, incident: &Incident, dispatch: &Dispatch, unit: &Unit) -> Decision {
        let busy = |order| {
            let of = self.state.orders().get(&order).map_or(incident.id, |order| order.incident);
            Refusal::UnitBusy { unit: unit.id.clone(), order, incident: of }
        };
        let held = unit.active.iter().chain(&unit.divert).chain(&unit.stacked);
        let mut same = held.filter(|order| {
            self.state.orders().get(order).is_some_and(|order| order.incident == incident.id)
        });
        if let Some(order) = same.next() {
            return Err(busy(*order));
        }
        let Some(active) = unit.active else { return Ok(()) };
        match (dispatch.stack, dispatch.divert, unit.divert) {
            (true, _, _) if unit.stacked.len() < STACK_MAX => Ok(()),
            (false, true, None) => Ok(()),
            (_, _, pending) => Err(busy(pending.unwrap_or(active))),
        }
    }

    fn forbidden(&self, incident: &Incident) -> BTreeSet<KindCode> {
        let minute = self.evidence.local.minute;
        run_card(self.state.register(), incident.incident_type.as_ref(), &incident.area, minute, 1).forbidden
    }

    fn calls_for_help(&self, unit: &UnitId) -> bool {
        self.state.units().get(unit).is_some_and(|unit| unit.sos)
    }

    /// Asks for a second key where doubt was on screen and nobody said that it was seen.
    fn second_key(
        &self,
        incident: &Incident,
        dispatch: &Dispatch,
        seen: Option<&Recommendation>,
    ) -> Decision {
        if dispatch.confirmed {
            return Ok(());
        }
        let known = incident.incident_type.as_ref().and_then(|code| self.state.register().types.get(code));
        let missing = !incident.place.is_known();
        let doubts = [
            ("etas_overlap", seen.is_some_and(|seen| overlaps(seen, dispatch))),
            ("place_missing", missing),
            ("place_uncertain", !missing && is_uncertain(&incident.place)),
            ("unit_calls_for_help", chosen(dispatch).any(|unit| self.calls_for_help(unit))),
            ("sensitive_type", known.is_some_and(|known| known.sensitive)),
        ];
        let because: Vec<String> =
            doubts.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word.to_owned()).collect();
        if because.is_empty() { Ok(()) } else { Err(Refusal::ConfirmationNeeded { because }) }
    }
}

fn chosen(dispatch: &Dispatch) -> impl Iterator<Item = &UnitId> {
    dispatch.targets.iter().filter_map(|target| match target {
        Target::Unit(unit) => Some(unit),
        Target::Desk(_) | Target::Agency(_) => None,
    })
}

/// Whether the ETA of a chosen unit cannot be told from that of a neighbour in the list who is not chosen.
fn overlaps(seen: &Recommendation, dispatch: &Dispatch) -> bool {
    let chosen: BTreeSet<&UnitId> = chosen(dispatch).collect();
    let is_chosen = |unit: &UnitId| chosen.contains(unit);
    seen.ranked.windows(2).any(|pair| {
        let (one, other) = (is_chosen(&pair[0].candidate.unit), is_chosen(&pair[1].candidate.unit));
        pair[1].overlaps_previous && one != other
    })
}
