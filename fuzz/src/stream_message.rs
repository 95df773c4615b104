//! What clients of the stream say, while the centre goes on. Each line of an input is one step:
//!
//! | line | step |
//! |---|---|
//! | `0{…}` to `3{…}` | that client says it; it comes to the stream with its first word |
//! | `<0` | that client takes what waits for it |
//! | `-0` | that client leaves |
//! | `~` | a heartbeat |
//! | `+/path sender`, a tab, a body | somebody asks something of the centre, as [`crate::request`] has it |
//!
//! No more waits for a client than its bounds say; what it is sent are messages of the protocol, each behind the one
//! before it; and a client that is sent all there is and never claimed more than it had holds what it is interested in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use dispatch_api::stream::{ClientMessage, ServerMessage, Subscribe};
use dispatch_core::view::View;
use dispatch_server::config::Config;
use dispatch_server::http::stream::{Heard, hear};
use dispatch_server::hub::interest::{Interest, Mark, addressed};
use dispatch_server::hub::queue::Queue;
use dispatch_server::hub::{ClientId, Entered};
use dispatch_server::node::Node;
use tokio_tungstenite::tungstenite::Message;

use crate::centre::{Centre, NOW};
use crate::request::{Asked, named};

/// Steps of one input.
const STEPS_MAX: usize = 64;
/// Times a client takes what waits before it has all: a snapshot, what came meanwhile, and once more.
const TAKEN_MAX: usize = 8;
/// Longest answer to one message of a client, bytes.
const ANSWER_BYTES_MAX: usize = 2_048;
/// Clients at once, of whom one too many is told so.
const SUBSCRIBERS: usize = 3;

/// Bounds that are soon reached.
fn tight(config: &mut Config) {
    config.limits.subscribers = SUBSCRIBERS;
    config.stream.queue_commits = 4;
    config.stream.queue_bytes = 64 * 1024;
    config.stream.ring_commits = 4;
    config.stream.ring_bytes = 64 * 1024;
}

thread_local! {
    static CENTRE: RefCell<Centre> = RefCell::new(Centre::new(tight));
}

/// A client, and what it holds of what it was sent.
struct Client {
    id: ClientId,
    queue: Arc<Queue>,
    /// What it said last and has not been answered.
    asked: Option<Subscribe>,
    interest: Option<Interest>,
    held: BTreeMap<(String, String), View>,
    /// Where it stands.
    at: Option<u64>,
    /// It never claimed to hold what it does not, or has begun anew since.
    is_honest: bool,
    /// It has named a row that is not there, or another journal: nothing but a reset may come.
    is_astray: bool,
}

/// Feeds steps.
pub fn feed(bytes: &[u8]) {
    CENTRE.with_borrow_mut(|centre| {
        let node = centre.node();
        let mut clients = BTreeMap::new();
        for line in bytes.split(|byte| *byte == b'\n').take(STEPS_MAX) {
            step(centre, &node, &mut clients, line);
        }
        centre.settle();
        for client in clients.values_mut() {
            client.take_all(&node);
            client.holds_all(&node);
            node.hub.leave(client.id);
        }
        assert_eq!(node.hub.clients(), 0, "nobody is left");
        centre.judge();
        centre.forget();
    });
}

fn step(centre: &mut Centre, node: &Node, clients: &mut BTreeMap<u8, Client>, line: &[u8]) {
    match line {
        [number @ b'0'..=b'3', said @ ..] => {
            let client = clients.entry(*number).or_insert_with(|| Client::enter(node));
            client.say(node, &String::from_utf8_lossy(&named(said, node)));
        }
        [b'<', number] => {
            if let Some(client) = clients.get_mut(number) {
                client.take(node);
            }
        }
        [b'-', number] => {
            if let Some(client) = clients.remove(number) {
                node.hub.leave(client.id);
            }
        }
        [b'~'] => node.hub.heartbeat(NOW, Vec::new(), None),
        [b'+', asked @ ..] => {
            let line: Vec<u8> = asked.iter().map(|byte| if *byte == b'\t' { b'\n' } else { *byte }).collect();
            for asked in Asked::all(&line) {
                centre.ask(&asked);
            }
            centre.settle();
        }
        _ => {}
    }
    // Whose place was given to another is not there any more.
    clients.retain(|_, client| !client.has_left());
}

impl Client {
    fn enter(node: &Node) -> Self {
        let Entered { id, queue, leave: _ } = node.hub.enter(SUBSCRIBERS);
        let held = BTreeMap::new();
        Self { id, queue, asked: None, interest: None, held, at: None, is_honest: true, is_astray: false }
    }

    /// The hub holds a queue for as long as its client is there.
    fn has_left(&self) -> bool {
        Arc::strong_count(&self.queue) == 1
    }

