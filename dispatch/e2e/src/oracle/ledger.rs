//! What clients wrote down: every command before it was sent, every answer that came.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dispatch_core::kernel::id::{ActorId, CommandId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What a client knows of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Collection, id and act of an operation of the table; none of an alarm.
    pub act: Option<[String; 3]>,
    /// The body.
    pub body: Value,
}

/// A command as its client wrote it down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// What it was about, for whoever reads a finding.
    pub what: String,
    /// What is known of it.
    pub fate: CommandFate,
    /// Its place among its client's commands, which are sent one after another.
    pub turn: usize,
    /// What was sent, where it may be sent once more.
    pub request: Option<Request>,
    /// How long the recording was when the answer had come; 0 where nothing is recorded.
    pub recorded: u64,
}

/// Who sent a command, and its id.
pub type Key = (ActorId, CommandId);

/// All of it, and what already contradicted itself.
#[derive(Debug, Default)]
pub struct Ledger {
    pages: Mutex<Pages>,
    /// What is done to the disk meanwhile is recorded there.
    recording: Option<PathBuf>,
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
    /// Of clients of a node whose disk is recorded: whatever a client was told rests on what was recorded by then.
    pub fn beside(recording: PathBuf) -> Self {
        Self { recording: Some(recording), ..Self::default() }
    }

    /// With these entries.
    pub fn of(entries: impl IntoIterator<Item = (Key, Entry)>) -> Self {
        let ledger = Self::default();
        ledger.lock().entries = entries.into_iter().collect();
        ledger
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Written down before anything is sent.
    pub fn open(&self, actor: &str, command: Uuid, what: impl Into<String>) -> Key {
        let key = (ActorId::from(actor), CommandId(command));
        let mut pages = self.lock();
        pages.turns += 1;
        let (turn, fate) = (pages.turns, CommandFate::Unknown);
        let entry = Entry { what: what.into(), fate, turn, request: None, recorded: 0 };
        pages.entries.insert(key.clone(), entry);
        key
    }

    /// What is sent with it.
    pub fn holds(&self, key: &Key, request: Request) {
        if let Some(entry) = self.lock().entries.get_mut(key) {
            entry.request = Some(request);
        }
    }

    /// A request goes out.
    pub fn sends(&self) {
        self.lock().requests += 1;
    }

    /// An answer came. What was acknowledged or refused once stays so: another answer to the same id is a finding.
    pub fn answered(&self, key: &Key, fate: CommandFate) {
        let recorded =
            self.recording.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |file| file.len());
        let mut pages = self.lock();
        let Some(entry) = pages.entries.get_mut(key) else { return };
        if entry.fate == CommandFate::Unknown {
            (entry.fate, entry.recorded) = (fate, recorded);
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
