//! Events of automatic orders 自动派警.

use crate::contexts::events;
use crate::kernel::id::{IncidentId, RecommendationId};
use crate::kernel::kind::vocabulary;
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::kernel::time::Time;

vocabulary! {
    /// How an automatic order 自动派警 ended, or why it was not begun.
    AutomaticEnd {
        /// It was given.
        Given,
        /// 停止: a person stopped it.
        Stopped,
        /// A person gave an order.
        Dispatched,
        /// 接手: a seat claimed the incident.
        Claimed,
        /// The type was changed.
        Reclassified,
        /// The place was changed.
        Moved,
        /// 移交: the incident went to another desk.
        HandedOver,
        /// 报警人撤销: the caller withdrew.
        CallerWithdrew,
        /// Merged into another incident.
        Merged,
        /// 撤销: the incident was cancelled.
        Cancelled,
        /// 办结: the incident was closed.
        Closed,
        /// The register allows it no longer.
        Forbidden,
        /// The run card could not be met.
        Unfilled,
        /// The guards of a dispatch refused.
        Refused,
    }
}

events! {
    ($) automatic_events

    /// 自动派警: unless somebody acts first, the centre gives this incident to those who are best when the time is up.
    AutomaticOrderAnnounced "automatic_order_announced" (Changed incident) {
        /// The incident that is to be given.
        incident: IncidentId,
        /// When the countdown ends and the order is given, microseconds UTC.
        due_at: Time,
        /// Who would get it as things stand now.
        targets: Vec<Target>,
        /// The recommendation these targets come from.
        recommendation: RecommendationId,
    }
    /// An automatic order was given, was ended by somebody who acted, or could not be given. It is not tried again.
    AutomaticOrderEnded "automatic_order_ended" (Changed incident) {
        /// The incident it was for.
        incident: IncidentId,
        /// How it ended, or what kept it from being given.
        why: AutomaticEnd,
        /// What the guards of a dispatch said, where they refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] refusal: Option<Box<Refusal>>,
    }
}
