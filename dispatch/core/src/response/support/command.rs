//! Commands on support 支援.

use crate::contexts::commands;
use crate::kernel::id::{IncidentId, SupportId, UnitId, WordsId};
use crate::response::support::SupportReason;

commands! {
    ($) support_commands

    /// Asks its commanding desk for it.
    RequestSupport request_support (post "units" {unit} "request-support" on unit; text No; by Dispatcher over Carried(incident)) {
        /// The unit that is asked for.
        unit: UnitId,
        /// The incident it is asked for.
        incident: IncidentId,
    }
    /// Grants, refuses or, as the parent desk, takes.
    ///
    /// Grants, refuses or (parent desk, priority 1, after the time) takes.
    AnswerSupport answer_support (post "supports" {support} "answer" on support; text May; by ShiftLead over Lender(support)) {
        /// The request that is answered.
        support: SupportId,
        /// Whether the unit is lent; false refuses.
        grant: bool,
        /// Why it is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] reason: Option<SupportReason>,
        /// More about it, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Gives the unit back to its own desk.
    EndSupport end_support (post "supports" {support} "end" on support; text No; by Dispatcher over Lent(support)) {
        /// The request that ends, granted or still open.
        support: SupportId,
    }
}
