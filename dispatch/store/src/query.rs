//! Pages of the read model. A cursor names the last row that was seen, so a page stays right while rows are added.

use dispatch_core::Coord;
use dispatch_core::kernel::id::{DeskId, IncidentId};
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// The most rows of one page.
pub const PAGE_MAX: u32 = 500;

/// Which entities, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityQuery {
    /// `alarm`, `incident`, `order`, `unit`, `technical`, `recommendation`, `support` or `point`.
    pub kind: String,
    /// At or below this path; the empty path is everywhere.
    pub area: AreaPath,
    /// In one of these states; empty is any.
    pub states: Vec<String>,
    /// Of one of these modes; empty is any.
    pub modes: Vec<Mode>,
    /// Of this desk.
    pub desk: Option<DeskId>,
    /// With exactly this human number.
    pub number: Option<String>,
    /// Belonging to this incident (orders, recommendations, supports, alarms).
    pub incident: Option<String>,
    /// Still in live state, or gone from it.
    pub alive: Option<bool>,
    /// Opened at or after.
    pub from: Option<Time>,
    /// Opened before this time, exclusive.
    pub until: Option<Time>,
    /// After this row.
    pub after: Option<Cursor>,
    /// The most rows to return, capped at [`PAGE_MAX`]; 0 is the cap.
    pub limit: u32,
}

impl EntityQuery {
    /// Everything of one kind.
    pub fn of(kind: &str) -> Self {
        Self { kind: kind.into(), ..Self::default() }
    }

    /// The limit in force.
    pub fn limit_capped(&self) -> u32 {
        if self.limit == 0 { PAGE_MAX } else { self.limit.min(PAGE_MAX) }
    }
}

/// A row's place in the order of a list: `opened_at` in microseconds, a dot, the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// When the entity was opened.
    pub opened_at: Time,
    /// Id of the entity, which parts those opened at the same time.
    pub id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.opened_at.0, self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (at, id) = text.split_once('.').ok_or("a cursor is `<microseconds>.<id>`")?;
        let at = at.parse().map_err(|_| "a cursor begins with microseconds")?;
        Ok(Self { opened_at: Time(at), id: id.into() })
    }
}

/// One entity of the read model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityRow {
    /// What it is.
    pub kind: String,
    /// Its id, as text: with the kind it is the key.
    pub id: String,
    /// Codes from the league down, each followed by a slash: a prefix of it is a string prefix.
    pub area: String,
    /// Its state, in the word of its own vocabulary.
    pub state: String,
    /// Version of the entity when it was last shown.
    pub version: u32,
    /// Actual, exercise or test.
    pub mode: Mode,
    /// Human number, where it has one.
    pub number: Option<String>,
    /// The desk that answers for it or commands it.
    pub desk: Option<String>,
    /// The incident it belongs to.
    pub incident: Option<String>,
    /// The unit an order holds: sent to it, neither stacked nor ended, and signed where the unit is drawn from another.
    /// No two orders hold one unit; the databases refuse it too.
    pub holds: Option<String>,
    /// Where it is, where that is known.
    pub place: Option<Coord>,
    /// When it began.
    pub opened_at: Time,
    /// When it ended, if it has.
    pub ended_at: Option<Time>,
    /// Whether it is still in live state.
    pub alive: bool,
    /// The view as the stream showed it last, or the register's entry of a point, JSON:
    /// `{"kind": …, "view": {…}}`.
    pub doc: String,
}

impl EntityRow {
    /// The cursor of this row.
    pub fn cursor(&self) -> Cursor {
        Cursor { opened_at: self.opened_at, id: self.id.clone() }
    }
}

/// One page of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows, newest first.
    pub rows: Vec<EntityRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

impl Page {
    /// Of the rows found, newest first, of which there is one more than fits where another page follows.
    pub(crate) fn of(mut rows: Vec<EntityRow>, query: &EntityQuery) -> Self {
        let limit = query.limit_capped() as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(EntityRow::cursor) } else { None };
        Self { rows, next }
    }
}

/// The alarms and orders an incident's view names.
#[derive(Deserialize)]
struct Related {
    view: RelatedIds,
}

#[derive(Deserialize)]
struct RelatedIds {
    #[serde(default)]
    alarms: Vec<String>,
    #[serde(default)]
    orders: Vec<String>,
}

/// Kind and id of an incident, its alarms and its orders, from the incident's row: what its timeline is about.
pub(crate) fn related(
    row: &EntityRow,
    incident: IncidentId,
) -> Result<Vec<(&'static str, String)>, StoreError> {
    let related: Related = serde_json::from_str(&row.doc)
        .map_err(|error| StoreError::corrupt("an incident's view cannot be read", error))?;
    let alarms = related.view.alarms.into_iter().map(|id| ("alarm", id));
    let orders = related.view.orders.into_iter().map(|id| ("order", id));
    Ok(std::iter::once(("incident", incident.to_string())).chain(alarms).chain(orders).collect())
}

/// The end of the range of paths below `prefix`: a slash ends every code, and `0` is the character after it.
pub(crate) fn prefix_end(prefix: &str) -> String {
    format!("{}0", prefix.trim_end_matches('/'))
}
