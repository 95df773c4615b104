//! The hand of a client: one command at a time, sent again under its id until it is answered for what it is.

use dispatch_core::command::Envelope;
use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_store::Words;
use dispatch_writer::Request;

/// A client as the wire sees it.
#[derive(Debug, Default)]
pub struct Hand {
    /// What is being sent, until it is answered.
    sending: Option<Letter>,
    /// Under which token it went out last.
    latest: u64,
}

/// A command as it is sent, again and again.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The command with who sends it, the same each time.
    pub envelope: Envelope,
    /// Fingerprint of the body, the same each time.
    pub fingerprint: [u8; 32],
    /// What was said with it.
    pub words: Vec<Words>,
}

impl Letter {
    /// By what its answers are kept.
    pub fn key(&self) -> (ActorId, CommandId) {
        (self.envelope.actor.clone(), self.envelope.id)
    }

    /// As a request under a token.
    pub fn request(&self, token: u64) -> Request {
        Request {
            token,
            fingerprint: self.fingerprint,
            envelope: self.envelope.clone(),
            words: self.words.clone(),
            contents: Vec::new(),
            geography: None,
            archived: None,
        }
    }
}

impl Hand {
    /// Begins to send.
    pub fn take(&mut self, letter: Letter) {
        self.sending = Some(letter);
    }

    /// What is being sent.
    pub fn sending(&self) -> Option<&Letter> {
        self.sending.as_ref()
    }

    /// It went out, once more or for the first time.
    pub fn sent(&mut self, token: u64) {
        self.latest = token;
    }

    /// Whether the client still waits for the answer to this request, and for no later one.
    pub fn waits_for(&self, token: u64) -> bool {
        self.sending.is_some() && self.latest == token
    }

    /// It was answered.
    pub fn done(&mut self) {
        self.sending = None;
    }
}
