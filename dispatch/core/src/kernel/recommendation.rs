//! A recommendation 推荐力量: ranked candidates with the reason for each, and the reason others were passed over.
//! It is a pure function of its evidence: recomputed from the record it gives the same bytes (D1).

use std::collections::BTreeSet;

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    AreaCode, DeskId, IncidentId, KindCode, OrderId, RecommendationId, TypeCode, UnitId,
};
use crate::kernel::kind::{Priority, UnitStatus, vocabulary};
use crate::kernel::place::Place;
use crate::kernel::time::Time;

vocabulary! {
    /// Where a candidate was taken to be.
    CandidatePlace {
        /// Its last fix.
        Fix,
        /// Its home base, having no fix.
        HomeBase,
    }
    /// What the place lacks, so that the estimates say less than they seem to.
    PlaceReason {
        /// No more than the area is known: sought from a spot inside it, every estimate widened by its reach.
        PlaceIsArea,
        /// Nobody knows where it is: there is nobody to look for.
        PlaceUnknown,
    }
    /// When a recommendation was recorded.
    Occasion {
        /// The incident was made.
        Created,
        /// Its place, type or orders changed.
        Changed,
        /// An operator asked for it: what was proposed before had changed.
        Asked,
        /// What the operator saw at a dispatch.
        Dispatch,
        /// What the operator overruled.
        Override,
        /// An automatic order was announced, given or found impossible.
        Automatic,
    }
}

/// What was known of one unit when it was examined. All integers (D5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Candidate {
    /// The unit that was examined.
    pub unit: UnitId,
    /// Where it was taken to be.
    pub from: CandidatePlace,
    /// Time of the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_time: Option<Time>,
    /// Age of the fix, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_age_ms: Option<u32>,
    /// Great-circle distance, decimetres.
    pub distance_dm: u32,
    /// Readiness before it rolls, milliseconds.
    pub readiness_ms: u32,
    /// Travel time by the model, milliseconds.
    pub travel_ms: u32,
    /// Doubt added because of the fix's age and the reach of an area, milliseconds; age never excludes, it widens.
    pub doubt_ms: u32,
    /// What it was doing.
    pub status: UnitStatus,
    /// The desk that commands it.
    pub desk: DeskId,
    /// Indices of the need lines it has the capabilities and the class for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fills: Vec<u8>,
}

impl Candidate {
    /// Best estimate: readiness + travel.
    pub fn eta_ms(&self) -> u32 {
        self.readiness_ms.saturating_add(self.travel_ms)
    }

    /// High estimate: with the doubt added.
    pub fn eta_high_ms(&self) -> u32 {
        self.eta_ms().saturating_add(self.doubt_ms)
    }

    /// Low estimate: with the doubt taken off.
    pub fn eta_low_ms(&self) -> u32 {
        self.eta_ms().saturating_sub(self.doubt_ms)
    }
}

/// Everything a recommendation rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Examination {
    /// The place asked for.
    pub place: Place,
    /// The spot units were sought from, when no more than the area is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub around: Option<Around>,
    /// The type asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_type: Option<TypeCode>,
    /// Priority of the incident at that time.
    pub priority: Priority,
    /// What the run card demands, line by line.
    pub needs: Vec<Need>,
    /// Classes it forbids.
    pub forbidden: BTreeSet<KindCode>,
    /// When it was examined.
    pub at: Time,
    /// Version of the travel model.
    pub model: String,
    /// Hash of the region.
    pub region: String,
    /// The desk responsible for the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// Available units that match, the soonest by exact ETA first; for every need line its own soonest are in it.
    pub available: Vec<Candidate>,
    /// The nearest of the units that are nearer than the first of these and were not offered, with the reason; then
    /// those the operator named, wherever they are.
    pub passed: Vec<PassedOver>,
}

/// A spot inside an area, from which units were sought. It is evidence and no place: it is never drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Around {
    /// The area that is known to hold the place.
    pub area: AreaCode,
    /// The spot inside it from which distances are measured.
    #[cfg_attr(feature = "schema", schema(value_type = crate::kernel::place::CoordSchema))]
    pub at: Coord,
    /// How far the area reaches from it, decimetres.
    pub reach_dm: u32,
}

/// Why a nearer unit was not offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PassedOver {
    /// What was known of it.
    pub candidate: Candidate,
    /// Why it was not offered; what rules it out for good comes before what may pass.
    pub because: PassedReason,
}

/// The reason, typed; screens translate it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PassedReason {
    /// It has an order.
    Busy {
        /// The order it is on.
        order: OrderId,
        /// The incident it is for.
        incident: IncidentId,
    },
    /// 下勤: it is off duty.
    OffDuty,
    /// 停用: it is out of service.
    OutOfService,
    /// 紧急求助: it calls for help itself.
    CallsForHelp,
    /// It lacks a capability that the first need line open to its class asks for.
    MissingCapability {
        /// The capability it lacks.
        capability: KindCode,
    },
    /// Its class is forbidden by the run card.
    ForbiddenClass {
        /// The authority class that is forbidden.
        class: KindCode,
    },
    /// Its class is not among those required.
    OtherClass {
        /// The class it has.
        class: KindCode,
    },
    /// Near, but slower than those offered.
    Slower,
}

/// One ranked candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ranked {
    /// Place in the ranking, from 1.
    pub rank: u16,
    /// What was known of it.
    pub candidate: Candidate,
    /// Indices of the need lines it can fill.
    pub fills: Vec<u8>,
    /// Chosen to fill this need line in the proposal; none is a reserve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_for: Option<u8>,
    /// Milliseconds behind the first.
    pub behind_ms: u32,
    /// Its estimate overlaps with that of the one before because a fix is old: ask for a new one.
    pub overlaps_previous: bool,
    /// Another desk commands it: a support request is needed.
    pub needs_support: bool,
}

/// A recommendation with its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Recommendation {
    /// Its id; the order that follows it refers to it.
    pub id: RecommendationId,
    /// The incident it is for.
    pub incident: IncidentId,
    /// On what occasion it was recorded.
    pub occasion: Occasion,
    /// The policy that ranked, and its version.
    pub policy: String,
    /// What it rests on.
    pub examination: Examination,
    /// Candidates in the order of rank, best first.
    pub ranked: Vec<Ranked>,
    /// Need lines (index, missing) that cannot be filled now.
    pub unfilled: Vec<(u8, u8)>,
    /// The place is not confirmed or wide: a dispatch asks for a second key.
    pub place_uncertain: bool,
    /// What is wanting in the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_reason: Option<PlaceReason>,
}

/// One line of a run card: a number of units, each with all of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Need {
    /// How many units the line asks for.
    pub count: u8,
    /// Capabilities each must have.
    pub capabilities: BTreeSet<KindCode>,
    /// Authority classes, one of which each unit must have; empty is any.
    pub classes: BTreeSet<KindCode>,
}
