//! The read model as one pure function of records and views, shared by every database (D4). A verification makes it
//! again from the journal and compares.

use std::collections::BTreeSet;

use dispatch_core::event::Record;
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::view::{Columns, View};
use serde::Serialize;

use crate::query::EntityRow;

/// What one commit changes in the read model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Entities as they are now: insert or replace.
    pub entities: Vec<EntityRow>,
    /// Entities that left live state: kept, marked so.
    pub gone: Vec<Departure>,
    /// Which records are about which entities.
    pub timeline: Vec<TimelineRow>,
}

/// An entity that left live state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// What it is.
    pub kind: String,
    /// The id it had, as text.
    pub id: String,
}

/// A record is about an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TimelineRow {
    /// What the entity is.
    pub kind: String,
    /// Id of the entity, as text.
    pub id: String,
    /// Sequence of the record.
    pub seq: u64,
}

/// What a commit changes. Pure: the same records and views give the same rows.
pub fn rows(records: &[Record], views: &[View]) -> Rows {
    let mut rows = Rows::default();
    for view in views {
        match (view.as_gone(), view.columns()) {
            (Some(gone), _) => rows.gone.push(Departure { kind: gone.of.clone(), id: gone.id.clone() }),
            (None, Some(columns)) => rows.entities.push(entity(view, columns)),
            (None, None) => {}
        }
    }
    for record in records {
        let about = record.event.about();
        let listed = about.named().filter(|id| id.has_timeline());
        let listed: BTreeSet<(&str, String)> = listed.map(|id| (id.kind(), id.id())).collect();
        rows.timeline.extend(listed.into_iter().map(|(kind, id)| TimelineRow {
            kind: kind.into(),
            id,
            seq: record.seq,
        }));
    }
    // Whoever gives a unit up is written before whoever takes it.
    rows.entities.sort_by_key(|row| row.holds.is_some());
    rows
}

/// The row of an entity: the columns that lists and cursors need; everything else is in `doc`.
fn entity(view: &View, columns: Columns) -> EntityRow {
    let Columns { state, version, number, desk, incident, holds, place, opened_at, ended_at } = columns;
    EntityRow {
        kind: view.kind().into(),
        id: view.id(),
        area: prefix(&view.area()),
        state,
        version,
        mode: view.mode().unwrap_or(Mode::Actual),
        number,
        desk,
        incident,
        holds,
        place,
        opened_at,
        ended_at,
        alive: view.is_alive(),
        doc: serde_json::to_string(view).expect("a view has string keys and finite numbers only"),
    }
}

/// A path as a string of which every higher path is a string prefix.
pub fn prefix(path: &AreaPath) -> String {
    path.0.iter().fold(String::new(), |text, code| text + code.as_str() + "/")
}
