//! The register on record, as `region_adopted`, `unit_registered`, `point_registered`, `automatic_set` and `timers_set`
//! hold it: what a region package or an administrator says, with the slot that the decision gave. **A contract of the
//! journal**: a field is only added, with a default; anything else is a new version of an event, with an upcaster (D5).
//!
//! State keeps it in this form. **Absent on purpose**: whatever follows from it or goes beside it, such as the order of
//! slots and test windows. That is `RegisterState`'s, which may change from build to build.

use std::collections::{BTreeMap, BTreeSet};

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    AgencyCode, AreaClassCode, AreaCode, BeatId, DeskId, KindCode, OrganisationId, PointId, SeatId,
    TrunkCode, TypeCode, UnitId,
};
use crate::kernel::kind::{Priority, Role};
use crate::kernel::place::AreaPath;
use crate::kernel::recommendation::Need;

/// Names shown to people, by language tag (`zh`, `en`, `mn-Cyrl`, …).
pub type Names = BTreeMap<String, String>;

/// Everything a region brings, and what commands have changed since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Register {
    /// The region's id, e.g. `xilingol`.
    pub region: String,
    /// Version of the region package, as its makers write it.
    pub version: String,
    /// The IANA zone in which days begin.
    pub zone: String,
    /// The language the region's desks speak first.
    pub language: String,
    /// Names of the region.
    pub names: Names,
    /// Names of the area levels, from the top down; the level of calls (banner) is `label_level`.
    pub levels: Vec<Names>,
    /// The level (0 = top) at which positions are labelled and alarms land.
    pub label_level: u8,
    /// Classes of area that timers may differ by.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub area_classes: BTreeMap<AreaClassCode, Names>,
    /// The jurisdiction tree, league to gacha, by area code.
    pub areas: BTreeMap<AreaCode, Area>,
    /// Authorities over areas, by desk code.
    pub desks: BTreeMap<DeskId, Desk>,
    /// Places at desks.
    pub seats: BTreeMap<SeatId, Seat>,
    /// Who employs units and keepers, by organisation code.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Capability kinds and authority classes; the position in this list is the bit of the mask.
    pub kinds: Vec<Kind>,
    /// Kinds of incident.
    pub types: BTreeMap<TypeCode, IncidentType>,
    /// What to send, by type.
    pub run_cards: Vec<RunCard>,
    /// What can be sent.
    pub units: BTreeMap<UnitId, UnitEntry>,
    /// Fixed alarm points.
    pub points: BTreeMap<PointId, PointEntry>,
    /// Lines by which calls come in, and the desks where unplaced calls land.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub trunks: BTreeMap<TrunkCode, DeskId>,
    /// Agencies an incident can be transferred to.
    pub agencies: BTreeMap<AgencyCode, Names>,
    /// Movers (how a unit travels): the position in this list is the index the travel model uses.
    pub movers: Vec<Names>,
    /// Timers in milliseconds, where the class of the area has none of its own.
    pub timers: Timers,
    /// Timers of the area classes that have their own.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub class_timers: BTreeMap<AreaClassCode, Timers>,
}

/// A node of the jurisdiction tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Area {
    /// Codes from the top down to this area.
    pub path: AreaPath,
    /// Its class: its own, or that of the nearest area above that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<AreaClassCode>,
    /// Names by language.
    pub names: Names,
}

/// An authority over an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Desk {
    /// The desk that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DeskId>,
    /// Path of the area it commands, from the league down.
    pub area: AreaPath,
    /// The letters and digits that human numbers begin with.
    pub code: String,
    /// Names by language.
    pub names: Names,
}

/// A place at a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Seat {
    /// The desk it is a place at.
    pub desk: DeskId,
    /// What is done there.
    pub role: Role,
    /// Names by language.
    pub names: Names,
}

/// Who employs and answers for units and keepers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Organisation {
    /// The organisation above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationId>,
    /// Names by language.
    pub names: Names,
}

/// A capability kind, or an authority class: both are bits of one mask, but a class is never substituted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Kind {
    /// Code of the kind, unique among capabilities and classes.
    pub code: KindCode,
    /// Whether it is an authority class.
    pub class: bool,
    /// Names by language.
    pub names: Names,
}

/// A kind of incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct IncidentType {
    /// Names by language.
    pub names: Names,
    /// The priority it starts with.
    pub priority: Priority,
    /// A weapon is part of it: never an automatic order (D14).
    pub weapon: bool,
    /// A sensitive type: a dispatch asks for a second key.
    pub sensitive: bool,
    /// 自动派警: allowed, and how; off unless a desk at the top says so at run time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Automatic>,
}

/// How orders of a type are given without an operator (D14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Automatic {
    /// How long an announced order can be stopped, milliseconds.
    pub countdown_ms: u32,
}

