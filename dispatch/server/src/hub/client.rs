//! A client of the hub, what it has asked for and not been answered yet, and whose place it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_api::stream::{ResetReason, Resume};
use dispatch_core::kernel::id::SeatId;
use tokio::sync::Notify;

use super::interest::Interest;
use super::queue::Queue;
use super::{ClientId, Inner};
use crate::peer::Peer;

/// Streams that have not subscribed yet, for each hundred of those that may and at the least.
const UNSUBSCRIBED_PERCENT: usize = 10;
const UNSUBSCRIBED_MIN: usize = 16;

/// A client.
#[derive(Debug)]
pub(super) struct Client {
    pub queue: Arc<Queue>,
    pub interest: Option<Shared>,
    pub prev: u64,
    pub positions: bool,
    pub tiles: Tiles,
    pub seat: Option<SeatId>,
    /// The snapshot that is written for it: nothing else is queued before that, but alarms the journal cannot take.
    pub draft: Option<u64>,
    /// What it wants from now on. The newest counts: a client that asks and does not read costs no more than one that
    /// does neither.
    pub asked: Option<Asked>,
    /// Why it has to begin anew, once it has taken what waits.
    pub anew: Option<ResetReason>,
    /// Whose place it has; none before it has subscribed.
    pub peer: Option<Peer>,
    leave: Arc<Notify>,
}

/// A subscription that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub interest: Shared,
    pub positions: bool,
    pub tiles: Tiles,
    pub seat: Option<SeatId>,
    pub resume: Option<Resume>,
}

/// The tiles a client wants; none is all.
pub(super) type Tiles = Option<Arc<BTreeSet<u64>>>;

/// An interest that equal ones share, with a number to compare them by.
pub(super) type Shared = (u64, Arc<Interest>);

/// What a stream gets when it is let in.
#[derive(Debug)]
pub struct Entered {
    /// The client it is of.
    pub id: ClientId,
    /// What waits for it.
    pub queue: Arc<Queue>,
    /// Told when its place is given to another.
    pub leave: Arc<Notify>,
}

impl Client {
    fn new() -> Self {
        Self {
            queue: Queue::new(),
            interest: None,
            prev: 0,
            positions: false,
            tiles: None,
            seat: None,
            draft: None,
            asked: None,
            anew: None,
            peer: None,
            leave: Arc::new(Notify::new()),
        }
    }

    /// Whether it is shown what happens; not while it has asked for nothing, or a snapshot is to come first.
    pub fn looks_on(&self) -> bool {
        self.interest.is_some() && self.draft.is_none() && self.anew.is_none()
    }
}

impl Inner {
    /// Lets a client in. Of those that have not said what they want the longest there gives way when there are too many.
    pub(super) fn enter(&mut self, most: usize) -> Entered {
        let unsubscribed: Vec<ClientId> =
            self.clients.iter().filter(|(_, client)| client.peer.is_none()).map(|(id, _)| *id).collect();
        if unsubscribed.len() >= (most / 100 * UNSUBSCRIBED_PERCENT).max(UNSUBSCRIBED_MIN)
            && let Some(first) = unsubscribed.first()
        {
            self.let_leave(*first);
        }
        let id = self.next_client;
        self.next_client += 1;
        let client = Client::new();
        let entered = Entered { id, queue: client.queue.clone(), leave: client.leave.clone() };
        self.clients.insert(id, client);
        entered
    }

    /// A place among those that subscribe, where this client has none. When all are taken, the peer with most of them
    /// gives one to whoever has fewer; false where nobody has.
    pub(super) fn take_place(&mut self, id: ClientId, peer: Peer, most: usize) -> bool {
        let mut taken: BTreeMap<&Peer, (usize, ClientId)> = BTreeMap::new();
        for (client, peer) in
            self.clients.iter().filter_map(|(id, client)| Some((*id, client.peer.as_ref()?)))
        {
            if client == id {
                return true;
            }
            taken.entry(peer).or_insert((0, client)).0 += 1;
        }
        let count: usize = taken.values().map(|(count, _)| count).sum();
        let own = taken.get(&peer).map_or(0, |(count, _)| *count);
        if count >= most {
            let gives = taken.values().max_by_key(|(count, _)| *count).copied();
            let Some((_, first)) = gives.filter(|(count, _)| *count > own + 1) else { return false };
            self.let_leave(first);
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.peer = Some(peer);
        }
        true
    }

    fn let_leave(&mut self, id: ClientId) {
        if let Some(client) = self.clients.remove(&id) {
            client.leave.notify_one();
            self.forget(client.interest);
            self.forget(client.asked.map(|asked| asked.interest));
        }
    }

    /// An interest nobody has any more is not kept.
    pub(super) fn forget(&mut self, interest: Option<Shared>) {
        let Some((number, interest)) = interest else { return };
        let has = |shared: Option<&Shared>| shared.is_some_and(|(other, _)| *other == number);
        let is_used = self.clients.values().any(|client| {
            has(client.interest.as_ref()) || has(client.asked.as_ref().map(|asked| &asked.interest))
        });
        if !is_used {
            self.interests.remove(&interest);
        }
    }
}
