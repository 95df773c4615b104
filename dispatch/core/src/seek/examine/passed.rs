//! Who is nearer and was not offered, and why: the first thing an operator who knows the country asks.

use std::collections::BTreeSet;

use geo_index::Filter;

use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::recommendation::{Examination, PassedOver, PassedReason};
use crate::kernel::target::Target;
use crate::seek::examine::PASSED_MAX;
use crate::seek::examine::candidate::{Scene, Seen};

/// The nearest units that are nearer than the first of those offered and are not among them, or the nearest of all
/// where nobody can be offered; then those who were named and are in neither list.
pub(crate) fn over(scene: &Scene, found: &Examination, named: &[Target]) -> Vec<PassedOver> {
    let offered: BTreeSet<&UnitId> = found.available.iter().map(|candidate| &candidate.unit).collect();
    let nearer_than = found.available.first().map(|best| best.distance_dm);
    let judge = |distance_dm: u32, seen: &Seen| {
        let candidate = scene.candidate(seen, distance_dm, scene.travel_ms(seen));
        PassedOver { because: because(scene, found, seen), candidate }
    };
    let mut passed: Vec<PassedOver> = scene
        .live_map
        .live
        .nearest(scene.at, PASSED_MAX + offered.len(), Filter::ALL)
        .into_iter()
        .take_while(|hit| nearer_than.is_none_or(|distance_dm| hit.distance_dm < distance_dm))
        .filter_map(|hit| Some((hit, scene.see(hit.slot)?)))
        .filter(|(_, seen)| !offered.contains(seen.id))
        .take(PASSED_MAX)
        .map(|(hit, seen)| judge(hit.distance_dm, &seen))
        .collect();
    for target in named {
        let Target::Unit(unit) = target else { continue };
        let known = passed.iter().any(|passed| passed.candidate.unit == *unit) || offered.contains(unit);
        let slot = scene.state.register().units.get(unit).map(|entry| entry.slot).filter(|_| !known);
        let seen = slot.and_then(|slot| scene.see(slot));
        passed.extend(seen.map(|seen| judge(seen.fix.at.distance_dm(scene.at), &seen)));
    }
    passed
}

/// What rules it out for good comes before what may pass, because an operator who reads "busy" may divert it.
fn because(scene: &Scene, found: &Examination, seen: &Seen) -> PassedReason {
    let unit = seen.unit;
    unsuited(found, seen).unwrap_or_else(|| {
        if scene.is_caller(seen) || unit.sos {
            return PassedReason::CallsForHelp;
        }
        if unit.duty == Duty::Off {
            return PassedReason::OffDuty;
        }
        if unit.out_of_service.is_some() {
            return PassedReason::OutOfService;
        }
        let order = unit.active.or(unit.divert).and_then(|order| scene.state.orders().get(&order));
        match order {
            Some(order) => PassedReason::Busy { order: order.id, incident: order.incident },
            None => PassedReason::Slower,
        }
    })
}

/// Why a unit fits no need line, by the first line that takes its class.
fn unsuited(found: &Examination, seen: &Seen) -> Option<PassedReason> {
    let entry = seen.entry;
    if found.forbidden.contains(&entry.class) {
        return Some(PassedReason::ForbiddenClass { class: entry.class.clone() });
    }
    let mut lines = found
        .needs
        .iter()
        .filter(|need| need.classes.is_empty() || need.classes.contains(&entry.class))
        .peekable();
    if lines.peek().is_none() {
        return Some(PassedReason::OtherClass { class: entry.class.clone() });
    }
    let mut missing = lines.map(|need| need.capabilities.difference(&entry.capabilities).next());
    let first = missing.next()??;
    // One line that lacks nothing is enough.
    missing
        .all(|capability| capability.is_some())
        .then(|| PassedReason::MissingCapability { capability: first.clone() })
}
