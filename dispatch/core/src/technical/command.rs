//! Commands on technical alarms 告警 and their sources.

use crate::contexts::commands;
use crate::kernel::id::{PointId, SuppressionId, TechnicalId, UnitId, WordsId};
use crate::kernel::time::Time;
use crate::technical::{ShelfReason, TechnicalKind};

commands! {
    ($) technical_commands

    /// Raises a technical alarm, or counts it once more.
    RaiseTechnical raise_technical (post "technicals"; text No; by Source over Source(point, unit); seeks place) {
        /// What is wrong: a device, a link, a geofence or a rule.
        kind: TechnicalKind,
        /// A short code.
        cause: String,
        /// The point concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
    }
    /// Puts it aside, with why and until when.
    ///
    /// 搁置: it leaves the list until then, or until it is taken off the shelf.
    ShelveTechnical shelve_technical (post "technicals" {technical} "shelve" on technical; text May; by ShiftLead over Technical(technical)) {
        /// The technical alarm that is put aside.
        technical: TechnicalId,
        /// Why it is put aside.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// When it comes back by itself, microseconds UTC.
        until: Time,
    }
    /// Takes it off the shelf.
    UnshelveTechnical unshelve_technical (post "technicals" {technical} "unshelve" on technical; text No; by ShiftLead over Technical(technical)) {
        /// The technical alarm that comes back.
        technical: TechnicalId,
    }
    /// Clears it: it is over and leaves live state.
    ClearTechnical clear_technical (post "technicals" {technical} "clear" on technical; text No; by ShiftLead over Mended(technical)) {
        /// The technical alarm that is cleared.
        technical: TechnicalId,
    }
    /// Keeps the technical alarms of a point or unit off the list, with why and until when.
    ///
    /// 抑制: keeps the technical alarms of one point or unit off the list, with why and until.
    SuppressSource suppress_source (post "suppressions"; text May; by ShiftLead over Muted(point, unit)) {
        /// This kind only; every kind when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] kind: Option<TechnicalKind>,
        /// The point; or else name a unit.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit; or else name a point.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// Why the source is kept off the list.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// When the suppression ends by itself, microseconds UTC.
        until: Time,
    }
    /// Puts them on the list again.
    UnsuppressSource unsuppress_source (post "suppressions" {suppression} "end" on suppression; text No; by ShiftLead over Suppression(suppression)) {
        /// The suppression that ends.
        suppression: SuppressionId,
    }
}
