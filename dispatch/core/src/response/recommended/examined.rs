//! What a recommendation rests on, as the journal keeps it: the candidates as a table with a column for each figure, so
//! that the name of a figure stands once and not with every unit.
//!
//! **Absent on purpose**: what follows from the rest. The age of a fix is the time of the examination less its own; a
//! unit without one was taken to be at its home base.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, KindCode, TypeCode, UnitId};
use crate::kernel::kind::{Priority, UnitStatus};
use crate::kernel::place::Place;
use crate::kernel::recommendation::{
    Around, Candidate, CandidatePlace, Examination, Need, PassedOver, PassedReason,
};
use crate::kernel::time::Time;

/// An examination on record: [`Examination`] with its candidates in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Examined {
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
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
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
    /// The units examined.
    #[cfg_attr(feature = "schema", schema(value_type = Columns))]
    pub candidates: CandidateTable,
}

/// Units that were examined, a row each: first the available ones in the order they were found in, then those that were
/// passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Columns")]
pub struct CandidateTable(Columns);

/// The columns of a table. Each is as long as `unit`, but `because`, which is as long as the second part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CandidateTable))]
struct Columns {
    /// The units.
    unit: Vec<UnitId>,
    /// Time of the fix, µs UTC; null where a unit had none and was taken to be at its home base.
    fix_time: Vec<Option<Time>>,
    /// Great-circle distance, decimetres.
    distance_dm: Vec<u32>,
    /// Readiness before it rolls, milliseconds.
    readiness_ms: Vec<u32>,
    /// Travel time by the model, milliseconds.
    travel_ms: Vec<u32>,
    /// Doubt added because of the fix's age and the reach of an area, milliseconds.
    doubt_ms: Vec<u32>,
    /// What it was doing.
    status: Vec<UnitStatus>,
    /// The desk that commands it.
    desk: Vec<DeskId>,
    /// Indices of the need lines it has the capabilities and the class for.
    fills: Vec<Vec<u8>>,
    /// Why each of the last was passed over.
    because: Vec<PassedReason>,
}

impl TryFrom<Columns> for CandidateTable {
    type Error = String;

    fn try_from(columns: Columns) -> Result<Self, String> {
        let rows = columns.unit.len();
        let lengths = [
            ("fix_time", columns.fix_time.len()),
            ("distance_dm", columns.distance_dm.len()),
            ("readiness_ms", columns.readiness_ms.len()),
            ("travel_ms", columns.travel_ms.len()),
            ("doubt_ms", columns.doubt_ms.len()),
            ("status", columns.status.len()),
            ("desk", columns.desk.len()),
            ("fills", columns.fills.len()),
            ("because", columns.because.len().max(rows)),
        ];
        match lengths.into_iter().find(|(_, length)| *length != rows) {
            Some((column, length)) => {
                Err(format!("column {column} has {length} rows and column unit {rows}"))
            }
            None => Ok(Self(columns)),
        }
    }
}

impl Columns {
    fn push(&mut self, candidate: &Candidate) {
        self.unit.push(candidate.unit.clone());
        self.fix_time.push(candidate.fix_time);
        self.distance_dm.push(candidate.distance_dm);
        self.readiness_ms.push(candidate.readiness_ms);
        self.travel_ms.push(candidate.travel_ms);
        self.doubt_ms.push(candidate.doubt_ms);
        self.status.push(candidate.status);
        self.desk.push(candidate.desk.clone());
        self.fills.push(candidate.fills.clone());
    }

    /// The unit of a row, as it was seen at the time of the examination.
    fn candidate(&self, row: usize, at: Time) -> Candidate {
        let fix_time = self.fix_time[row];
        Candidate {
            unit: self.unit[row].clone(),
            from: if fix_time.is_some() { CandidatePlace::Fix } else { CandidatePlace::HomeBase },
            fix_time,
            fix_age_ms: fix_time.map(|time| at.ms_since(time)),
            distance_dm: self.distance_dm[row],
            readiness_ms: self.readiness_ms[row],
            travel_ms: self.travel_ms[row],
            doubt_ms: self.doubt_ms[row],
            status: self.status[row],
            desk: self.desk[row].clone(),
            fills: self.fills[row].clone(),
        }
    }
}

impl Examined {
    /// An examination as it is put on record.
    pub fn new(examination: &Examination) -> Self {
        let Examination {
            place,
            around,
            incident_type,
            priority,
            needs,
            forbidden,
            at,
            model,
            region,
            desk,
            available,
            passed,
        } = examination.clone();
        let mut candidates = Columns::default();
        let all = available.iter().chain(passed.iter().map(|passed| &passed.candidate));
        for candidate in all {
            candidates.push(candidate);
        }
        candidates.because = passed.into_iter().map(|passed| passed.because).collect();
        Self {
            place,
            around,
            incident_type,
            priority,
            needs,
            forbidden,
            at,
            model,
            region,
            desk,
            candidates: CandidateTable(candidates),
        }
    }

    /// The examination it was made of.
    pub fn examination(&self) -> Examination {
        let Self {
            place,
            around,
            incident_type,
            priority,
            needs,
            forbidden,
            at,
            model,
            region,
            desk,
            candidates: CandidateTable(candidates),
        } = self.clone();
        let passed_from = candidates.unit.len() - candidates.because.len();
        let passed = (passed_from..).zip(&candidates.because).map(|(row, because)| PassedOver {
            candidate: candidates.candidate(row, at),
            because: because.clone(),
        });
        Examination {
            available: (0..passed_from).map(|row| candidates.candidate(row, at)).collect(),
            passed: passed.collect(),
            place,
            around,
            incident_type,
            priority,
            needs,
            forbidden,
            at,
            model,
            region,
            desk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(change: impl FnOnce(&mut serde_json::Value)) -> Result<CandidateTable, serde_json::Error> {
        let mut table = serde_json::json!({
            "unit": ["N1", "N2"], "fix_time": [5_000_000, null], "distance_dm": [1, 2], "readiness_ms": [0, 0],
            "travel_ms": [3, 4], "doubt_ms": [0, 7], "status": ["patrolling", "off_duty"], "desk": ["north", "north"],
            "fills": [[0], []], "because": [{"code": "off_duty"}],
        });
        change(&mut table);
        serde_json::from_value(table)
    }

    #[test]
    fn the_age_of_a_fix_follows_from_the_time_of_the_examination() {
        let CandidateTable(columns) = table(|_| ()).unwrap();
        let (one, other) = (columns.candidate(0, Time(7_000_000)), columns.candidate(1, Time(7_000_000)));
        assert_eq!((one.from, one.fix_age_ms), (CandidatePlace::Fix, Some(2_000)));
        assert_eq!((other.from, other.fix_age_ms), (CandidatePlace::HomeBase, None));
    }

    #[test]
    fn columns_of_two_lengths_are_no_table() {
        let columns =
            ["unit", "fix_time", "distance_dm", "readiness_ms", "travel_ms", "doubt_ms", "status", "desk"];
        for column in columns.into_iter().chain(["fills"]) {
            let shorter = table(|table| drop(table[column].as_array_mut().unwrap().pop()));
            assert!(shorter.unwrap_err().to_string().contains("rows"), "{column}");
        }
        let more = table(|table| {
            table["because"] =
                serde_json::json!([{"code": "slower"}, {"code": "slower"}, {"code": "slower"}]);
        });
        assert_eq!(more.unwrap_err().to_string(), "column because has 3 rows and column unit 2");
    }
}
