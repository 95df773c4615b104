//! Events of support 支援.

use crate::contexts::events;
use crate::kernel::id::{DeskId, IncidentId, SupportId, UnitId, WordsId};
use crate::kernel::kind::{Priority, vocabulary};

vocabulary! {
    /// Why a support request is refused.
    SupportReason {
        /// The unit is needed where it is.
        NeededHere,
        /// It cannot go.
        Unable,
        /// By the centre: it was lent to another desk.
        LentToAnother,
        /// By the centre: it left the register.
        UnitRetired,
        /// Another reason; the words beside it may say which.
        Other,
    }
}

events! {
    ($) support_events

    /// A desk asks for a unit of another.
    SupportRequested "support_requested" (Made support, Named incident, Named unit) {
        /// Id of the request, given by the centre.
        support: SupportId,
        /// The unit asked for.
        unit: UnitId,
        /// The desk that asks.
        by: DeskId,
        /// The desk that commands the unit.
        of: DeskId,
        /// The incident it is asked for.
        incident: IncidentId,
        /// Priority of that incident when the unit was asked for.
        priority: Priority,
    }
    /// Granted or (parent desk) taken: the unit's commanding desk changes.
    SupportGranted "support_granted" (Changed support, Changed unit) {
        /// The request that was granted.
        support: SupportId,
        /// The unit that is lent.
        unit: UnitId,
        /// Taken by the parent desk.
        taken: bool,
    }
    /// The request was refused; the unit stays where it is.
    SupportRefused "support_refused" (Changed support) {
        /// The request that was refused.
        support: SupportId,
        /// Why the unit is not lent.
        reason: SupportReason,
        /// More about why, as a words record; absent when nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// The unit is its own desk's again, or the request was withdrawn.
    SupportEnded "support_ended" (Changed support, Changed unit) {
        /// The request that ended.
        support: SupportId,
        /// The unit that was asked for.
        unit: UnitId,
    }
}
