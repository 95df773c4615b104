//! What can be asked about technicals.

use crate::contexts::commands;
use crate::kernel::id::{PointId, SuppressionId, TechnicalId, UnitId, WordsId};
use crate::kernel::time::Time;
use crate::technical::{ShelfReason, TechnicalKind};

commands! {
    ($) technical_commands

    /// Raises a technical alarm, or counts it once more.
    ///
    /// A technical alarm has come, or come again.
    RaiseTechnical raise_technical (post "technicals"; text No; by Source) {
        /// What kind.
        kind: TechnicalKind,
        /// A short code.
        cause: String,
        /// The point concerned.
        #[serde(default)] point: Option<PointId>,
        /// The unit concerned.
        #[serde(default)] unit: Option<UnitId>,
    }
    /// Puts it aside, with why and until when.
    ///
    /// 搁置, with why and until.
    ShelveTechnical shelve_technical (post "technicals" {technical} "shelve" on technical; text May; by ShiftLead) {
        /// Which.
        technical: TechnicalId,
        /// Why.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// Until when.
        until: Time,
    }
    /// Takes it off the shelf.
    UnshelveTechnical unshelve_technical (post "technicals" {technical} "unshelve" on technical; text No; by ShiftLead) {
        /// Which.
        technical: TechnicalId,
    }
    /// Clears it.
    ClearTechnical clear_technical (post "technicals" {technical} "clear" on technical; text No; by ShiftLead) {
        /// Which.
        technical: TechnicalId,
    }
    /// Keeps the technical alarms of a point or unit off the list, with why and until when.
    ///
    /// 抑制: keeps the technical alarms of one point or unit off the list, with why and until.
    SuppressSource suppress_source (post "suppressions"; text May; by ShiftLead) {
        /// This kind only; every kind when absent.
        #[serde(default)] kind: Option<TechnicalKind>,
        /// The point; or else name a unit.
        #[serde(default)] point: Option<PointId>,
        /// The unit; or else name a point.
        #[serde(default)] unit: Option<UnitId>,
        /// Why.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// Until when.
        until: Time,
    }
    /// Puts them on the list again.
    ///
    /// Ends a suppression.
    UnsuppressSource unsuppress_source (post "suppressions" {suppression} "end" on suppression; text No; by ShiftLead) {
        /// Which.
        suppression: SuppressionId,
    }
}
