//! What questions are answered with, beside the core's own views and records.

use dispatch_core::Coord;
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{AlarmId, IncidentId, JournalId, PointId, UnitId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::register::{PointEntry, Register, UnitEntry};
use dispatch_core::view::{IncidentView, OrderView, UnitView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of a list and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// Journal sequence at which it is true.
    pub seq: u64,
    /// The items of this page, in the order of the list.
    pub items: Vec<T>,
    /// Pass as `after` for more; none is the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A unit: what it is doing, what it is, and where it was last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitItem {
    /// Id of the unit, as the register has it.
    pub id: UnitId,
    /// What it is doing.
    pub view: UnitView,
    /// What the register says of it.
    pub entry: UnitEntry,
    /// Its last fix, if it ever had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A fix as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fix {
    /// Where the unit was, WGS84.
    #[schema(value_type = dispatch_core::kernel::place::CoordSchema)]
    pub at: Coord,
    /// When it was taken.
    pub fix_time: Time,
    /// When it came, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Time>,
    /// Centimetres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_cm_s: Option<u16>,
    /// Degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<u16>,
}

/// The open orders of a unit and what they are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitOrders {
    /// Journal sequence at which it is true.
    pub seq: u64,
    /// Open orders, the active one first.
    pub orders: Vec<OrderView>,
    /// The incidents of those orders, each once.
    pub incidents: Vec<IncidentView>,
}

/// Where a unit went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Track {
    /// In order of time.
    pub points: Vec<TrackItem>,
    /// Points were left out to keep the answer short.
    pub thinned: bool,
}

/// One point of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrackItem {
    /// Time of the fix.
    pub at: Time,
    /// Longitude, 1e-7 degrees.
    pub lon: i32,
    /// Latitude, 1e-7 degrees.
    pub lat: i32,
    /// Centimetres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_cm_s: Option<u16>,
    /// Degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<u16>,
}

/// An alarm point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointItem {
    /// Id of the point, as the register has it.
    pub id: PointId,
    /// What the register says of it.
    pub entry: PointEntry,
    /// When it was last heard, by heartbeat or alarm, since the node began to listen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Time>,
    /// It is being tested until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_until: Option<Time>,
}

/// The region in force: the register and what is known of its package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Region {
    /// The register, its fields beside the others.
    #[serde(flatten)]
    pub register: Register,
    /// Content hash of the package.
    pub hash: String,
    /// The journal it was adopted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_id: Option<JournalId>,
    /// H3 resolution of cells.
    pub cell_resolution: u8,
    /// H3 resolution of the stream's tiles.
    pub tile_resolution: u8,
    /// Parts that are samples rather than the real register.
    pub generated: Vec<String>,
    /// Line naming the sources, to be shown on the map.
    pub attribution: String,
    /// Layers of `/map/{layer}`.
    pub layers: Vec<String>,
}

/// What a person said or typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WordsText {
    /// Id of the words record.
    pub id: WordsId,
    /// What kind of words.
    pub class: String,
    /// BCP 47 tag of its language; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The text itself.
    pub text: String,
    /// The incident it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The alarm it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<AlarmId>,
}

/// Rows of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalPage {
    /// Id of the journal; absent while it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_id: Option<JournalId>,
    /// The rows, in order.
    pub items: Vec<Record>,
    /// The seq to go on from; none is the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}