    fn say(&mut self, node: &Node, said: &str) {
        match hear(node, (self.id, IpAddr::from([127, 0, 0, 1])), said) {
            Heard::Subscribed => {
                let Ok(ClientMessage::Subscribe(subscribe)) = serde_json::from_str(said) else {
                    panic!("{said} is no subscription")
                };
                assert!(Interest::of(&subscribe).is_ok(), "{said}");
                self.asked = Some(subscribe);
            }
            Heard::Answer(answer) => {
                assert!(answer.len() <= ANSWER_BYTES_MAX, "{} bytes answer a message", answer.len());
                let text = answer.to_text().expect("an answer is text");
                let answer: ServerMessage = serde_json::from_str(text).expect("a message of ours");
                assert!(
                    matches!(answer, ServerMessage::Pong { .. } | ServerMessage::Problem { .. }),
                    "{text}"
                );
            }
            Heard::Full => assert!(node.hub.clients() > SUBSCRIBERS, "there is a place"),
        }
    }

    /// Takes what waits, as the stream does; whether anything did.
    fn take(&mut self, node: &Node) -> bool {
        let due = self.queue.take();
        if due.lost || due.asked {
            node.hub.answer(self.id, due.lost);
            self.answered(node);
            return true;
        }
        let commits = due.messages.iter().filter(|message| is_commit(message)).map(Message::len);
        let (count, bytes) = commits.fold((0, 0), |(count, bytes), more| (count + 1, bytes + more));
        let bounds = &node.config.stream;
        assert!(count <= bounds.queue_commits, "{count} commits wait");
        assert!(count <= 1 || bytes <= bounds.queue_bytes, "{bytes} bytes of commits wait");
        let is_any = !due.messages.is_empty();
        due.messages.iter().for_each(|message| self.read(message, node));
        is_any
    }

    fn take_all(&mut self, node: &Node) {
        for _ in 0..TAKEN_MAX {
            if !self.take(node) {
                return;
            }
        }
        panic!("a client that takes all never has it");
    }

    fn answered(&mut self, node: &Node) {
        let Some(asked) = self.asked.take() else { return };
        self.interest = Interest::of(&asked).ok();
        if let Some(resume) = asked.resume {
            (self.at, self.is_honest) = (Some(resume.seq), false);
            let standing = node.hub.standing();
            self.is_astray = resume.journal_id != standing.journal || resume.seq > standing.head;
        }
    }

    fn read(&mut self, message: &Message, node: &Node) {
        let Message::Text(text) = message else { return };
        let journal = node.hub.standing().journal;
        match serde_json::from_str(text).expect("a message of the protocol") {
            ServerMessage::Snapshot { journal_id, seq, whole, views } => {
                assert!(journal_id == journal && !self.is_astray, "no reset before row {seq}");
                if whole {
                    self.held.clear();
                    self.is_honest = true;
                }
                self.at = Some(seq);
                self.hold(views);
            }
            ServerMessage::Commit { journal_id, prev, seq, deltas, .. } => {
                assert!(journal_id == journal && !self.is_astray, "no reset before row {seq}");
                assert!(self.at == Some(prev) && seq > prev, "at {:?}, then {prev} to {seq}", self.at);
                self.at = Some(seq);
                self.hold(deltas);
            }
            ServerMessage::Reset { .. } => {
                self.held.clear();
                (self.at, self.is_astray) = (None, false);
            }
            ServerMessage::Hello(_) | ServerMessage::Heartbeat { .. } | ServerMessage::Unrecorded { .. } => {}
            ServerMessage::Pong { .. } | ServerMessage::Problem { .. } => {
                panic!("nothing was answered: {text}")
            }
        }
    }

    fn hold(&mut self, views: Vec<View>) {
        for view in views {
            if let View::Gone(gone) = &view {
                self.held.remove(&(gone.of.clone(), gone.id.clone()));
            } else {
                self.held.insert((view.kind().to_owned(), view.id()), view);
            }
        }
    }

    /// Whoever was sent all holds all of what it is interested in, as it is.
    fn holds_all(&self, node: &Node) {
        assert!(!self.is_astray, "a row that is not there was taken for one that is");
        let Some(interest) = self.interest.as_ref().filter(|_| self.is_honest) else { return };
        let state = node.state();
        let unit_of = |order: &_| addressed(&state.orders().get(order)?.target);
        for view in View::all(&state).filter(View::is_streamed) {
            if interest.covers(&Mark::of(&view, unit_of)) {
                let held = self.held.get(&(view.kind().to_owned(), view.id()));
                assert_eq!(held, Some(&view), "at {:?} of {}", self.at, state.seq);
            }
        }
    }
}

fn is_commit(message: &Message) -> bool {
    message.to_text().is_ok_and(|text| text.starts_with("{\"type\":\"commit\""))
}
