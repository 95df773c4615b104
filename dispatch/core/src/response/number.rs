//! Human numbers: desk code, local day, serial. Counted per desk and day without a gap, alarms and incidents apart.

use std::collections::BTreeMap;

use crate::decide::Deciding;
use crate::kernel::id::DeskId;
use crate::kernel::time::LocalDay;

/// The desk of an alarm that came before any region was adopted.
pub(crate) const NO_DESK: &str = "none";

impl Deciding<'_> {
    /// The next number of an alarm at a desk, and the day it belongs to.
    pub(crate) fn alarm_number(&self, desk: &DeskId) -> (String, LocalDay) {
        self.number(desk, &self.state.response.alarm_serials)
    }

    /// The next number of an incident at a desk, and the day it belongs to.
    pub(crate) fn incident_number(&self, desk: &DeskId) -> (String, LocalDay) {
        self.number(desk, &self.state.response.incident_serials)
    }

    /// The day never goes back, so that a region adopted with another zone gives no number twice.
    fn number(&self, desk: &DeskId, serials: &BTreeMap<DeskId, (LocalDay, u32)>) -> (String, LocalDay) {
        let (last_day, last) = serials.get(desk).copied().unwrap_or((self.evidence.local.day, 0));
        let day = self.evidence.local.day.max(last_day);
        let serial = if day == last_day { last + 1 } else { 1 };
        let code = self.state.register().desks.get(desk).map_or(desk.as_str(), |desk| desk.code.as_str());
        (format!("{code}{:08}-{serial:03}", day.0), day)
    }
}
