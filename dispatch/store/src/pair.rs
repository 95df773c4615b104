//! What two servers of one database tell each other through it: who leads, who stands by, and the alarms one hands to
//! the other.

/// What a leader hears when it says that it lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Somebody stands by.
    pub standby: bool,
    /// Alarms of a leader that had to go wait to be taken in.
    pub handed: bool,
}

/// An alarm that a leader which has to go could not record, as it hands it to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Tells it from others, however often it is handed on.
    pub key: String,
    /// The request; the store does not look into it.
    pub request: String,
}
