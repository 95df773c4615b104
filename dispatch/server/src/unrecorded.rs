//! What was said with alarms the journal cannot take at present (D3): held here until it can, so that it can be read
//! while the store is down. Consoles get ids, as ever, and fetch the text by them; each reading is kept and written to
//! the audit when the store has the words (D12).
//!
//! **Bounded** by the writer: it names what it keeps, at most its `unrecorded_max` and what waits in its lane.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dispatch_core::kernel::id::{ActorId, CommandId, WordsId};
use dispatch_store::{Reading, Words};

/// Readings of one text that are kept; more of them are logged only.
const READINGS_MAX: usize = 64;

type Key = (ActorId, CommandId);

/// Words no store holds yet.
#[derive(Debug, Default)]
pub struct UnrecordedWords {
    said: Mutex<BTreeMap<Key, Vec<Said>>>,
}

/// A text and who read it.
#[derive(Debug)]
pub struct Said {
    /// The text as it will be recorded, with its salt.
    pub words: Words,
    /// Who read it meanwhile.
    pub readings: Vec<Reading>,
}

impl UnrecordedWords {
    /// Holds what was said with an alarm.
    pub fn keep(&self, key: Key, words: Vec<Words>) {
        if !words.is_empty() {
            let said = words.into_iter().map(|words| Said { words, readings: Vec::new() });
            self.held().insert(key, said.collect());
        }
    }

    /// The text, if it is held here.
    pub fn read(&self, id: WordsId, reading: &Reading) -> Option<Words> {
        let mut held = self.held();
        let said = held.values_mut().flatten().find(|said| said.words.id == id)?;
        tracing::info!(%id, actor = reading.actor.as_str(), purpose = reading.purpose, "words were read before they were recorded");
        if said.readings.len() < READINGS_MAX {
            said.readings.push(reading.clone());
        }
        Some(said.words.clone())
    }

    /// Lets go of what the store holds now, with the readings it does not know of.
    pub fn release(&self, key: &Key) -> Vec<Said> {
        self.held().remove(key).unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, Vec<Said>>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use dispatch_core::kernel::time::Time;
    use dispatch_store::WordsClass;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn words_can_be_read_until_the_store_has_them_and_nobody_reads_unseen() {
        let id = WordsId(Uuid::from_u128(1));
        let words = Words {
            id,
            incident: None,
            alarm: None,
            class: WordsClass::Alarm,
            retention_days: 1,
            salt: [0; 16],
            text: "help".into(),
            lang: None,
            translation: None,
            at: Time(0),
        };
        let key = (ActorId::from("app"), CommandId(Uuid::from_u128(2)));
        let reading = Reading { actor: "watch".into(), seat: None, purpose: "alarm".into(), at: Time(1) };
        let unrecorded = UnrecordedWords::default();
        unrecorded.keep(key.clone(), vec![words.clone()]);
        assert_eq!(unrecorded.read(id, &reading), Some(words));
        assert_eq!(unrecorded.read(WordsId(Uuid::nil()), &reading), None);
        let released = unrecorded.release(&key);
        assert_eq!(released[0].readings, std::slice::from_ref(&reading));
        assert_eq!(unrecorded.read(id, &reading), None);
        assert!(unrecorded.release(&key).is_empty());
    }
}
