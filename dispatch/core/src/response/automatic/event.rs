//! What has happened to automatics.

use crate::contexts::events;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::{IncidentId, RecommendationId};
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::response::automatic::AutomaticEnd;

events! {
    ($) automatic_events

    /// 自动派警: unless somebody acts before, the centre gives this incident to whom is best then.
    AutomaticOrderAnnounced "automatic_order_announced" {
        /// Which incident.
        incident: IncidentId,
        /// When.
        due_at: Time,
        /// To whom, as it stands now.
        targets: Vec<Target>,
        /// Why these.
        recommendation: RecommendationId,
    }
    /// An automatic order was given, was ended by whoever acted, or could not be given. It is not tried again.
    AutomaticOrderEnded "automatic_order_ended" {
        /// Which incident.
        incident: IncidentId,
        /// Why.
        why: AutomaticEnd,
        /// What the guards of a dispatch said, where they refused.
        #[serde(default)] refusal: Option<Box<Refusal>>,
    }
}

impl Fact for AutomaticOrderAnnounced {
    fn about(&self) -> About {
        About::changed(self.incident)
    }
}

impl Fact for AutomaticOrderEnded {
    fn about(&self) -> About {
        About::changed(self.incident)
    }
}
