//! What the command line can do, one file each.

pub(crate) mod demo;
pub(crate) mod import;
pub(crate) mod keep;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod standby;
mod stopped;

use dispatch_store::damage::remedy;
use dispatch_store::{Location, StoreError};

use crate::config::Config;
use crate::http::guard::LOOPBACK_ONLY;

/// Warns whoever starts a node where others reach it: they are refused.
fn warn_of_others(config: &Config) {
    if !config.listen.ip().to_canonical().is_loopback() {
        tracing::warn!(listen = %config.listen, "requests from other machines are refused: {LOOPBACK_ONLY}");
    }
}

/// An error of a journal at a place, with what is to be done about it where the error does not say so itself.
pub(crate) fn with_remedy(error: anyhow::Error, place: &Location) -> anyhow::Error {
    match error.downcast_ref::<StoreError>().and_then(|error| remedy(error, place)) {
        Some(remedy) => error.context(remedy),
        None => error,
    }
}
