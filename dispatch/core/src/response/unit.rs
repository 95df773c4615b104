//! A unit 处警力量 at run time: duty, service, who commands it. Its status is derived from these and its orders and is
//! never stored.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, OrderId, UnitId, WordsId};
use crate::kernel::kind::Duty;
use crate::kernel::time::Time;

pub use self::event::ServiceReason;

/// A unit's run-time state beside its register entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Unit {
    /// The unit, as the register names it.
    pub id: UnitId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// Its duty: off, on patrol, on call or in reserve.
    pub duty: Duty,
    /// When duty last changed.
    pub duty_since: Time,
    /// 停用: why it is out of service; none while it is in service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_service: Option<ServiceReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_words: Option<WordsId>,
    /// 指挥归属: the desk that commands it, and the only one that may order it.
    pub desk: DeskId,
    /// The order it is on; none when it is free.
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
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub returning: bool,
    /// 紧急求助: an SOS of this unit is open.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub sos: bool,
}
