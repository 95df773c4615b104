//! What can be sent: authority classes, capabilities, movers and units.
//!
//! Leaves out: where a unit is and what it does now; a package knows its home only.

use std::collections::BTreeMap;

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::names::Names;

/// Most authority classes and capability kinds a package may have together: one bit each in a mask.
pub const KINDS_MAX: usize = 40;

/// Whose authority a unit acts with. Never substituted by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityClass {
    /// Code used by units and run cards.
    pub code: String,
    /// What people call it.
    pub names: Names,
}

/// Something a unit can do or carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// Code used by units and run cards.
    pub code: String,
    /// What people call it.
    pub names: Names,
}

/// How a unit moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mover {
    /// Code used by units.
    pub code: String,
    /// What people call it.
    pub names: Names,
    /// Symbol of the console's set, as `car` or `horse`.
    pub symbol: String,
    /// Way driven over straight distance, in percent, at least 100.
    pub detour_percent: u32,
    /// Speed by terrain class in metres per hour; every class of the package is present, 0 where it cannot go.
    pub speeds_m_per_h: BTreeMap<String, u32>,
}

impl Mover {
    /// The fastest it goes anywhere, for a lower bound of travel time.
    pub fn fastest_m_per_h(&self) -> u32 {
        self.speeds_m_per_h.values().copied().max().unwrap_or(0)
    }
}

/// How ready a unit stands when on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// 巡逻中: on patrol, ready to roll.
    Patrolling,
    /// 备勤: on call at home.
    OnCall,
    /// 听召: in reserve, slower to roll than on call.
    Reserve,
}

/// Turnout time that a duty implies where a unit states none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Patrolling, in ms.
    pub patrolling_ms: u32,
    /// On call at home, in ms.
    pub on_call_ms: u32,
    /// Reserve, in ms.
    pub reserve_ms: u32,
}

impl Readiness {
    /// The default of `duty`, in ms.
    pub fn of(&self, duty: Duty) -> u32 {
        match duty {
            Duty::Patrolling => self.patrolling_ms,
            Duty::OnCall => self.on_call_ms,
            Duty::Reserve => self.reserve_ms,
        }
    }
}

/// What can be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Code, unique in the package.
    pub code: String,
    /// Call sign, unique in the package.
    pub call_sign: String,
    /// Plate, unique where there is one; a unit on foot or horse has none.
    pub plate: Option<String>,
    /// Number of its terminal, unique where there is one; never a person's.
    pub phone: Option<String>,
    /// Code of the mover, which says how fast it is.
    pub mover: String,
    /// People in the crew, at least 1.
    pub crew: u8,
    /// Authority class code.
    pub class: String,
    /// Capability codes, sorted.
    pub capabilities: Vec<String>,
    /// Organisation that manages it.
    pub organisation: String,
    /// Desk that commands it at adoption.
    pub desk: String,
    /// Home beat, where it has one.
    pub beat: Option<String>,
    /// Home base: where it is assumed to be without a fix.
    pub home: Coord,
    /// Duty it usually stands in.
    pub duty: Duty,
    /// Turnout time when on call, in ms.
    pub readiness_ms: u32,
    /// Whether the unit is a generated sample.
    pub generated: bool,
}
