//! What technical alarms, and what is suppressed of them, are looked for by.

use crate::kernel::id::{PointId, UnitId};
use crate::kernel::marked::Marked;
use crate::technical::{Suppression, Technical};

/// Where a technical alarm comes from: a point, a unit, or neither.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The point, if it is one.
    pub point: Option<PointId>,
    /// The unit, if it is one.
    pub unit: Option<UnitId>,
}

impl Source {
    /// A source by its names.
    pub fn new(point: Option<&PointId>, unit: Option<&UnitId>) -> Self {
        Self { point: point.cloned(), unit: unit.cloned() }
    }
}

impl Marked for Technical {
    type Mark = Source;

    fn marks(&self) -> impl Iterator<Item = Source> {
        std::iter::once(Source::new(self.point.as_ref(), self.unit.as_ref()))
    }
}

impl Marked for Suppression {
    type Mark = Source;

    fn marks(&self) -> impl Iterator<Item = Source> {
        std::iter::once(Source::new(self.point.as_ref(), self.unit.as_ref()))
    }
}
