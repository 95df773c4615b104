//! Events of technical alarms 告警 and their sources.

use serde::{Deserialize, Serialize};

use crate::contexts::events;
use crate::kernel::about::{About, Shown};
use crate::kernel::fact::Fact;
use crate::kernel::id::{ActorId, PointId, SeatId, SuppressionId, TechnicalId, UnitId, WordsId};
use crate::kernel::kind::vocabulary;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;

vocabulary! {
    /// Why a technical alarm is put aside.
    ShelfReason {
        /// Known, to be repaired.
        Known,
        /// Being worked on.
        Maintenance,
        /// The weather does it, and it will pass.
        Weather,
        /// It comes again and again and means nothing.
        Nuisance,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// What kind of fault or rule.
    TechnicalKind {
        /// A device fault.
        Device,
        /// A link lost.
        Link,
        /// A geofence crossed.
        Geofence,
        /// A rule of the centre.
        Rule,
    }
}

/// Why a technical alarm is put aside: 搁置 shelved, until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shelf {
    /// Who shelved it.
    pub by: ActorId,
    /// At which seat.
    pub seat: SeatId,
    /// Why it is put aside.
    pub reason: ShelfReason,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
    /// Until when; then it comes back by itself.
    pub until: Time,
}

events! {
    ($) technical_events

    /// A technical alarm has come.
    TechnicalRaised "technical_raised" (Made technical) {
        /// Its id, given by the centre.
        technical: TechnicalId,
        /// What is wrong: a device, a link, a geofence or a rule.
        kind: TechnicalKind,
        /// A short code of the cause.
        cause: String,
        /// The point concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// Codes from the league down of where it belongs.
        area: AreaPath,
        /// The device that raised it, if that is neither a unit nor an alarm point.
        #[serde(default, skip_serializing_if = "Option::is_none")] by: Option<ActorId>,
    }
    /// It has come again.
    TechnicalRepeated "technical_repeated" (Changed technical) {
        /// The technical alarm that came again.
        technical: TechnicalId,
    }
    /// It was put aside.
    TechnicalShelved "technical_shelved" (Changed technical) {
        /// The technical alarm that was put aside.
        technical: TechnicalId,
        /// By whom, why, until.
        shelf: Shelf,
    }
    /// It came off the shelf, by hand or because its time was up.
    TechnicalUnshelved "technical_unshelved" (Changed technical) {
        /// The technical alarm that came back.
        technical: TechnicalId,
    }
    /// 抑制: a source is kept off the list from now on.
    SourceSuppressed "source_suppressed" {
        /// Id of the suppression, given by the centre.
        suppression: SuppressionId,
        /// This kind only; every kind when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] kind: Option<TechnicalKind>,
        /// The point that is the source.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit that is the source.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// Codes from the league down of where the source belongs.
        area: AreaPath,
        /// The seat that suppressed it.
        seat: SeatId,
        /// Why the source is kept off the list.
        reason: ShelfReason,
        /// More about why.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// Until when; then it ends by itself.
        until: Time,
    }
    /// A source is on the list again, by hand or because its time was up.
    SourceUnsuppressed "source_unsuppressed" {
        /// The suppression that ended.
        suppression: SuppressionId,
        /// The point that was the source.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit that was the source.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// Codes from the league down of where the source belongs.
        area: AreaPath,
    }
    /// It was cleared and leaves live state.
    TechnicalCleared "technical_cleared" (Gone technical) {
        /// The technical alarm that was cleared.
        technical: TechnicalId,
        /// Where in the tree it was.
        area: AreaPath,
    }
}

impl Fact for SourceSuppressed {
    fn about(&self) -> About {
        About::made(self.suppression).shows(Shown::technicals_from(self.point.as_ref(), self.unit.as_ref()))
    }
}

impl Fact for SourceUnsuppressed {
    fn about(&self) -> About {
        About::gone(self.suppression, &self.area)
            .shows(Shown::technicals_from(self.point.as_ref(), self.unit.as_ref()))
    }
}
