//! Where a node can be made to fail, so that the proof sees what comes of it. Only a build with the feature `faults` can
//! be asked to, by `ORTOO_FAULT`: see `asked`. In every other a point is a constant and the store is the store.

#[cfg(feature = "faults")]
mod asked;

#[cfg(not(feature = "faults"))]
use std::future::{Ready, ready};

#[cfg(not(feature = "faults"))]
use dispatch_store::AnyStore;

#[cfg(feature = "faults")]
pub use self::asked::{Written, at, is_asked_by, written};

/// A point on the way of a command that lies outside the store, in the order in which it is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before a command is decided.
    Decide,
    /// Before the answer goes to whoever sent it.
    Answer,
    /// Committed and true, before anybody is shown.
    Publish,
    /// A sink's receiver has confirmed, nothing was noted.
    Deliver,
}

/// The store as the writer writes to it.
#[cfg(not(feature = "faults"))]
pub type Written = AnyStore;

/// The store as the writer writes to it; an error where a failure is asked for that there is not.
#[cfg(not(feature = "faults"))]
pub fn written(store: AnyStore) -> anyhow::Result<Written> {
    Ok(store)
}

/// Passes a point; true when what comes next is to fail.
#[cfg(not(feature = "faults"))]
pub fn at(_: Point) -> Ready<bool> {
    ready(false)
}

/// Whether a variable of the environment asks for a failure.
#[cfg(not(feature = "faults"))]
pub fn is_asked_by(_: &str) -> bool {
    false
}
