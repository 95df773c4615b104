//! Fan-out (D15): every commit is encoded once, put together once for each distinct interest, and queued for each
//! client. The hub holds live views as the JSON they were last sent as, so a snapshot is a concatenation. What an ended
//! incident left is written from committed truth when a snapshot asks for it, and so is every recommendation: of those
//! there are thousands, which hardly anybody looks at, and most of them are large.
//!
//! **Absent on purpose**: sockets (`http::stream`), decisions, and waiting: nothing here ever waits for a client.

mod client;
mod commit;
mod draft;
pub mod frames;
pub mod hello;
pub mod interest;
pub mod queue;
mod weight;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_api::stream::{ResetReason, Resume, ServerMessage, Subscribe};
use dispatch_core::kernel::id::{ActorId, CommandId, EntityId, JournalId, OrderId, SeatId, UnitId};
use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::incident::Incident;
use dispatch_core::view::{AlarmView, View};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

pub use self::client::Entered;
use self::client::{Asked, Client, Shared, Tiles};
use self::commit::{Encoded, Item};
use self::draft::Draft;
use self::interest::{Interest, Mark, addressed};
use self::queue::{FrameKey, Frames};
use self::weight::Weight;
use crate::config::Stream as Bounds;
use crate::peer::Peer;
use crate::truth::Truth;

/// Names a subscription.
pub type ClientId = u64;

/// The fan-out of one node.
#[derive(Debug)]
pub struct Hub {
    inner: Mutex<Inner>,
    bounds: Bounds,
    /// Has taken in whatever was shown, and perhaps more.
    truth: Truth,
}

#[derive(Debug)]
struct Inner {
    journal: JournalId,
    head: u64,
    alive: BTreeMap<EntityId, Held>,
    unit_of_order: BTreeMap<OrderId, UnitId>,
    ring: VecDeque<Arc<Encoded>>,
    ring_bytes: usize,
    snapshots: BTreeMap<Arc<Interest>, Utf8Bytes>,
    unrecorded: BTreeMap<(ActorId, CommandId), Utf8Bytes>,
    clients: BTreeMap<ClientId, Client>,
    next_client: ClientId,
    interests: BTreeMap<Arc<Interest>, u64>,
    next_interest: u64,
    labels: Vec<AreaPath>,
    /// How often they changed: frames are of the labels they were made for.
    labelling: u64,
    next_draft: u64,
    /// Content hash of the region package that zone and tiles are of.
    region: String,
    frames: BTreeMap<FrameKey, Bytes>,
    /// Texts that clients are owed.
    weight: Weight,
}

/// Snapshots kept for others of the same interest.
const SNAPSHOTS_KEPT: usize = 16;

#[derive(Debug)]
struct Held {
    /// The view as it was last sent; none where it is as committed truth says.
    json: Option<Arc<str>>,
    mark: Arc<Mark>,
}

/// Why a subscription is not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsubscribed {
    /// What is wrong with it.
    Wrong(String),
    /// There are as many subscribers as there may be.
    Full,
}

/// A commit to be shown.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// The head before it.
    pub prev: u64,
    /// The head after it.
    pub seq: u64,
    /// When it was decided.
    pub at: Time,
    /// What it changed.
    pub views: &'a [View],
    /// Whether the register changed.
    pub register: bool,
}

/// What `hello` says of the journal.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Id of the journal, renewed when a backup is restored.
    pub journal: JournalId,
    /// Seq of the last commit that was shown.
    pub head: u64,
    /// What labels stand for.
    pub labels: Vec<AreaPath>,
}

