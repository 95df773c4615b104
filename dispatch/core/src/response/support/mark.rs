//! What support requests are looked for by.

use crate::kernel::id::{IncidentId, UnitId};
use crate::kernel::marked::Marked;
use crate::response::support::{Support, SupportState};

/// Something support requests are looked for by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SupportMark {
    /// The incident a unit is asked for.
    Of(IncidentId),
    /// The unit, while it is asked for.
    Asked(UnitId),
    /// The unit, while it is lent.
    Lent(UnitId),
}

impl Marked for Support {
    type Mark = SupportMark;

    fn marks(&self) -> impl Iterator<Item = SupportMark> {
        let unit = match self.state {
            SupportState::Open => Some(SupportMark::Asked(self.unit.clone())),
            SupportState::Granted | SupportState::Taken => Some(SupportMark::Lent(self.unit.clone())),
            SupportState::Refused | SupportState::Ended => None,
        };
        [SupportMark::Of(self.incident)].into_iter().chain(unit)
    }
}
