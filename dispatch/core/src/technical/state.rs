//! What technical alarms keep of the centre's state; written by their own events alone.

use crate::contexts::keeps;
use crate::kernel::id::{SuppressionId, TechnicalId};
use crate::kernel::marked::MarkedTable;
use crate::technical::{Suppression, Technical};

keeps! {
    /// Technical alarms and suppressed sources.
    TechnicalState in technical, for tests technical_mut {
        /// Those that are not cleared.
        technicals: MarkedTable<TechnicalId, Technical>,
        /// Sources that are suppressed.
        suppressions: MarkedTable<SuppressionId, Suppression>,
    }
}

impl TechnicalState {
    /// Moves the ends of shelves and suppressions with the clock.
    pub(crate) fn move_due(&mut self, us: i64) {
        self.technicals.change_all(|technical| {
            if let Some(shelf) = &mut technical.shelf {
                shelf.until = shelf.until.moved(us);
            }
        });
        self.suppressions.change_all(|known| known.until = known.until.moved(us));
    }
}
