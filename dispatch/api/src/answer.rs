//! What a command is answered with once it is committed (D3).

use dispatch_core::kernel::id::{
    AlarmId, FeedbackId, HandoverId, IncidentId, OrderId, RecommendationId, SupportId, SuppressionId,
    TechnicalId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command was done and is durable. Ids are of what it made or touched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Sequence of the last journal row it made.
    pub seq: u64,
    /// This answer was given before, to the same key.
    #[serde(default)]
    #[schema(required = true)]
    pub repeated: bool,
    /// The alarm it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<AlarmId>,
    /// The incident it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The orders it made or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderId>,
    /// The recommendation it recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// The technical alarm it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technical: Option<TechnicalId>,
    /// The support request it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<SupportId>,
    /// The suppression of a source that it made or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<SuppressionId>,
    /// The offer of a shift that it made or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<HandoverId>,
    /// The feedback it made or reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<FeedbackId>,
    /// New version of the entity the act is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What was wrong with an alarm's form; it was taken all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<String>,
}
