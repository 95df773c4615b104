//! What is answered and how: incident types, run cards, timers and thresholds.
//!
//! Leaves out: choosing a card or a unit. The core decides; these are the rules it is given.

use serde::{Deserialize, Serialize};

use crate::names::Names;

/// Priorities run from 1, the most urgent, to this.
pub const PRIORITY_MAX: u8 = 3;

/// A kind of incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentType {
    /// Code, unique in the package.
    pub code: String,
    /// What people call it.
    pub names: Names,
    /// Priority it is given until somebody says otherwise, 1 to [`PRIORITY_MAX`].
    pub priority: u8,
    /// A weapon is in it: no automatic order, a second key at the console.
    pub weapon: bool,
    /// Not to be shown on a wall or read aloud; a second key at the console.
    pub sensitive: bool,
    /// Whether an automatic order is allowed at all; off unless said, never with a weapon.
    pub automatic: bool,
}

/// What is sent to which incident types, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCard {
    /// Code, unique in the package.
    pub code: String,
    /// Incident type codes it serves; empty means every type that no other card names.
    pub types: Vec<String>,
    /// Area it holds in, with all below; `None` is everywhere. The longest area path wins.
    pub area: Option<String>,
    /// Local minutes of the day it holds in, from (inclusive) until (exclusive), over midnight when from > until.
    pub hours: Option<(u16, u16)>,
    /// Authority classes that must not be sent.
    pub forbidden_classes: Vec<String>,
    /// What is sent at each response level, from level 1 upwards without a gap.
    pub levels: Vec<ResponseLevel>,
}

/// What one response level asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseLevel {
    /// Level, counted from 1.
    pub level: u8,
    /// Everything that is needed; each need is met by units of its own.
    pub needs: Vec<Need>,
}

/// A number of units of one description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// How many units, at least 1.
    pub count: u8,
    /// The unit has one of these authority classes; empty means any that is not forbidden.
    pub classes: Vec<String>,
    /// The unit has all of these capabilities.
    pub capabilities: Vec<String>,
}

/// The timers of one priority in one class of area. All durations in ms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    /// Priority they hold for.
    pub priority: u8,
    /// Area class they hold in; `None` where no other rule names the class.
    pub area_class: Option<String>,
    /// An alarm is answered.
    pub answer_ms: u32,
    /// An alarm or incident is claimed.
    pub claim_ms: u32,
    /// The first order is sent.
    pub first_order_ms: u32,
    /// A sent order is delivered; then the seat is told to phone.
    pub delivered_ms: u32,
    /// A delivered order is signed.
    pub signed_ms: u32,
    /// A signed unit departs: this much after its readiness.
    pub departure_margin_ms: u32,
    /// A unit arrives: this many percent of the high estimate of its travel.
    pub arrival_percent: u32,
    /// Between two signs of life while assigned.
    pub sign_of_life_ms: u32,
    /// Result feedback after clear.
    pub result_feedback_ms: u32,
}

/// Limits of judgement that are the region's, not the code's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// A fix younger than this is drawn solid.
    pub fix_fresh_ms: u32,
    /// A fix at least this old is drawn hollow.
    pub fix_ageing_ms: u32,
    /// A fix at least this old is 定位超时.
    pub fix_stale_ms: u32,
    /// A point without a heartbeat for this long is a technical alarm.
    pub point_silent_ms: u32,
    /// A jump faster than this is not believed.
    pub fix_speed_max_m_per_h: u32,
    /// Two alarms closer than this may be one incident.
    pub duplicate_radius_dm: u32,
    /// Two alarms nearer in time than this may be one incident.
    pub duplicate_window_ms: u32,
    /// A device stamp further than this from the operator's is not preferred in reports.
    pub clock_skew_ms: u32,
    /// A support request of priority 1 unanswered for this long may be taken by the parent desk.
    pub support_ms: u32,
    /// An unacknowledged priority 1 alarm sounds again after this long.
    pub realert_ms: u32,
}
