//! The form of every event: a struct of its own with a version, that says what it is about. A context lists
//! its events with [`events!`]; the sum of all contexts is [`Event`](crate::event::Event).

use super::about::About;

/// A kind of event: the struct that is its payload.
pub trait Fact {
    /// The version of its payload that this build writes (D5).
    const V: u16 = 1;

    /// The entities it makes, changes, tells of or takes away.
    fn about(&self) -> About;
}
