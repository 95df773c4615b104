//! What a subscription wants to see, and what a view says about itself so that the two can be compared.

use std::collections::BTreeSet;

use dispatch_api::stream::Subscribe;
use dispatch_core::kernel::id::{SeatId, UnitId};
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::text::hidden;
use dispatch_core::view::View;

use crate::area_path::area_path;

/// Most area prefixes of one subscription.
const AREAS_MAX: usize = 200;
/// All of them together, bytes.
const AREAS_BYTES_MAX: usize = 8_192;
/// Longest seat.
const SEAT_BYTES_MAX: usize = 128;

/// What a subscription wants: its visibility label (D15). Equal ones share what is encoded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interest {
    /// Parts of the tree; no prefix is everything, no mode is all modes.
    Areas {
        /// At or below one of these.
        prefixes: BTreeSet<AreaPath>,
        /// Of one of these modes.
        modes: BTreeSet<Mode>,
    },
    /// One unit, the orders addressed to it, their incidents.
    Unit(UnitId),
}

/// What a view says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Where; the empty path concerns everybody.
    pub area: AreaPath,
    /// Mode, of alarms, incidents and orders.
    pub mode: Option<Mode>,
    /// Units it concerns.
    pub units: Box<[UnitId]>,
}

impl Interest {
    /// Reads what a client asks for; the error says what is wrong with it.
    pub fn of(subscribe: &Subscribe) -> Result<Self, String> {
        let named = [
            ("seat", subscribe.seat.as_ref().map(SeatId::as_str)),
            ("unit", subscribe.unit.as_ref().map(UnitId::as_str)),
        ];
        let named = named.into_iter().filter_map(|(field, name)| Some((field, name?)));
        let areas = subscribe.areas.iter().map(|area| ("areas", area.as_str()));
        for (field, text) in named.chain(areas) {
            if let Some(character) = hidden(text) {
                return Err(format!("`{field}` must hold no hidden character, such as {character}"));
            }
        }
        if subscribe.seat.as_ref().is_some_and(|seat| seat.as_str().len() > SEAT_BYTES_MAX) {
            return Err(format!("`seat` has at most {SEAT_BYTES_MAX} bytes"));
        }
        if let Some(unit) = &subscribe.unit {
            if unit.as_str().len() > SEAT_BYTES_MAX {
                return Err(format!("`unit` has at most {SEAT_BYTES_MAX} bytes"));
            }
            if !subscribe.areas.is_empty() || subscribe.positions {
                return Err("with `unit` there are neither `areas` nor `positions`".into());
            }
            return Ok(Self::Unit(unit.clone()));
        }
        if subscribe.areas.len() > AREAS_MAX {
            return Err(format!("`areas` has at most {AREAS_MAX} prefixes"));
        }
        if subscribe.areas.iter().map(String::len).sum::<usize>() > AREAS_BYTES_MAX {
            return Err(format!("`areas` have at most {AREAS_BYTES_MAX} bytes together"));
        }
        let mut prefixes: BTreeSet<AreaPath> = subscribe.areas.iter().map(|text| area_path(text)).collect();
        if prefixes.contains(&AreaPath::default()) {
            prefixes.clear();
        }
        Ok(Self::Areas { prefixes, modes: subscribe.modes.iter().copied().collect() })
    }

    /// Whether a view that says this of itself is wanted.
    pub fn covers(&self, mark: &Mark) -> bool {
        match self {
            Self::Unit(unit) => mark.units.contains(unit),
            Self::Areas { prefixes, modes } => {
                let placed = prefixes.is_empty()
                    || mark.area.0.is_empty()
                    || prefixes.iter().any(|prefix| mark.area.is_within(prefix));
                placed && mark.mode.is_none_or(|mode| modes.is_empty() || modes.contains(&mode))
            }
        }
    }

    /// Whether frames of a label (an area at the label level, or none) are wanted: a finer interest gets the whole
    /// label it lies in, because a frame is never cut.
    pub fn covers_label(&self, label: Option<&AreaPath>) -> bool {
        match (self, label) {
            (Self::Unit(_), _) => false,
            (Self::Areas { prefixes, .. }, None) => prefixes.is_empty(),
            (Self::Areas { prefixes, .. }, Some(label)) => {
                prefixes.is_empty()
                    || prefixes.iter().any(|prefix| label.is_within(prefix) || prefix.is_within(label))
            }
        }
    }
}

impl Mark {
    /// What a view says; `unit_of` knows the units of orders.
    pub fn of(view: &View, unit_of: impl Fn(&dispatch_core::kernel::id::OrderId) -> Option<UnitId>) -> Self {
        let itself = view.as_unit().map(|view| view.unit.id.clone());
        let ordered = view.as_order().and_then(|view| addressed(&view.order.target));
        let orders = view.as_incident().map(|view| &view.incident.orders[..]).unwrap_or_default();
        let units = itself.into_iter().chain(ordered).chain(orders.iter().filter_map(unit_of)).collect();
        Self { area: view.area(), mode: view.mode(), units }
    }
}

/// The unit an order is addressed to, if it is to one.
pub fn addressed(target: &Target) -> Option<UnitId> {
    match target {
        Target::Unit(unit) => Some(unit.clone()),
        Target::Desk(_) | Target::Agency(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(areas: &[&str]) -> Interest {
        let areas = areas.iter().map(|area| (*area).to_owned()).collect();
        Interest::of(&Subscribe { areas, ..Subscribe::default() }).unwrap()
    }

    #[test]
    fn a_prefix_covers_what_lies_below_and_what_concerns_everybody() {
        let mark = |area: &str| Mark { area: area_path(area), ..Mark::default() };
        let interest = wants(&["1525/152502"]);
        assert!(interest.covers(&mark("1525/152502/152502001")));
        assert!(interest.covers(&mark("")));
        assert!(!interest.covers(&mark("1525")));
        assert!(!interest.covers(&mark("1525/1525022")));
        assert!(wants(&[""]).covers(&mark("9")));
    }

    #[test]
    fn labels_are_taken_whole() {
        let label = area_path("1525/152502");
        assert!(wants(&["1525/152502/152502001"]).covers_label(Some(&label)));
        assert!(wants(&["1525"]).covers_label(Some(&label)));
        assert!(!wants(&["1525/152501"]).covers_label(Some(&label)));
        assert!(!wants(&["1525"]).covers_label(None));
        assert!(wants(&[]).covers_label(None));
    }

    #[test]
    fn modes_filter_what_has_one() {
        let modes = vec![Mode::Actual];
        let interest = Interest::of(&Subscribe { modes, ..Subscribe::default() }).unwrap();
        assert!(!interest.covers(&Mark { mode: Some(Mode::Test), ..Mark::default() }));
        assert!(interest.covers(&Mark::default()));
    }
}
