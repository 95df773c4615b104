//! Losses: accepted by somebody, at a seat or at the machine.

use crate::command::AcceptLoss;
use crate::decide::{Deciding, Decision};
use crate::event::LossAccepted;
use crate::kernel::refusal::Refusal;

impl Deciding<'_> {
    pub(crate) fn accept_loss(&mut self, accept: &AcceptLoss) -> Decision {
        if !self.state.losses().contains_key(&accept.loss) {
            return Err(Refusal::unknown("loss", "loss", accept.loss));
        }
        self.push(LossAccepted { loss: accept.loss });
        Ok(())
    }
}
