//! Commands of the clock: time has passed, or the machine's clock is right after all.

use crate::contexts::commands;

commands! {
    ($) clock_commands

    /// Lets time pass: whatever is due happens. A tick that changes nothing writes nothing (D7).
    Tick tick (within; text No; by Node over Node; seeks units) {}
    /// Believes the machine's clock while it is in doubt; whatever is due moves with it.
    CorrectClock correct_clock (post "clock" "correct"; text No; by Administrator over Region) {
        /// How far ahead of the centre's time the machine's clock was seen to be, milliseconds; negative where it is
        /// behind. Refused where it is elsewhere by now.
        ahead_ms: i64,
    }
}
