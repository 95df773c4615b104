//! What the command line can do, one file each.

pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod keep;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod standby;

use std::io::Write as _;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::config::Config;
use crate::http::guard::LOOPBACK_ONLY;

/// Says something to whoever started us.
fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

/// Warns whoever starts a node where others reach it: they are refused.
fn warn_of_others(config: &Config) {
    if !config.listen.ip().to_canonical().is_loopback() {
        tracing::warn!(listen = %config.listen, "requests from other machines are refused: {LOOPBACK_ONLY}");
    }
}

/// Shows that a long step is going on, when standard error is a terminal; ends with the value.
pub(crate) fn step(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
