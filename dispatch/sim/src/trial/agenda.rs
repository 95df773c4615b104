//! What happens next: by time, and among what happens at once in the order in which it was said.

use std::collections::BTreeMap;
use std::sync::Arc;

use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use dispatch_store::AppendOutcome;
use dispatch_writer::{Commit, Reply, Request};

/// Something to come.
#[derive(Clone, Debug)]
pub enum What {
    /// A client thinks of what it wants.
    Think(usize),
    /// A client's request reaches the door of a process.
    Arrive(Box<Request>),
    /// An answer reaches the client.
    Hear {
        /// The request, by its token.
        token: u64,
        /// What the client is told.
        reply: Reply,
    },
    /// A client has waited long enough for the answer to a request.
    GiveUp {
        /// Index of the client that gives up.
        client: usize,
        /// The request it gives up, by its token.
        token: u64,
    },
    /// What was handed in is decided and sent.
    Drain,
    /// Time passes for the process.
    Tick,
    /// The batch in flight reaches the store.
    Land,
    /// The process hears what became of it.
    Learn {
        /// Number of the batch that was in flight.
        flight: u64,
        /// Whether it was committed, was not, or nobody knows.
        outcome: AppendOutcome,
    },
    /// The process opens the store again.
    Reopen,
    /// The process looks up ids of unknown outcome.
    Lookup,
    /// A commit reaches the consoles.
    Show(Arc<Commit>),
    /// Consoles get everything anew.
    ShowAll,
    /// A snapshot reaches the store.
    Keep(Arc<State>),
    /// It is looked what there is to deliver to the sink.
    Deliver,
    /// Devices say where they are.
    Fix,
    /// The process dies.
    Die,
    /// A process begins.
    Begin,
    /// Somebody at the machine goes on without what is lost.
    Accept,
}

/// All that is to come.
#[derive(Debug, Default)]
pub struct Agenda {
    entries: BTreeMap<(Time, u64), (u64, What)>,
    count: u64,
}

impl Agenda {
    /// Something happens at a time, to a life of the process or, with 0, to whatever lives then.
    pub fn at(&mut self, time: Time, life: u64, what: What) {
        self.count += 1;
        self.entries.insert((time, self.count), (life, what));
    }

    /// The next thing: when, to which life, what.
    pub fn take(&mut self) -> Option<(Time, u64, What)> {
        self.entries.pop_first().map(|((time, _), (life, what))| (time, life, what))
    }
}
