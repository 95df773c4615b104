//! What incidents are looked for by.

use geo_index::Coord;

use crate::kernel::id::{IncidentId, SeatId};
use crate::kernel::kind::IncidentState;
use crate::kernel::marked::Marked;
use crate::response::incident::{Incident, LinkKind};

/// How many bits of a radius one class of doubt spans.
const BITS: u32 = 2;

/// How wide a place may be: radii of one class are less than four times apart, and those that say nothing are the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt(u32);

impl Doubt {
    /// The class of a radius, metres.
    pub fn of(radius_m: u32) -> Self {
        Self((u32::BITS - radius_m.leading_zeros()).div_ceil(BITS))
    }

    /// The widest radius of this class, metres.
    pub fn radius_max_m(self) -> u32 {
        u32::MAX.checked_shr(u32::BITS.saturating_sub(self.0 * BITS)).unwrap_or(0)
    }

    /// All classes, the narrowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u32::BITS / BITS).map(Self)
    }
}

/// Something incidents are looked for by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncidentMark {
    /// Where it is, while it goes on and that is known; in the order of latitudes within a class of doubt.
    At {
        /// How wide the place is.
        doubt: Doubt,
        /// Latitude, 1e-7 degree.
        lat: i32,
        /// Longitude, 1e-7 degree.
        lon: i32,
    },
    /// The seat that owns it, while it goes on.
    With(SeatId),
    /// What it goes on from.
    Replaces(IncidentId),
}

impl IncidentMark {
    /// The place, if it is one.
    pub fn coord(&self) -> Option<Coord> {
        if let Self::At { lat, lon, .. } = *self { Some(Coord { lon, lat }) } else { None }
    }
}

impl Marked for Incident {
    type Mark = IncidentMark;

    fn marks(&self) -> impl Iterator<Item = IncidentMark> {
        let goes_on = self.state == IncidentState::Active;
        let doubt = Doubt::of(self.place.radius_m);
        let at = self.place.coord.filter(|_| goes_on).map(|Coord { lon, lat }| IncidentMark::At {
            doubt,
            lat,
            lon,
        });
        let with = self.claimed_by.as_ref().filter(|_| goes_on).map(|seat| IncidentMark::With(seat.clone()));
        let replaced = self.links.iter().filter(|link| link.kind == LinkKind::Replacing);
        at.into_iter().chain(with).chain(replaced.map(|link| IncidentMark::Replaces(link.incident)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_every_radius_up_to_its_widest() {
        for radius in [0, 1, 2, 3, 4, 15, 16, 255, 1_000, 65_535, 65_536, u32::MAX - 1, u32::MAX] {
            let class = Doubt::of(radius);
            assert!(radius <= class.radius_max_m(), "{radius} m is of {class:?}");
            assert!(class.radius_max_m() / 4 <= radius, "{radius} m is of {class:?}");
            assert!(Doubt::all().any(|known| known == class), "{class:?}");
        }
        let widest: Vec<u32> = Doubt::all().map(Doubt::radius_max_m).collect();
        assert!(widest.is_sorted() && widest.first() == Some(&0) && widest.last() == Some(&u32::MAX));
    }
}
