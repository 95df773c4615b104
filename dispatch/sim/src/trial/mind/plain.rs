//! Acts that name an entity and nothing else, taken from their rows: a new one is tried without anybody thinking of it.

use std::sync::LazyLock;

use dispatch_core::command::Command;
use dispatch_core::view::View;
use serde_json::{Value, json};

use super::Sight;
use crate::chance::Chance;

/// Fields by which such an act names what it is about, and the names of the acts.
static ACTS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let rows = Command::ROWS.iter().filter_map(|row| Some((row.route.as_ref()?.id?, row.name)));
    rows.filter(|(field, name)| matches!(Command::read(name, named(field, NOBODY)), Some(Ok(_)))).collect()
});

/// An id that may be of any kind.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

fn named(field: &str, id: &str) -> Value {
    json!({ field: id })
}

/// Does one of them to something that is shown.
pub(super) fn act(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let (field, name) = *chance.pick(&ACTS)?;
    let shown: Vec<String> =
        View::all(sight.seen).filter(|view| view.kind() == field).map(|view| view.id()).collect();
    Command::read(name, named(field, chance.pick(&shown)?))?.ok()
}
