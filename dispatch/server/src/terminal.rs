//! What the command line says to whoever started it: lines on standard output, progress on standard error.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use dispatch_store::Step;
use indicatif::ProgressBar;

/// Says something to whoever started us.
pub(crate) fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

/// Shows how far a verification has come, when standard error is a terminal, and what it is to tell of it.
pub(crate) fn progress() -> (ProgressBar, Arc<dyn Fn(Step) + Send + Sync>) {
    let bar = step("proving");
    let shown = bar.clone();
    let tell = move |Step { table, done, of }: Step| {
        let rows = if of > 0 { format!("{done} of {of} rows") } else { format!("{done} rows") };
        shown.set_message(format!("proving {table}: {rows}"));
    };
    (bar, Arc::new(tell))
}

/// Shows that a long step is going on, when standard error is a terminal; ends with the value.
pub(crate) fn step(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
