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
