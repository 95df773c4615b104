//! A unit 处警力量 at run time: duty, service, who commands it. Its status is derived from these and its orders and is
//! never stored.

use serde::{Deserialize, Serialize};

use crate::id::{DeskId, IncidentId, OrderId, SupportId, UnitId, WordsId};
use crate::kind::{Priority, vocabulary};
use crate::time::Time;

vocabulary! {
    /// 勤务.
    Duty {
        /// 下勤.
        Off,
        /// 巡逻中.
        Patrolling,
        /// 备勤: on call at home.
        OnCall,
        /// 听召.
        Reserve,
    }
    /// What a unit is doing, derived.
    UnitStatus {
        /// 下勤.
        OffDuty,
        /// 停用.
        OutOfService,
        /// 听召.
        Reserve,
        /// 备勤.
        OnCall,
        /// 巡逻中.
        Patrolling,
        /// 待签收.
        Ordered,
        /// 已签收, not rolling yet.
        Signed,
        /// 途中.
        Enroute,
        /// 集结待命.
        Staged,
        /// 已到场.
        OnScene,
        /// 返回中.
        Returning,
    }
    /// Why a unit is out of service 停用.
    ServiceReason {
        /// The vehicle broke down.
        Vehicle,
        /// It is being maintained.
        Maintenance,
        /// Short of fuel.
        Fuel,
        /// Its crew cannot.
        Crew,
        /// Equipment or terminal.
        Equipment,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// Why a support request is refused.
    SupportReason {
        /// The unit is needed where it is.
        NeededHere,
        /// It cannot go.
        Unable,
        /// By the centre: it was lent to another desk.
        LentToAnother,
        /// By the centre: it left the register.
        UnitRetired,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// How far a support request has come.
    SupportState {
        /// Asked.
        Open,
        /// Granted: the asking desk may order the unit.
        Granted,
        /// Refused, with a reason.
        Refused,
        /// Taken by the parent desk after the time for priority 1.
        Taken,
        /// Over: the unit is its own desk's again.
        Ended,
    }
}

impl SupportReason {
    /// Whether only the centre itself says so.
    pub fn is_of_centre(self) -> bool {
        matches!(self, Self::LentToAnother | Self::UnitRetired)
    }
}

/// A unit's run-time state beside its register entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Unit {
    /// Which.
    pub id: UnitId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// Duty.
    pub duty: Duty,
    /// When duty last changed.
    pub duty_since: Time,
    /// 停用, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_service: Option<ServiceReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_words: Option<WordsId>,
    /// 指挥归属.
    pub desk: DeskId,
    /// Its active order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<OrderId>,
    /// An order it was asked to leave its active one for and has not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divert: Option<OrderId>,
    /// Stacked orders, next first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stacked: Vec<OrderId>,
    /// Cleared its last order and has not reported back at its beat or base.
    #[serde(default)]
    pub returning: bool,
    /// 紧急求助: an SOS of this unit is open.
    #[serde(default)]
    pub sos: bool,
}

/// A request of one desk for a unit of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Support {
    /// Its id.
    pub id: SupportId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// The unit asked for.
    pub unit: UnitId,
    /// The desk that asks.
    pub by: DeskId,
    /// The desk that commands the unit.
    pub of: DeskId,
    /// What for.
    pub incident: IncidentId,
    /// The incident's priority when it was asked.
    pub priority: Priority,
    /// How far it has come.
    pub state: SupportState,
    /// When it was asked.
    pub at: Time,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_because: Option<SupportReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_words: Option<WordsId>,
}