/// What to send for a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RunCard {
    /// The type; none is the card for everything without its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_type: Option<TypeCode>,
    /// Where it holds: the empty path is everywhere.
    pub area: AreaPath,
    /// At what time of day it holds; none is all day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Response level from 1 upwards.
    pub level: u8,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Authority classes that must not be sent.
    pub forbidden: BTreeSet<KindCode>,
}

/// A part of the day by the region's clock, over midnight where it ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Hours {
    /// The first minute of the day in it, 0 to 1439.
    pub from: u16,
    /// The first minute after it, 0 to 1439; never the same.
    pub until: u16,
}

/// A unit as the register describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnitEntry {
    /// Call sign, what is said on the radio.
    pub call_sign: String,
    /// Number plate, apart from the call sign.
    pub plate: String,
    /// The number of its terminal, never a person's: what the seat dials when an order is not delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How many people ride in it.
    pub crew: u8,
    /// 身份类别: its authority class, which no other class replaces.
    pub class: KindCode,
    /// What it can do: codes of capability kinds.
    pub capabilities: BTreeSet<KindCode>,
    /// Who employs it.
    pub organisation: OrganisationId,
    /// The desk that orders it unless another was granted it.
    pub desk: DeskId,
    /// Codes from the league down of its home.
    pub area: AreaPath,
    /// The beat it patrols; none for a unit without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beat: Option<BeatId>,
    /// Home base, WGS84; taken as its place where it has no fix.
    #[cfg_attr(feature = "schema", schema(value_type = crate::kernel::place::CoordSchema))]
    pub home: Coord,
    /// Index into `Register::movers`.
    pub mover: u8,
    /// Milliseconds from signing to rolling when on call at home.
    pub readiness_ms: u32,
    /// Fastest believable speed, centimetres per second.
    pub speed_max_cm_s: u32,
    /// Dense index slot, given in order of registration; ties between equal candidates are broken by it.
    pub slot: u32,
    /// Whether it has left the register.
    #[serde(default)]
    pub retired: bool,
}

/// A fixed alarm point as the register describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PointEntry {
    /// The number that rings (ANI).
    pub number: String,
    /// Names by language.
    pub names: Names,
    /// Where it stands.
    #[cfg_attr(feature = "schema", schema(value_type = crate::kernel::place::CoordSchema))]
    pub at: Coord,
    /// Codes from the league down.
    pub area: AreaPath,
    /// `phone`, `button`, `sensor`, `camera`.
    pub kind: String,
    /// The post that keeps it (a post, never a person's name).
    pub keeper: Names,
    /// Who employs the keeper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// Points that can be called to help.
    pub neighbours: Vec<PointId>,
    /// Whether it has left the register.
    #[serde(default)]
    pub retired: bool,
}

/// A value for each priority: 1, 2, 3.
pub type ByPriority = [u32; 3];

/// Timers of docs/terms.md in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Timers {
    /// Until an alarm is answered.
    pub answer_ms: [u32; 3],
    /// Until an incident is claimed.
    pub claim_ms: [u32; 3],
    /// Until its first order is sent.
    pub first_order_ms: [u32; 3],
    /// Until an order is delivered, else the seat is told to phone.
    pub delivered_ms: [u32; 3],
    /// Until an order is signed.
    pub signed_ms: [u32; 3],
    /// Added to readiness until a unit must have departed.
    pub departed_slack_ms: [u32; 3],
    /// Arrival is due after this many per mille of the high ETA.
    pub arrival_per_mille: [u32; 3],
    /// Between signs of life of an assigned unit.
    pub sign_of_life_ms: [u32; 3],
    /// From clear to the result feedback.
    pub feedback_ms: [u32; 3],
    /// Between two steps of an escalation seat, shift lead, parent desk. Everywhere that of `Register::timers`, as are the
    /// two below.
    pub escalation_ms: u32,
    /// Until an unanswered support request of priority 1 may be taken by the parent desk.
    pub support_ms: u32,
    /// Until a closed incident is archived from state.
    pub archive_ms: u32,
    /// How far a device's stamp may lie from the operator's and still be preferred in reports.
    #[serde(default = "skew_ms")]
    pub skew_ms: u32,
}

/// Ten minutes.
fn skew_ms() -> u32 {
    600_000
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            answer_ms: [10_000; 3],
            claim_ms: [30_000, 60_000, 300_000],
            first_order_ms: [60_000, 120_000, 600_000],
            delivered_ms: [10_000; 3],
            signed_ms: [30_000; 3],
            departed_slack_ms: [60_000; 3],
            arrival_per_mille: [1_500; 3],
            sign_of_life_ms: [1_800_000; 3],
            feedback_ms: [1_800_000; 3],
            escalation_ms: 30_000,
            support_ms: 30_000,
            archive_ms: 86_400_000,
            skew_ms: skew_ms(),
        }
    }
}
