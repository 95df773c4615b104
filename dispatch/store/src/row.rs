//! Answers and words as rows of a table, the same in every database: made here, and read back here.

use dispatch_core::kernel::id::{AlarmId, CommandId, IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit;
use crate::batch::{self, Batch, StoredAnswer};
use crate::store::StoreError;
use crate::words::{self, StoredWords, Text, Translation, WordsClass};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "fields are named as the columns are")]
pub(crate) struct Answer {
    pub(crate) actor: String,
    pub(crate) command: String,
    /// Hex.
    pub(crate) fingerprint: String,
    /// JSON.
    pub(crate) answer: String,
    pub(crate) at: i64,
}

impl From<&StoredAnswer> for Answer {
    fn from(stored: &StoredAnswer) -> Self {
        Self {
            actor: stored.actor.to_string(),
            command: stored.command.to_string(),
            fingerprint: audit::hex(&stored.fingerprint),
            answer: json(&stored.answer),
            at: stored.at.0,
        }
    }
}

impl Answer {
    /// What was answered.
    pub(crate) fn answer(&self) -> Result<batch::Answer, StoreError> {
        serde_json::from_str(&self.answer).map_err(|error| self.fault(&error))
    }

    fn fault(&self, detail: &dyn std::fmt::Display) -> StoreError {
        let whose = format!("{} {}: {detail}", self.actor, self.command);
        StoreError::corrupt("an answer cannot be read", whose)
    }

    /// As it was stored.
    pub(crate) fn read(self) -> Result<StoredAnswer, StoreError> {
        Ok(StoredAnswer {
            actor: self.actor.as_str().into(),
            command: CommandId(self.command.parse().map_err(|error: uuid::Error| self.fault(&error))?),
            fingerprint: audit::from_hex(&self.fingerprint).ok_or_else(|| self.fault(&"fingerprint"))?,
            answer: self.answer()?,
            at: Time(self.at),
        })
    }
}

/// Words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Words {
    pub(crate) id: String,
    pub(crate) incident: Option<String>,
    pub(crate) alarm: Option<String>,
    pub(crate) class: String,
    pub(crate) lang: Option<String>,
    pub(crate) translation_of: Option<String>,
    pub(crate) machine: Option<bool>,
    pub(crate) at: i64,
    pub(crate) expires_at: i64,
    /// Hex.
    pub(crate) digest: String,
    /// Hex; gone with the text.
    pub(crate) salt: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) erased_at: Option<i64>,
}

impl From<&words::Words> for Words {
    fn from(words: &words::Words) -> Self {
        Self {
            id: words.id.to_string(),
            incident: words.incident.map(|id| id.to_string()),
            alarm: words.alarm.map(|id| id.to_string()),
            class: words.class.as_str().to_owned(),
            lang: words.lang.clone(),
            translation_of: words.translation.as_ref().map(|it| it.of.to_string()),
            machine: words.translation.as_ref().map(|it| it.machine),
            at: words.at.0,
            expires_at: words.expires_at().0,
            digest: audit::hex(&words.digest()),
            salt: Some(words.salt.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))),
            text: Some(words.text.clone()),
            erased_at: None,
        }
    }
}

impl Words {
    /// Those of a batch. They came by the clock as it was before the batch corrected it.
    pub(crate) fn of(batch: &Batch) -> Vec<Self> {
        let moved =
            |words: Self| Self { expires_at: words.expires_at.saturating_add(batch.clock_moves()), ..words };
        batch.words.iter().map(Self::from).map(moved).collect()
    }

    /// Without what an erasure takes.
    pub(crate) fn erased(self, at: i64) -> Self {
        Self { salt: None, text: None, erased_at: Some(at), ..self }
    }

    /// As they were stored.
    pub(crate) fn read(self) -> Result<StoredWords, StoreError> {
        let fault = |what: &str| StoreError::corrupt("words cannot be read", format!("{}: {what}", self.id));
        let uuid = |text: &Option<String>| -> Result<Option<Uuid>, StoreError> {
            text.as_ref().map(|text| text.parse().map_err(|_| fault("an id"))).transpose()
        };
        let digest = self.digest()?;
        let text = match self.whole() {
            Ok(()) => self.text.map_or(Text::Erased, Text::Said),
            Err(error) => {
                tracing::error!(%error, "words are damaged; they are given to nobody");
                Text::Damaged
            }
        };
        Ok(StoredWords {
            id: words_id(&self.id)?,
            incident: uuid(&self.incident)?.map(IncidentId),
            alarm: uuid(&self.alarm)?.map(AlarmId),
            class: WordsClass::from_name(&self.class).ok_or_else(|| fault("class"))?,
            translation: uuid(&self.translation_of)?
                .map(|of| Translation { of: WordsId(of), machine: self.machine.unwrap_or_default() }),
            at: Time(self.at),
            expires_at: Time(self.expires_at),
            digest,
            lang: self.lang,
            text,
        })
    }

    /// The digest, as the journal has it.
    pub(crate) fn digest(&self) -> Result<[u8; 32], StoreError> {
        let fault = || StoreError::corrupt("words cannot be read", format!("{}: digest", self.id));
        audit::from_hex(&self.digest).ok_or_else(fault)
    }

    /// Whether the text gives the digest under its salt, or went whole with its salt at a time that is known.
    pub(crate) fn whole(&self) -> Result<(), StoreError> {
        let given = match (&self.text, &self.salt, self.erased_at) {
            (None, None, Some(_)) => return Ok(()),
            (Some(text), Some(salt), None) => salted(salt).map(|salt| words::digest(&salt, text)),
            _ => None,
        };
        if given.is_some() && given == audit::from_hex(&self.digest) {
            return Ok(());
        }
        Err(StoreError::corrupt("words do not give their digest", &self.id))
    }
}

/// A salt from hex.
fn salted(hex: &str) -> Option<[u8; 16]> {
    let wide = audit::from_hex(&format!("{hex:0<64}"))?;
    let (salt, rest) = wide.split_first_chunk()?;
    (hex.len() == 32 && *rest == [0; 16]).then_some(*salt)
}

/// The id of words from how it is stored.
pub(crate) fn words_id(text: &str) -> Result<WordsId, StoreError> {
    text.parse()
        .map(WordsId)
        .map_err(|error| StoreError::corrupt("words have no id", format!("{text}: {error}")))
}

/// A row as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("rows have string keys and finite numbers only")
}
