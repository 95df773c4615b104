//! Acts that name an entity and perhaps when something falls due, taken from their rows: a new one is tried without
//! anybody thinking of it.

use std::sync::LazyLock;

use dispatch_core::command::Command;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::View;
use serde_json::{Value, json};

use super::Sight;
use crate::chance::Chance;

/// Fields by which such an act names what it is about, and the names of the acts.
static ACTS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let rows = Command::ROWS.iter().filter_map(|row| Some((row.route.as_ref()?.id?, row.name)));
    rows.filter(|(field, name)| read(name, field, NOBODY, Time(0)).is_some()).collect()
});

/// An id that may be of any kind.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The act, if it takes nothing more.
fn read(name: &str, field: &str, id: &str, due: Time) -> Option<Command> {
    let bodies: [Value; 2] = [json!({ field: id }), json!({ field: id, "due": due })];
    bodies.into_iter().find_map(|body| Command::read(name, body)?.ok())
}

/// Does one of them to something that is shown.
pub(super) fn act(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let (field, name) = *chance.pick(&ACTS)?;
    let shown: Vec<String> =
        View::all(sight.seen).filter(|view| view.kind() == field).map(|view| view.id()).collect();
    let seconds = if chance.happens(0.9) { 20 } else { -5 };
    read(name, field, chance.pick(&shown)?, Time(sight.now.0 + seconds * 1_000_000))
}
