//! What the command line says to whoever started it: lines on standard output, progress on standard error.

use std::io::Write as _;
use std::time::Duration;

use indicatif::ProgressBar;

/// Says something to whoever started us.
pub(crate) fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

/// Shows that a long step is going on, when standard error is a terminal; ends with the value.
pub(crate) fn step(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
