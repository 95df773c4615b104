//! 自动派警: whether an incident may be ordered without an operator (D14). The rule is one function of the register and
//! the incident, so that state, tests and production read the same one.
//!
//! It may as long as all of these hold: its type is allowed in the register and is neither of weapons nor sensitive; a
//! seat has confirmed its place; nobody has claimed it; no order was ever given for it; it goes on, was not taken up
//! again, its caller has not withdrawn, and it is no test.
//!
//! **A claim ends it.** A claim says 接手: a person answers for the incident from then on, and the centre does not act
//! over that person's head. Should the person then do nothing, the first-order timer escalates as it always does. For the
//! same reason an order that was given and fell through, a place that is corrected and an incident that is taken up
//! again are a person's. It is tried once in an incident's life and not again.
//!
//! **Absent on purpose**: whom to send. That is [`recommend`](crate::kernel::recommend), and the guards of every dispatch.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;

use serde::{Deserialize, Serialize};

use crate::kernel::id::RecommendationId;
use crate::kernel::kind::{IncidentState, Mode};
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::register::{Automatic, IncidentType, Register};
use crate::response::incident::Incident;

pub use self::event::AutomaticEnd;

/// The automatic order 自动派警 of an incident: its countdown, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AutomaticOrder {
    /// When it is given unless somebody acts first; none if it was never announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Who would get it at the announcement; when due, it goes to those who are best then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// The recommendation these targets come from; none where nothing was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<AutomaticEnd>,
    /// What the guards of a dispatch said, where they refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

impl AutomaticOrder {
    /// Whether its countdown is running.
    pub fn counts(&self) -> bool {
        self.due_at.is_some() && self.ended.is_none()
    }
}

/// The shortest countdown, milliseconds: a person must be able to read it and stop it.
pub const COUNTDOWN_MIN_MS: u32 = 5_000;
/// The longest countdown, milliseconds.
pub const COUNTDOWN_MAX_MS: u32 = 600_000;

/// A countdown found later than its own length plus this after it ended was watched by nobody, because the node
/// stood still. It begins anew. Milliseconds.
pub const UNWATCHED_MS: u32 = 10_000;

/// What allows an incident to be ordered automatically; none if it is a person's. It does not matter here whether
/// it was tried already.
pub fn allowed<'r>(register: &'r Register, incident: &Incident) -> Option<&'r Automatic> {
    let unattended = incident.state == IncidentState::Active
        && incident.mode != Mode::Test
        && incident.claimed_by.is_none()
        && incident.orders.is_empty()
        && !incident.reopened
        && !incident.caller_withdrew;
    let placed = incident.place.confirmed_by.is_some() && incident.place.coord.is_some();
    let known = incident.incident_type.as_ref().and_then(|code| register.types.get(code));
    known.filter(|_| unattended && placed).and_then(IncidentType::automatic)
}

/// Whether the countdown of an incident went by without anybody being able to stop it.
pub fn is_unwatched(incident: &Incident, countdown: &Automatic, now: Time) -> bool {
    let due_at = incident.automatic.as_ref().and_then(|automatic| automatic.due_at);
    let late_max_ms = countdown.countdown_ms.saturating_add(UNWATCHED_MS);
    due_at.is_some_and(|due_at| now.ms_since(due_at) > late_max_ms)
}

/// Whether a countdown is running.
pub fn counts(incident: &Incident) -> bool {
    incident.automatic.as_ref().is_some_and(AutomaticOrder::counts)
}
