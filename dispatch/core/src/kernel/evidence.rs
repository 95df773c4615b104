//! What the writer gathers before a decision: the parts of the world that are not in state. Written into the events
//! that rest on it, so that a replay needs nothing else (D1).

use std::collections::BTreeMap;

use crate::kernel::id::{DeskId, IncidentId, TypeCode};
use crate::kernel::kind::{Mode, Priority};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::recommendation::Examination;
use crate::kernel::time::{LocalTime, Time};

/// Evidence for one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Day and minute in the region's zone at the time of the decision.
    pub local: LocalTime,
    /// The place of the command (or of the entity it concerns), resolved: a point's own place, a unit's last good
    /// fix, the area that contains the coordinate.
    pub located: Option<Located>,
    /// The units examined for the incident the command concerns or will make, when it can lead to an order.
    pub examination: Option<Examination>,
    /// The units examined for further incidents that the command puts back into the queue: those whose orders a tick
    /// expires, and the one a diverted unit leaves.
    pub examinations: BTreeMap<IncidentId, Examination>,
    /// The incident to be taken up again as the read model keeps it, where it has left live state.
    pub archived: Option<Archived>,
    /// The machine's clock, while it is in doubt (D7).
    pub doubt: Option<ClockDoubt>,
}

/// The machine's clock while it is too far from the time the node goes by (D7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockDoubt {
    /// What it shows at the time of the decision.
    pub shows: Time,
    /// It was steady for long enough, and is near enough, to be believed without anybody's word.
    pub is_credible: bool,
}

impl Evidence {
    /// The examination for an incident: its own where there is one, else that of the command.
    pub fn examination_of(&self, incident: &IncidentId) -> Option<&Examination> {
        self.examinations.get(incident).or(self.examination.as_ref())
    }
}

/// A place with the area it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The place, as good as register and fixes make it.
    pub place: Place,
    /// Codes from the league down, as far as known.
    pub area: AreaPath,
    /// The age of the fix it rests on, milliseconds.
    pub fix_age_ms: Option<u32>,
}

/// What is needed of an incident that has left live state to take it up again (D11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Its id; an incident that takes it up again gets one of its own.
    pub incident: IncidentId,
    /// The incident that has replaced it already.
    pub replaced_by: Option<IncidentId>,
    /// Actual, exercise or test.
    pub mode: Mode,
    /// The desk that was responsible for it.
    pub desk: DeskId,
    /// Codes from the league down.
    pub area: AreaPath,
    /// Where it was.
    pub place: Place,
    /// Its type, if it was known.
    pub incident_type: Option<TypeCode>,
    /// The priority it had when it left.
    pub priority: Priority,
    /// 静默: a silent alarm told of it.
    pub silent: bool,
}
