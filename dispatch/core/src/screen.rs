//! The versions that somebody who sees everything at once would have on screen: what tests send, and a replayed log,
//! which never had a screen. A console sends what it really shows.

use crate::command::Command;
use crate::state::State;
use crate::view::View;

/// The command with every version it leaves out as it is now.
#[must_use]
pub fn on_screen(state: &State, mut command: Command) -> Command {
    for (id, seen) in command.seen() {
        let now = View::of(state, &id).and_then(|view| view.columns()).map(|columns| columns.version);
        *seen = seen.or(now);
    }
    command
}
