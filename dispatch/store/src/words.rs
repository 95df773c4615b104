//! What a person said or typed, apart from the journal (D12): caller's number and name, notes, feedback, chat. The
//! journal holds an id and a keyed digest; the text is fetched by id, each reading is audited, and erasing deletes
//! text and salt so that the digest can no longer be tried against guesses.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::{ActorId, AlarmId, IncidentId, SeatId, WordsId};
use dispatch_core::kernel::time::Time;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

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
    /// The text; none once it was erased.
    pub text: Option<String>,
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
