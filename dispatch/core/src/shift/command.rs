//! What can be asked about shifts.

use crate::contexts::commands;
use crate::kernel::id::SeatId;

commands! {
    ($) shift_commands

    /// Offers all that the seat has open to another, which signs for it.
    ///
    /// 交接班: offers all that a seat has open to another of its desk.
    HandOverShift hand_over_shift (post "seats" {from} "hand-over"; text No; by CallTaker over Shift(from)) {
        /// The seat that ends its shift.
        from: SeatId,
        /// The seat of the same desk that is to sign.
        to: SeatId,
    }
    /// Signs for the shift that the seat offers, or does not.
    AnswerShift answer_shift (post "seats" {from} "answer-hand-over"; text No; by CallTaker over OwnSeat) {
        /// The seat that offered.
        from: SeatId,
        /// Whether it is signed for.
        accept: bool,
    }
}
