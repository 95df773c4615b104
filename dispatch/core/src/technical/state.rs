//! What technical alarms keep of the centre's state; written by their own events alone.

use std::collections::BTreeMap;

use crate::contexts::keeps;
use crate::kernel::id::{SuppressionId, TechnicalId};
use crate::technical::{Suppression, Technical};

keeps! {
    /// Technical alarms and suppressed sources.
    TechnicalState in technical, for tests technical_mut {
        /// Those that are not cleared.
        technicals: BTreeMap<TechnicalId, Technical>,
        /// Sources that are suppressed.
        suppressions: BTreeMap<SuppressionId, Suppression>,
    }
}

impl TechnicalState {
    /// Moves the ends of shelves and suppressions with the clock.
    pub(crate) fn move_due(&mut self, us: i64) {
        let shelves = self.technicals.values_mut().filter_map(|technical| technical.shelf.as_mut());
        shelves.for_each(|shelf| shelf.until = shelf.until.moved(us));
        self.suppressions.values_mut().for_each(|known| known.until = known.until.moved(us));
    }
}
