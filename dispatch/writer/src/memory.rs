//! Answers of the last seven days by (actor, command) (D6). Only durable answers are here.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::kernel::time::Time;
use dispatch_store::StoredAnswer;

type Key = (ActorId, CommandId);

/// Durable answers, found by actor and command, forgotten by time.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    answers: BTreeMap<Key, StoredAnswer>,
    by_time: BTreeSet<(Time, Key)>,
}

impl Memory {
    /// Remembers an answer.
    pub fn keep(&mut self, answer: StoredAnswer) {
        let key = (answer.actor.clone(), answer.command);
        self.by_time.insert((answer.at, key.clone()));
        if let Some(before) = self.answers.insert(key.clone(), answer)
            && self.answers.get(&key).is_some_and(|now| now.at != before.at)
        {
            self.by_time.remove(&(before.at, key));
        }
    }

    /// The answer a command was given.
    pub fn get(&self, key: &Key) -> Option<&StoredAnswer> {
        self.answers.get(key)
    }

    /// Forgets answers given before `before`.
    pub fn forget_before(&mut self, before: Time) {
        while let Some((at, _)) = self.by_time.first()
            && *at < before
            && let Some((_, key)) = self.by_time.pop_first()
        {
            self.answers.remove(&key);
        }
    }

    /// Answers are as old as before when the clock moves by a number of microseconds.
    pub fn move_by(&mut self, us: i64) {
        self.by_time =
            std::mem::take(&mut self.by_time).into_iter().map(|(at, key)| (at.moved(us), key)).collect();
        self.answers.values_mut().for_each(|answer| answer.at = answer.at.moved(us));
    }

    /// How many answers are remembered.
    pub fn count(&self) -> usize {
        self.answers.len()
    }
}

impl FromIterator<StoredAnswer> for Memory {
    fn from_iter<T: IntoIterator<Item = StoredAnswer>>(answers: T) -> Self {
        let mut memory = Self::default();
        answers.into_iter().for_each(|answer| memory.keep(answer));
        memory
    }
}
