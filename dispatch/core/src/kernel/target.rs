//! Who an order goes to.

use serde::{Deserialize, Serialize};

use super::id::{AgencyCode, DeskId, UnitId};

/// Who an order goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// 派警: to a unit, which signs it.
    Unit(UnitId),
    /// 下派: signed by that desk.
    Desk(DeskId),
    /// 转出: to an outside agency of the register.
    Agency(AgencyCode),
}
