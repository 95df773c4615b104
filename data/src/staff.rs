//! Who answers: organisations, desks, seats, outside agencies and the posts that keep points.
//!
//! Leaves out: persons. A package never names one.

use serde::{Deserialize, Serialize};

use crate::names::Names;

/// Who employs and answers for units and keepers; a tree apart from areas and desks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Code, unique in the package.
    pub code: String,
    /// Code of the organisation above; `None` only at a root.
    pub parent: Option<String>,
    /// Area it serves.
    pub area: String,
    /// Its name, by language.
    pub names: Names,
}

/// An authority over an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    /// Code, unique in the package; it begins the human numbers the desk issues.
    pub code: String,
    /// The desk above; `None` only at the root.
    pub parent: Option<String>,
    /// Area it commands.
    pub area: String,
    /// Trunks whose unplaced calls land here, as the exchange names them; each leads to one desk.
    pub trunks: Vec<String>,
    /// Its name, by language.
    pub names: Names,
}

/// An outside agency that an alarm or incident can be transferred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Code, unique in the package.
    pub code: String,
    /// Its name, by language.
    pub names: Names,
}

/// What the person in a seat does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeatRole {
    /// 接警席: answers alarms.
    CallTaker,
    /// 处警席: claims incidents and gives orders.
    Dispatcher,
    /// 班长席: leads the shift.
    ShiftLead,
    /// 指挥长席: commands the desk.
    Commander,
}

/// A place at a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Code, unique in the package.
    pub code: String,
    /// Desk it belongs to.
    pub desk: String,
    /// What is done there.
    pub role: SeatRole,
}

/// A post that keeps points, as gacha keeper; shown with a serial, "Gacha keeper 3".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Code used in `points.csv`.
    pub code: String,
    /// What the post is called.
    pub names: Names,
}
