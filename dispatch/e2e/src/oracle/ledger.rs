//! What clients wrote down: every command before it was sent, every answer that came.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dispatch_core::kernel::id::{ActorId, CommandId};
use uuid::Uuid;

/// What a client knows of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandFate {
    /// Sent; nothing was heard, or only that it may be sent again.
    Unknown,
    /// Acknowledged: it made rows up to this one.
    Acknowledged {
        /// The last of them.
        seq: u64,
    },
    /// Refused for what it is: it may never be in the journal.
    Refused {
        /// The code.
        code: String,
    },
}

/// A command as its client wrote it down.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it was about, for whoever reads a finding.
    pub what: String,
    /// What is known of it.
    pub fate: CommandFate,
    /// Its place among its client's commands, which are sent one after another.
    pub turn: usize,
}

/// Who sent a command, and its id.
pub type Key = (ActorId, CommandId);

/// All of it, and what already contradicted itself.
#[derive(Debug, Default)]
pub struct Ledger {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    entries: BTreeMap<Key, Entry>,
    turns: usize,
    /// Requests sent, retries included.
    requests: u64,
    findings: Vec<String>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Written down before anything is sent.
    pub fn open(&self, actor: &str, command: Uuid, what: impl Into<String>) -> Key {
        let key = (ActorId::from(actor), CommandId(command));
        let mut pages = self.lock();
        pages.turns += 1;
        let entry = Entry { what: what.into(), fate: CommandFate::Unknown, turn: pages.turns };
        pages.entries.insert(key.clone(), entry);
        key
    }

    /// A request goes out.
    pub fn sends(&self) {
        self.lock().requests += 1;
    }

    /// An answer came. What was acknowledged or refused once stays so: another answer to the same id is a finding.
    pub fn answered(&self, key: &Key, fate: CommandFate) {
        let mut pages = self.lock();
        let Some(entry) = pages.entries.get_mut(key) else { return };
        if entry.fate == CommandFate::Unknown {
            entry.fate = fate;
        } else if fate != CommandFate::Unknown && entry.fate != fate {
            let finding = format!("{} {:?} was answered {:?}, then {fate:?}", entry.what, key, entry.fate);
            pages.findings.push(finding);
        }
    }

    /// Nobody asks any more what became of a command nothing definite is known of.
    pub fn forget(&self, key: &Key) {
        self.lock().entries.remove(key);
    }

    /// Something else that may not be.
    pub fn finds(&self, finding: impl Into<String>) {
        self.lock().findings.push(finding.into());
    }

    /// Everything written down so far, to be judged while nobody sends.
    pub fn entries(&self) -> BTreeMap<Key, Entry> {
        self.lock().entries.clone()
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    /// What was found; it is found once.
    pub fn findings(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().findings)
    }
}
