//! To whom an order goes.

use serde::{Deserialize, Serialize};

use super::id::{AgencyCode, DeskId, UnitId};

/// To whom an order goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// 派警.
    Unit(UnitId),
    /// 下派: signed by that desk.
    Desk(DeskId),
    /// 转出.
    Agency(AgencyCode),
}