impl Hub {
    /// A hub at the head of a journal, holding everything alive.
    pub fn new(
        truth: Truth,
        journal: JournalId,
        head: u64,
        views: impl Iterator<Item = View>,
        bounds: Bounds,
    ) -> Self {
        let mut inner = Inner {
            journal,
            head,
            alive: BTreeMap::new(),
            unit_of_order: BTreeMap::new(),
            ring: VecDeque::new(),
            ring_bytes: 0,
            snapshots: BTreeMap::new(),
            unrecorded: BTreeMap::new(),
            clients: BTreeMap::new(),
            next_client: 0,
            interests: BTreeMap::new(),
            next_interest: 0,
            labels: Vec::new(),
            labelling: 0,
            next_draft: 0,
            region: String::new(),
            frames: BTreeMap::new(),
            weight: Weight::default(),
        };
        let views: Vec<View> = views.collect();
        inner.hold(&views);
        Self { inner: Mutex::new(inner), bounds, truth }
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        let inner = self.held();
        Standing { journal: inner.journal, head: inner.head, labels: inner.labels.clone() }
    }

    /// Shows commits, in order, to all whom they concern. Those that came together are queued together: the more there
    /// are, the less each costs.
    pub fn publish(&self, news: &[News<'_>]) {
        let mut inner = self.held();
        let encoded: Vec<Arc<Encoded>> = news.iter().map(|news| Arc::new(inner.encode(news))).collect();
        inner.snapshots.clear();
        inner.send(&encoded, &self.bounds);
        for encoded in encoded {
            inner.ring_bytes += encoded.bytes();
            inner.ring.push_back(encoded);
        }
        while inner.ring.len() > self.bounds.ring_commits || inner.ring_bytes > self.bounds.ring_bytes {
            let Some(oldest) = inner.ring.pop_front() else { break };
            inner.ring_bytes -= oldest.bytes();
        }
    }

    /// Holds another truth: every client begins anew.
    pub fn replace(&self, journal: JournalId, head: u64, views: impl Iterator<Item = View>) {
        let views: Vec<View> = views.collect();
        let mut inner = self.held();
        inner.alive.clear();
        inner.unit_of_order.clear();
        inner.ring.clear();
        inner.ring_bytes = 0;
        inner.snapshots.clear();
        (inner.journal, inner.head) = (journal, head);
        inner.hold(&views);
        for client in inner.clients.values_mut() {
            client.queue.restart([]);
            client.draft = None;
            client.anew = Some(ResetReason::JournalChanged);
            client.queue.ask();
        }
    }

    /// Lets a client in; it gets nothing until it subscribes. `most` may have subscribed.
    pub fn enter(&self, most: usize) -> Entered {
        self.held().enter(most)
    }

    /// Forgets a client.
    pub fn leave(&self, id: ClientId) {
        let mut inner = self.held();
        if let Some(client) = inner.clients.remove(&id) {
            inner.forget(client.interest);
            inner.forget(client.asked.map(|asked| asked.interest));
        }
    }

    /// Bytes of text that wait for clients or are on their way to them.
    pub fn bytes(&self) -> usize {
        self.held().weight.bytes()
    }

    /// Whether there is no room for more snapshots until clients have taken some.
    pub fn is_full(&self) -> bool {
        self.bytes() >= self.bounds.all_bytes
    }

    /// How many are let in.
    pub fn clients(&self) -> usize {
        self.held().clients.len()
    }

    /// Takes a client's interest, to be answered once it has taken what waits. `most` may have subscribed.
    pub fn subscribe(
        &self,
        id: ClientId,
        subscribe: &Subscribe,
        (peer, most): (Peer, usize),
    ) -> Result<(), Unsubscribed> {
        let interest = Interest::of(subscribe).map_err(Unsubscribed::Wrong)?;
        let tiles = subscribe.tiles.as_deref().map(tiles).transpose().map_err(Unsubscribed::Wrong)?;
        let mut inner = self.held();
        if !inner.take_place(id, peer, most) {
            return Err(Unsubscribed::Full);
        }
        inner.ask(id, interest, tiles.map(Arc::new), subscribe);
        Ok(())
    }

    /// Answers what a client has asked for, if it has. It begins anew where its queue was dropped.
    pub fn answer(&self, id: ClientId, lost: bool) {
        let draft = self.held().answer(id, lost, &self.bounds);
        self.write(draft);
    }

    /// Writes a snapshot while others are shown what happens, and hands it to the client that waits for it; again where
    /// too much happened meanwhile.
    fn write(&self, mut draft: Option<Draft>) {
        while let Some(wanted) = draft {
            let text = wanted.text(&self.truth);
            let text = self.held().weight.text(text);
            draft = self.held().hand_over(&wanted, &text, &self.bounds);
        }
    }

    /// Says that the node lives, how far its machine's clock is away while that is in doubt, and at which seats a console
    /// is open.
    pub fn heartbeat(&self, now: Time, degraded: Vec<String>, clock_ahead_ms: Option<i64>) {
        let inner = self.held();
        let seats: BTreeSet<&SeatId> =
            inner.clients.values().filter_map(|client| client.seat.as_ref()).collect();
        let seats = seats.into_iter().cloned().collect();
        let text = text(&ServerMessage::Heartbeat { head: inner.head, now, degraded, clock_ahead_ms, seats });
        for client in inner.clients.values().filter(|client| client.looks_on()) {
            client.queue.heartbeat(text.clone());
        }
    }

    /// Shows an alarm the journal cannot take at present, to those it concerns and, when it is kept to be recorded, to
    /// whoever comes later: so no more are held than the writer keeps.
    pub fn unrecorded(&self, key: (ActorId, CommandId), alarm: AlarmView, kept: bool) {
        let mark =
            Mark { area: alarm.alarm.area.clone(), mode: Some(alarm.alarm.mode), units: Box::default() };
        let text = text(&ServerMessage::Unrecorded { alarm });
        let mut inner = self.held();
        for client in inner.clients.values() {
            if client.interest.as_ref().is_some_and(|(_, interest)| interest.covers(&mark)) {
                client.queue.push(
                    std::slice::from_ref(&text),
                    self.bounds.queue_commits,
                    self.bounds.queue_bytes,
                );
            }
        }
        if kept {
            inner.unrecorded.insert(key, text);
        }
    }

    /// That alarm is in the journal now.
    pub fn recorded(&self, key: &(ActorId, CommandId)) {
        self.held().unrecorded.remove(key);
    }

    /// Says what labels stand for from now on; true when that is news.
    pub fn relabel(&self, region: &str, labels: &[AreaPath], hello: impl FnOnce(&Standing) -> ServerMessage) {
        let mut inner = self.held();
        if inner.labels == labels && inner.region == region {
            return;
        }
        inner.labels = labels.to_vec();
        inner.labelling += 1;
        region.clone_into(&mut inner.region);
        inner.frames.clear();
        let standing = Standing { journal: inner.journal, head: inner.head, labels: inner.labels.clone() };
        let text = text(&hello(&standing));
        for client in inner.clients.values() {
            client.queue.blank();
            client.queue.push(
                std::slice::from_ref(&text),
                self.bounds.queue_commits,
                self.bounds.queue_bytes,
            );
        }
    }

    /// Which labels are in force. When they have changed all frames are to be made anew: none is held any more.
    pub fn labelling(&self) -> u64 {
        self.held().labelling
    }

    /// Shows frames that changed. Those made for labels that are not in force any more say nothing.
    pub fn frames(&self, labelling: u64, changed: Vec<(FrameKey, Bytes)>, empty_bytes: usize) {
        let mut inner = self.held();
        if labelling != inner.labelling {
            return;
        }
        // Put together once for each (interest, tiles): those who share both share the bytes.
        let mut shared: BTreeMap<(u64, &Tiles), Option<Arc<Frames>>> = BTreeMap::new();
        for client in inner.clients.values().filter(|client| client.positions && client.looks_on()) {
            let Some((number, _)) = client.interest else { continue };
            let wanted = || changed.iter().filter(|(key, _)| inner.wants(client, *key)).cloned().collect();
            let frames = shared.entry((number, &client.tiles)).or_insert_with(|| Frames::of(wanted()));
            if let Some(frames) = frames {
                client.queue.show(frames);
            }
        }
        for (key, bytes) in changed {
            if bytes.len() <= empty_bytes {
                inner.frames.remove(&key);
            } else {
                inner.frames.insert(key, bytes);
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes views in and returns them as items, each with what it said before.
    fn hold(&mut self, views: &[View]) -> Vec<Item> {
        for view in views {
            if let Some(order) = view.as_order()
                && let Some(unit) = addressed(&order.order.target)
            {
                self.unit_of_order.insert(order.order.id, unit);
            }
        }
        let items = views.iter().filter(|view| view.is_streamed()).map(|view| self.hold_one(view)).collect();
        // After all of the commit: its alarms and orders may stand behind an incident.
        for incident in views.iter().filter_map(View::as_incident).map(|view| &view.incident) {
            if incident.state != IncidentState::Active {
                self.let_go(incident);
            }
        }
        items
    }

    /// An incident that ended, its alarms and its orders are as committed truth says from now on.
    fn let_go(&mut self, incident: &Incident) {
        let alarms = incident.alarms.iter().copied().map(EntityId::Alarm);
        let orders = incident.orders.iter().copied().map(EntityId::Order);
        for id in alarms.chain(orders).chain([EntityId::Incident(incident.id)]) {
            if let Some(held) = self.alive.get_mut(&id) {
                held.json = None;
            }
        }
    }

    fn hold_one(&mut self, view: &View) -> Item {
        let id = view.entity();
        if let Some(gone) = view.as_gone() {
            let was = id.as_ref().and_then(|id| self.alive.remove(id)).map(|held| held.mark);
            if let Some(order) = id.as_ref().and_then(EntityId::as_order) {
                self.unit_of_order.remove(&order);
            }
            let was = was.unwrap_or_else(|| Arc::new(Mark { area: gone.area.clone(), ..Mark::default() }));
            return Item { now: None, gone: commit::gone(&gone.of, &gone.id, &was), was: Some(was) };
        }
        let mark = Arc::new(Mark::of(view, |order| self.unit_of_order.get(order).cloned()));
        let json = commit::json(view);
        let held = view.as_recommendation().is_none().then(|| json.clone());
        let held = Held { json: held, mark: mark.clone() };
        let was = id.and_then(|id| self.alive.insert(id, held)).map(|held| held.mark);
        let gone = was.as_ref().map_or_else(|| "".into(), |was| commit::gone(view.kind(), &view.id(), was));
        Item { now: Some((json, mark)), was, gone }
    }

    fn encode(&mut self, news: &News<'_>) -> Encoded {
        let &News { prev, seq, at, views, register } = news;
        self.head = seq;
        Encoded { prev, seq, at, register, items: self.hold(views) }
    }

    fn send(&mut self, commits: &[Arc<Encoded>], bounds: &Bounds) {
        let most_bytes = self.queue_bytes(bounds);
        let weight = self.weight.clone();
        // Texts for each (interest, prev): those who share both share the bytes. There are few of either.
        let mut deltas: BTreeMap<u64, Vec<(&Encoded, String)>> = BTreeMap::new();
        let mut texts: BTreeMap<(u64, u64), Vec<Utf8Bytes>> = BTreeMap::new();
        for client in self.clients.values_mut().filter(|client| client.looks_on()) {
            let Some((number, interest)) = &client.interest else { continue };
            let wanted = deltas.entry(*number).or_insert_with(|| {
                commits.iter().filter_map(|commit| Some((&**commit, commit.deltas(interest)?))).collect()
            });
            let Some((last, _)) = wanted.last() else { continue };
            let texts = texts.entry((*number, client.prev)).or_insert_with(|| {
                let mut prev = client.prev;
                let text = |(commit, deltas): &(&Encoded, String)| {
                    weight.text(commit.message(
                        self.journal,
                        std::mem::replace(&mut prev, commit.seq),
                        deltas,
                    ))
                };
                wanted.iter().map(text).collect()
            });
            if client.queue.push(texts, bounds.queue_commits, most_bytes) {
                client.prev = last.seq;
            }
        }
    }

    /// What may wait for one client: where all together are owed too much, no more than its share.
    fn queue_bytes(&self, bounds: &Bounds) -> usize {
        if self.weight.bytes() < bounds.all_bytes {
            return bounds.queue_bytes;
        }
        bounds.queue_bytes.min(bounds.all_bytes / self.clients.len().max(1))
    }

    fn ask(&mut self, id: ClientId, interest: Interest, tiles: Tiles, subscribe: &Subscribe) {
        let interest = self.share(interest);
        let Some(client) = self.clients.get_mut(&id) else { return };
        let &Subscribe { positions, resume, .. } = subscribe;
        let asked = Asked { interest, positions, tiles, seat: subscribe.seat.clone(), resume };
        let before = client.asked.replace(asked);
        client.queue.ask();
        self.forget(before.map(|asked| asked.interest));
    }

    fn share(&mut self, interest: Interest) -> Shared {
        if let Some((shared, number)) = self.interests.get_key_value(&interest) {
            return (*number, shared.clone());
        }
        let number = self.next_interest;
        self.next_interest += 1;
        let shared = Arc::new(interest);
        self.interests.insert(shared.clone(), number);
        (number, shared)
    }

    /// The snapshot to be written, where one is needed that is not at hand.
    fn answer(&mut self, id: ClientId, lost: bool, bounds: &Bounds) -> Option<Draft> {
        let client = self.clients.get_mut(&id)?;
        let anew = client.anew.take().or(lost.then_some(ResetReason::Slow));
        let Some(asked) = client.asked.take() else {
            return anew.and_then(|reason| self.begin_anew(id, Some(reason)));
        };
        let interest = asked.interest.1.clone();
        let before = client.interest.replace(asked.interest);
        client.positions = asked.positions;
        client.tiles = asked.tiles;
        client.seat = asked.seat;
        let draft = match (asked.resume, &before) {
            (Some(resume), _) => self.resume(id, &interest, resume, bounds),
            (None, None) => self.begin_anew(id, anew),
            (None, Some(_)) if anew.is_some() => self.begin_anew(id, anew),
            (None, Some((_, before))) if *before == interest => None,
            (None, Some((_, before))) => self.widen(id, before, &interest),
        };
        self.forget(before);
        self.show_all(id);
        draft
    }

    fn resume(
        &mut self,
        id: ClientId,
        interest: &Interest,
        resume: Resume,
        bounds: &Bounds,
    ) -> Option<Draft> {
        if resume.journal_id != self.journal {
            return self.begin_anew(id, Some(ResetReason::JournalChanged));
        }
        if !self.keeps_after(resume.seq) {
            return self.begin_anew(id, Some(ResetReason::TooFarBehind));
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.draft = None;
            client.queue.restart([]);
        }
        self.catch_up(id, interest, resume.seq, bounds);
        None
    }

    /// Whether every commit after this one is kept.
    fn keeps_after(&self, seq: u64) -> bool {
        let kept = self.ring.front().map_or(self.head, |oldest| oldest.prev);
        (kept..=self.head).contains(&seq)
    }

    /// Queues what a client that stands at `seq` has missed since.
    fn catch_up(&mut self, id: ClientId, interest: &Interest, seq: u64, bounds: &Bounds) {
        let missed: Vec<_> = self.ring.iter().filter(|commit| commit.seq > seq).cloned().collect();
        let most_bytes = self.queue_bytes(bounds);
        let weight = self.weight.clone();
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.prev = seq;
        for commit in missed {
            if let Some(deltas) = commit.deltas(interest) {
                let text = commit.message(self.journal, client.prev, &deltas);
                if !client.queue.push(&[weight.text(text)], bounds.queue_commits, most_bytes) {
                    // It begins anew: the others would not be kept.
                    break;
                }
                client.prev = commit.seq;
            }
        }
    }

    /// A whole snapshot, after a reset when there is a reason for one. It is returned to be written where none is kept.
    fn begin_anew(&mut self, id: ClientId, reason: Option<ResetReason>) -> Option<Draft> {
        let client = self.clients.get(&id)?;
        let interest = client.interest.as_ref()?.1.clone();
        client.queue.restart([]);
        if let Some(kept) = self.snapshots.get(&interest).cloned() {
            self.give_whole(id, reason, kept);
            return None;
        }
        Some(self.draft(id, interest, reason, None))
    }

    /// A snapshot of what a changed interest adds.
    fn widen(&mut self, id: ClientId, before: &Interest, interest: &Arc<Interest>) -> Option<Draft> {
        // Nothing to add to, while that is still written.
        let before = self.clients.get(&id)?.draft.is_none().then_some(before);
        Some(self.draft(id, interest.clone(), None, before))
    }

    /// What a snapshot is to hold of the head as it is now: written later, and followed by what came meanwhile.
    fn draft(
        &mut self,
        id: ClientId,
        interest: Arc<Interest>,
        reason: Option<ResetReason>,
        before: Option<&Interest>,
    ) -> Draft {
        let number = self.next_draft;
        self.next_draft += 1;
        if let Some(client) = self.clients.get_mut(&id) {
            client.draft = Some(number);
        }
        let is_wanted =
            |mark: &Mark| interest.covers(mark) && before.is_none_or(|before| !before.covers(mark));
        let wanted = self.alive.iter().filter(|(_, held)| is_wanted(&held.mark));
        let views = wanted.map(|(id, held)| (id.clone(), held.json.clone())).collect();
        let (journal, head, whole) = (self.journal, self.head, before.is_none());
        Draft { client: id, number, interest, reason, whole, journal, head, views }
    }

    /// Gives a client the snapshot it waits for, and what was committed while it was written. One that asked for another
    /// meanwhile waits for that. It is written anew where the commits since are not kept.
    fn hand_over(&mut self, draft: &Draft, text: &Utf8Bytes, bounds: &Bounds) -> Option<Draft> {
        let Draft { client: id, number, interest, reason, whole, journal: _, head, views: _ } = draft;
        // Another journal has made another draft for everybody.
        let client = self.clients.get_mut(id).filter(|client| client.draft == Some(*number))?;
        if *whole {
            if !self.keeps_after(*head) {
                return self.begin_anew(*id, *reason);
            }
            if self.head == *head {
                if self.snapshots.len() >= SNAPSHOTS_KEPT {
                    self.snapshots.clear();
                }
                self.snapshots.insert(interest.clone(), text.clone());
            }
            self.give_whole(*id, *reason, text.clone());
        } else {
            client.draft = None;
            client.queue.push(std::slice::from_ref(text), bounds.queue_commits, usize::MAX);
            if !self.keeps_after(*head) {
                return self.begin_anew(*id, Some(ResetReason::TooFarBehind));
            }
        }
        self.catch_up(*id, interest, *head, bounds);
        self.show_all(*id);
        None
    }

    /// Gives a client a whole snapshot, and before it the reason why it begins anew.
    fn give_whole(&mut self, id: ClientId, reason: Option<ResetReason>, snapshot: Utf8Bytes) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.draft = None;
        client.prev = self.head;
        let reset = reason.map(|reason| text(&ServerMessage::Reset { reason }));
        let texts = reset.into_iter().chain([snapshot]).chain(self.unrecorded.values().cloned());
        client.queue.begin(texts.collect());
    }

    /// All frames of a client's interest, anew.
    fn show_all(&self, id: ClientId) {
        let Some(client) = self.clients.get(&id) else { return };
        client.queue.blank();
        if client.positions && client.looks_on() {
            let wanted = self.frames.iter().filter(|(key, _)| self.wants(client, **key));
            if let Some(frames) = Frames::of(wanted.map(|(key, bytes)| (*key, bytes.clone())).collect()) {
                client.queue.show(&frames);
            }
        }
    }

    fn wants(&self, client: &Client, (tile, label): FrameKey) -> bool {
        let area = self.labels.get(label as usize);
        client.tiles.as_ref().is_none_or(|tiles| tiles.contains(&tile))
            && client.interest.as_ref().is_some_and(|(_, interest)| interest.covers_label(area))
    }
}

fn tiles(texts: &[String]) -> Result<BTreeSet<u64>, String> {
    let cell =
        |text: &String| geo_index::cells::parse(text).ok_or_else(|| format!("{text} is not an H3 cell"));
    texts.iter().map(cell).collect()
}

fn text(message: &ServerMessage) -> Utf8Bytes {
    serde_json::to_string(message).expect("messages have string keys and finite numbers only").into()
}

#[cfg(test)]
mod tests;
