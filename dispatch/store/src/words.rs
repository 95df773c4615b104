//! What a person said or typed, apart from the journal (D12): caller's number and name, notes, feedback, chat. The
//! journal holds an id and a keyed digest; the text is fetched by id, each reading is audited, and erasing deletes
//! text and salt so that the digest can no longer be tried against guesses.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::{ActorId, AlarmId, IncidentId, SeatId, WordsId};
use dispatch_core::kernel::time::Time;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::audit::{self, Columns};
use crate::journal::signed;
use crate::store::StoreError;

/// What kind of words these are; retention and who may read follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordsClass {
    /// A caller's number or name.
    Caller,
    /// What was said or typed with an alarm.
    Alarm,
    /// 备注: a note on an incident.
    Note,
    /// 反馈: what was said with feedback.
    Feedback,
    /// Talk between seats and units.
    Chat,
}

impl WordsClass {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Alarm => "alarm",
            Self::Note => "note",
            Self::Feedback => "feedback",
            Self::Chat => "chat",
        }
    }

    /// From how it is stored.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Caller, Self::Alarm, Self::Note, Self::Feedback, Self::Chat]
            .into_iter()
            .find(|it| it.as_str() == name)
    }
}

/// A translation stands beside its original and says who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The words it translates.
    pub of: WordsId,
    /// Made by a machine, not by a person.
    pub machine: bool,
}

/// Words to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Their id, as commands and events name it.
    pub id: WordsId,
    /// The incident they belong to, where it is known.
    #[serde(default)]
    pub incident: Option<IncidentId>,
    /// The alarm they belong to, where it is known.
    #[serde(default)]
    pub alarm: Option<AlarmId>,
    /// What kind of words they are, which says who may read them.
    pub class: WordsClass,
    /// Days they are kept from `at`.
    pub retention_days: u16,
    /// Key of the digest, random.
    pub salt: [u8; 16],
    /// The text itself.
    pub text: String,
    /// BCP 47 tag of the language, if it is known.
    #[serde(default)]
    pub lang: Option<String>,
    /// Set when they translate others.
    #[serde(default)]
    pub translation: Option<Translation>,
    /// When they came.
    pub at: Time,
}

impl Words {
    /// HMAC-SHA-256 of the text under the salt: what the journal keeps of them.
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.salt, &self.text)
    }

    /// When they expire.
    pub fn expires_at(&self) -> Time {
        Time(self.at.0.saturating_add(i64::from(self.retention_days) * 86_400_000_000))
    }
}

/// HMAC-SHA-256 of a text under a salt.
pub fn digest(salt: &[u8; 16], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Words as they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWords {
    /// Their id, as commands and events name it.
    pub id: WordsId,
    /// The incident they belong to; none where none is known.
    pub incident: Option<IncidentId>,
    /// The alarm they belong to; none where none is known.
    pub alarm: Option<AlarmId>,
    /// What kind of words they are, which says who may read them.
    pub class: WordsClass,
    /// BCP 47 tag of the language; none where it is not known.
    pub lang: Option<String>,
    /// Set when they translate others.
    pub translation: Option<Translation>,
    /// When they came.
    pub at: Time,
    /// When they expire.
    pub expires_at: Time,
    /// The digest, which stays after an erasure.
    pub digest: [u8; 32],
    /// The text, or why there is none.
    pub text: Text,
}

/// A text as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// What was said or typed: it gives its digest.
    Said(String),
    /// It was erased.
    Erased,
    /// What lies there does not give its digest: it is not what was said, and nobody is to read it.
    Damaged,
}

impl Text {
    /// What was said, where it is there and undamaged.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Said(text) => Some(text),
            Self::Erased | Self::Damaged => None,
        }
    }
}

/// Words that were found, in the order they were asked for.
pub(crate) fn in_order(ids: &[WordsId], found: Vec<StoredWords>) -> Vec<StoredWords> {
    let mut by_id: BTreeMap<WordsId, StoredWords> =
        found.into_iter().map(|words| (words.id, words)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

/// Who reads words, for the audit: nobody reads a text without leaving one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The account that reads them.
    pub actor: ActorId,
    /// At which seat.
    pub seat: Option<SeatId>,
    /// What for, a short code such as `incident_panel`.
    pub purpose: String,
    /// When they are read, microseconds UTC.
    pub at: Time,
}

impl Reading {
    /// The hash of the reading of these words behind the reading before it: BLAKE3 over the previous hash and place in the
    /// chain, words, actor, seat, purpose and time, framed as the columns of the journal's chain are ([`crate::audit`]).
    pub(crate) fn chained(&self, previous: &[u8; 32], place: u64, words: &str) -> [u8; 32] {
        let mut columns = Columns::after(previous);
        columns.number(place).text(words).text(self.actor.as_str());
        columns.optional(self.seat.as_ref().map(SeatId::as_str)).text(&self.purpose).number(self.at.0).hash()
    }
}

/// The chain of readings, as far as it goes.
#[derive(Clone, Debug)]
pub(crate) struct ReadingChain {
    /// How many are chained.
    pub(crate) count: u64,
    /// Hash of the last of them.
    pub(crate) hash: [u8; 32],
}

impl ReadingChain {
    /// Of no reading.
    pub(crate) fn new() -> Self {
        Self { count: 0, hash: audit::GENESIS }
    }

    /// Goes on with a reading of these words.
    pub(crate) fn chain(&mut self, words: &str, reading: &Reading) -> ChainedReading {
        self.count += 1;
        self.hash = reading.chained(&self.hash, self.count, words);
        ChainedReading {
            place: Some(signed(self.count)),
            words: words.to_owned(),
            actor: reading.actor.to_string(),
            seat: reading.seat.as_ref().map(ToString::to_string),
            purpose: reading.purpose.clone(),
            at: reading.at.0,
            audit: Some(audit::hex(&self.hash)),
        }
    }

    /// Goes on with a stored reading, which has to be the next.
    pub(crate) fn follow(&mut self, stored: &ChainedReading) -> Result<(), StoreError> {
        let made = self.chain(&stored.words, &stored.reading());
        if made == *stored {
            return Ok(());
        }
        let detail = format!("it breaks at reading {}, of words {}", self.count, stored.words);
        Err(StoreError::corrupt("the chain of readings is broken", detail))
    }
}

/// A reading as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ChainedReading {
    /// From 1; none where it was made before readings were chained.
    pub(crate) place: Option<i64>,
    pub(crate) words: String,
    pub(crate) actor: String,
    pub(crate) seat: Option<String>,
    pub(crate) purpose: String,
    pub(crate) at: i64,
    /// Hex; none where the place is none.
    pub(crate) audit: Option<String>,
}

impl ChainedReading {
    fn reading(&self) -> Reading {
        Reading {
            actor: self.actor.as_str().into(),
            seat: self.seat.as_deref().map(Into::into),
            purpose: self.purpose.clone(),
            at: Time(self.at),
        }
    }
}
