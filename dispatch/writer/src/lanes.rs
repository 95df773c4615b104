//! What waits to be decided. Alarms have a lane of their own, which nothing else can fill and which goes first (D11).

use std::collections::VecDeque;

use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::kernel::time::LocalTime;

use crate::clock::Received;
use crate::limits::Limits;
use crate::message::Request;

/// A request that waits, and since when.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The request as it came.
    pub request: Request,
    /// When it first reached the writer.
    pub received: Received,
    /// What a clock in the region showed then.
    pub local: LocalTime,
    /// It was shown as an alarm not recorded yet.
    pub shown: bool,
}

impl Waiting {
    /// The key answers are kept by.
    pub fn key(&self) -> (ActorId, CommandId) {
        self.request.key()
    }
}

/// The two lanes.
#[derive(Debug, Default)]
pub struct Lanes {
    alarms: VecDeque<Waiting>,
    commands: VecDeque<Waiting>,
}

impl Lanes {
    /// Takes a request, or gives it back when its lane is full.
    pub fn push(&mut self, waiting: Waiting, limits: &Limits) -> Result<(), Box<Waiting>> {
        let (lane, max) = if waiting.request.is_alarm() {
            (&mut self.alarms, limits.alarms_max)
        } else {
            (&mut self.commands, limits.commands_max)
        };
        if lane.len() >= max {
            return Err(Box::new(waiting));
        }
        lane.push_back(waiting);
        Ok(())
    }

    /// The next to be decided: alarms first.
    pub fn pop(&mut self) -> Option<Waiting> {
        self.alarms.pop_front().or_else(|| self.commands.pop_front())
    }

    /// Everything that waits, alarms first.
    pub fn drain(&mut self) -> impl Iterator<Item = Waiting> {
        self.alarms.drain(..).chain(self.commands.drain(..))
    }

    /// How many alarms and how many commands wait.
    pub fn waiting(&self) -> (usize, usize) {
        (self.alarms.len(), self.commands.len())
    }
}
