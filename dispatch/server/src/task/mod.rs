//! What the command line can do, one file each.

pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod keep;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod standby;
mod stopped;

use crate::config::Config;
use crate::http::guard::LOOPBACK_ONLY;

/// Warns whoever starts a node where others reach it: they are refused.
fn warn_of_others(config: &Config) {
    if !config.listen.ip().to_canonical().is_loopback() {
        tracing::warn!(listen = %config.listen, "requests from other machines are refused: {LOOPBACK_ONLY}");
    }
}
