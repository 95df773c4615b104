//! The state of the centre: everything that is alive, in ordered maps. Made only by applying records in order; the
//! same records make the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    AlarmId, DeskId, HandoverId, IncidentId, JournalId, OrderId, PointId, RecommendationId, SupportId,
    SuppressionId, TechnicalId, UnitId,
};
use crate::kernel::recommendation::Recommendation;
use crate::kernel::time::{LocalDay, Time};
use crate::kernel::timetable::Timetable;
use crate::register::Register;
pub use crate::response::alarm::alarms::Alarms;
use crate::response::incident::Incident;
use crate::response::order::Order;
use crate::response::support::Support;
use crate::response::unit::Unit;
use crate::shift::ShiftHandover;
use crate::technical::{Suppression, Technical};

/// Name of the format a state is written in. Two states, or their hashes, are compared only if it is the same (D5).
pub const FORMAT: &str = "1";

/// Everything alive at one point of the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The journal it was made from; none before the first row.
    pub journal: Option<JournalId>,
    /// Sequence of the last record applied.
    pub seq: u64,
    /// Time of the last record applied: time never runs back (D7).
    pub now: Time,
    /// Hash of the region package in force.
    pub region: String,
    /// What stands still.
    pub register: Register,
    /// Alarms that are not archived.
    pub alarms: Alarms,
    /// Open presses: repeats find their alarm by it.
    pub presses: BTreeMap<String, AlarmId>,
    /// Technical alarms that are not cleared.
    pub technicals: BTreeMap<TechnicalId, Technical>,
    /// Sources of technical alarms that are suppressed.
    pub suppressions: BTreeMap<SuppressionId, Suppression>,
    /// Shifts offered and not accepted.
    pub handovers: BTreeMap<HandoverId, ShiftHandover>,
    /// Incidents that are not archived.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Orders of those.
    pub orders: BTreeMap<OrderId, Order>,
    /// Recommendations those refer to.
    pub recommendations: BTreeMap<RecommendationId, Recommendation>,
    /// Units at run time, by id.
    pub units: BTreeMap<UnitId, Unit>,
    /// Units by index slot.
    pub slots: Vec<UnitId>,
    /// Support requests that are not over.
    pub supports: BTreeMap<SupportId, Support>,
    /// Test windows of points.
    pub test_windows: BTreeMap<PointId, Time>,
    /// The last serial each desk gave to an alarm, with the day it belongs to: part of its human number.
    pub alarm_serials: BTreeMap<DeskId, (LocalDay, u32)>,
    /// The same for incidents.
    pub incident_serials: BTreeMap<DeskId, (LocalDay, u32)>,
    /// What is due and when.
    pub timers: Timetable,
}
