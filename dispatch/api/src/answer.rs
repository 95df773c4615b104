//! What a command is answered with once it is committed (D3).

use dispatch_core::kernel::id::{FeedbackId, Named};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command was done and is durable. Ids are of what it made or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Sequence of the last journal row it made.
    pub seq: u64,
    /// This answer was given before, to the same key.
    #[serde(default)]
    #[schema(required = true)]
    pub repeated: bool,
    /// What it made, or else changed.
    #[serde(flatten)]
    pub named: Named,
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
