//! Views: one entity as the stream, the API and the read model show it. A commit's deltas are the views of all that
//! its events touched, so that a console is a set of maps by id and nothing more (D4, D15).

use serde::{Deserialize, Serialize};

use crate::kernel::id::SuppressionId;
use crate::kernel::kind::Mode;
use crate::kernel::kind::UnitStatus;
use crate::kernel::place::AreaPath;
use crate::kernel::recommendation::Recommendation;
use crate::kernel::time::Time;
use crate::kernel::timer::Overdue;
use crate::response::alarm::Alarm;
use crate::response::incident::{Incident, IncidentStatus};
use crate::response::order::Order;
use crate::response::support::Support;
use crate::response::unit::Unit;
use crate::shift::ShiftHandover;
use crate::technical::{Suppression, Technical};

/// One entity, whole. On the wire `{"kind": "incident", "view": {…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "view", rename_all = "snake_case")]
pub enum View {
    /// An alarm.
    Alarm(AlarmView),
    /// An incident.
    Incident(IncidentView),
    /// An order.
    Order(OrderView),
    /// A unit.
    Unit(UnitView),
    /// A technical alarm.
    Technical(TechnicalView),
    /// A suppressed source.
    Suppression(Suppression),
    /// A shift offered to another seat.
    Handover(ShiftHandover),
    /// A recommendation.
    Recommendation(RecommendationView),
    /// A support request.
    Support(Support),
    /// Left live state: kind and id.
    Gone(Gone),
}

/// What is no longer alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Gone {
    /// `alarm`, `incident`, `order`, `recommendation`, `technical`, `suppression`, `handover`, `support` or `unit`.
    pub of: String,
    /// Its id.
    pub id: String,
    /// Where it was, for those who are interested in a part of the tree only.
    pub area: AreaPath,
}

/// An alarm and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AlarmView {
    /// The alarm.
    #[serde(flatten)]
    pub alarm: Alarm,
    /// When its answer or call-back is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
}

/// An incident, its derived status and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct IncidentView {
    /// The incident.
    #[serde(flatten)]
    pub incident: Incident,
    /// EIDO words, several at once.
    pub status: Vec<IncidentStatus>,
    /// The next deadline of its own timers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands, its orders' timers included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
    /// The type is not known yet.
    pub missing_type: bool,
    /// The place is not known yet.
    pub missing_place: bool,
}

/// An order and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// The order.
    #[serde(flatten)]
    pub order: Order,
    /// The next deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
}

/// A technical alarm, and whether its source is suppressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TechnicalView {
    /// The technical alarm.
    #[serde(flatten)]
    pub technical: Technical,
    /// 抑制: the suppression that keeps it off the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SuppressionId>,
}

/// A recommendation and where the incident it is for lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RecommendationView {
    /// The recommendation.
    #[serde(flatten)]
    pub recommendation: Recommendation,
    /// Codes from the league down of its incident.
    pub area: AreaPath,
}

/// A unit, its derived status and its slot in position frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnitView {
    /// The unit.
    #[serde(flatten)]
    pub unit: Unit,
    /// What it is doing.
    pub status: UnitStatus,
    /// Slot in position frames.
    pub slot: u32,
    /// Codes from the league down of its home.
    pub area: AreaPath,
}

impl View {
    /// The id, as text: the read model's key together with the kind.
    pub fn id(&self) -> String {
        match self {
            Self::Alarm(view) => view.alarm.id.to_string(),
            Self::Incident(view) => view.incident.id.to_string(),
            Self::Order(view) => view.order.id.to_string(),
            Self::Unit(view) => view.unit.id.to_string(),
            Self::Technical(view) => view.technical.id.to_string(),
            Self::Suppression(view) => view.id.to_string(),
            Self::Handover(view) => view.id.to_string(),
            Self::Recommendation(view) => view.recommendation.id.to_string(),
            Self::Support(view) => view.id.to_string(),
            Self::Gone(view) => view.id.clone(),
        }
    }

    /// The kinds of what is alive, as on the wire.
    pub const ALIVE: [&str; 9] = [
        "alarm",
        "incident",
        "order",
        "unit",
        "technical",
        "suppression",
        "handover",
        "recommendation",
        "support",
    ];

    /// The kind, as on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Alarm(_) => "alarm",
            Self::Incident(_) => "incident",
            Self::Order(_) => "order",
            Self::Unit(_) => "unit",
            Self::Technical(_) => "technical",
            Self::Suppression(_) => "suppression",
            Self::Handover(_) => "handover",
            Self::Recommendation(_) => "recommendation",
            Self::Support(_) => "support",
            Self::Gone(_) => "gone",
        }
    }

    /// Where in the tree it belongs; the empty path concerns everybody.
    pub fn area(&self) -> AreaPath {
        match self {
            Self::Alarm(view) => view.alarm.area.clone(),
            Self::Incident(view) => view.incident.area.clone(),
            Self::Order(view) => view.order.area.clone(),
            Self::Unit(view) => view.area.clone(),
            Self::Technical(view) => view.technical.area.clone(),
            Self::Suppression(view) => view.area.clone(),
            Self::Handover(view) => view.area.clone(),
            Self::Recommendation(view) => view.area.clone(),
            Self::Gone(view) => view.area.clone(),
            Self::Support(_) => AreaPath::default(),
        }
    }

    /// Its mode, where it has one.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Alarm(view) => view.alarm.mode,
            Self::Incident(view) => view.incident.mode,
            Self::Order(view) => view.order.mode,
            _ => Mode::Actual,
        }
    }
}
