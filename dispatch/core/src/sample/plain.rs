//! Acts that name an entity and perhaps when something falls due, taken from their rows: tests that try commands at
//! random try a new one without anybody thinking of it.

use std::sync::LazyLock;

use serde_json::json;

use crate::command::Command;
use crate::kernel::time::Time;
use crate::state::State;
use crate::view::View;

/// Such an act: the field by which it names what it is about, which is the name of its kind, and its own name.
#[derive(Clone, Copy, Debug)]
pub struct PlainAct {
    field: &'static str,
    name: &'static str,
}

/// All of them.
pub static PLAIN_ACTS: LazyLock<Vec<PlainAct>> = LazyLock::new(|| {
    let rows = Command::ROWS.iter();
    let acts = rows.filter_map(|row| Some(PlainAct { field: row.route.as_ref()?.id?, name: row.name }));
    acts.filter(|act| act.on("00000000-0000-0000-0000-000000000000", Time(0)).is_some()).collect()
});

impl PlainAct {
    /// The act on an entity, if it takes nothing more.
    pub fn on(&self, id: &str, due: Time) -> Option<Command> {
        let bodies = [json!({ self.field: id }), json!({ self.field: id, "due": due })];
        bodies.into_iter().find_map(|body| Command::read(self.name, body)?.ok())
    }

    /// The ids of those it can be done to.
    pub fn shown(&self, state: &State) -> Vec<String> {
        View::all(state).filter(|view| view.kind() == self.field).map(|view| view.id()).collect()
    }
}
