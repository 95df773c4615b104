//! Commands on losses 丢失.

use crate::contexts::commands;
use crate::kernel::id::LossId;

commands! {
    ($) loss_commands

    /// Goes on without what the journal has lost.
    ///
    /// Until then only calls for help are taken.
    AcceptLoss accept_loss (post "losses" {loss} "accept" on loss; text No; by Administrator over Region) {
        /// The loss that is accepted.
        loss: LossId,
    }
}
