//! Acts that take nothing but what they are done to, and perhaps when something falls due.

use dispatch_core::command::Command;
use dispatch_core::kernel::time::Time;
use dispatch_core::sample::PLAIN_ACTS;

use super::Sight;
use crate::chance::Chance;

/// Does one of them to something that is shown.
pub(super) fn act(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let act = chance.pick(&PLAIN_ACTS)?;
    let seconds = if chance.happens(0.9) { 20 } else { -5 };
    act.on(chance.pick(&act.shown(sight.seen))?, Time(sight.now.0 + seconds * 1_000_000))
}
