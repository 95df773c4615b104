//! The one command of the clock: time has passed.

use crate::contexts::commands;

commands! {
    ($) clock_commands

    /// Lets time pass: whatever is due happens. A tick that changes nothing writes nothing (D7).
    Tick tick (within; text No; by Node; seeks units) {}
}
