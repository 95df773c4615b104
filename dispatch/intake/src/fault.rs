//! What is wrong with one message of many.

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, or element of an array, from 1.
    pub line: u64,
    /// The field; `body` for the message as a whole.
    pub field: String,
    /// The rule it breaks, in English.
    pub rule: String,
}
