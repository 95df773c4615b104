//! Answers of the last seven days by (actor, command) (D6). Only durable answers are here.
//!
//! There are some dozen for every incident, and most are never asked for again: each takes as little room as it can.

use std::collections::{BTreeSet, VecDeque};

use dispatch_core::kernel::id::{ActorId, CommandId, EntityId, FeedbackId, Named};
use dispatch_core::kernel::time::Time;
use dispatch_store::{Accepted, Answer, StoredAnswer};

type Key = (ActorId, CommandId);

/// Answers in one piece of memory.
const CHUNK: usize = 256;

/// Durable answers, found by actor and command, forgotten by time.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// In the order of time, numbered from 0 on; all pieces but the last are full.
    chunks: VecDeque<Vec<Kept>>,
    /// The number of the first answer in the first piece.
    first: u64,
    /// The number of the oldest that is not forgotten.
    oldest: u64,
    /// The last bits of each command's id, with the number of its answer.
    by_command: BTreeSet<(u64, u64)>,
}

/// What is known of a command that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Keyed hash of method, path and body.
    pub fingerprint: [u8; 32],
    /// What was answered.
    pub answer: Answer,
}

#[derive(Clone, Debug)]
struct Kept {
    key: Key,
    fingerprint: [u8; 32],
    at: Time,
    answer: Packed,
}

/// An answer, packed.
#[derive(Clone, Debug)]
enum Packed {
    Accepted { seq: u64, version: Option<u32>, feedback: Option<Box<FeedbackId>>, named: Box<[EntityId]> },
    Refused(Box<Answer>),
}

impl Packed {
    fn of(answer: Answer) -> Self {
        match answer {
            Answer::Accepted(Accepted { seq, named, feedback, version }) => {
                Self::Accepted { seq, version, feedback: feedback.map(Box::new), named: named.all().into() }
            }
            refused @ Answer::Refused(_) => Self::Refused(Box::new(refused)),
        }
    }

    fn answer(&self) -> Answer {
        match self {
            Self::Accepted { seq, version, feedback, named: ids } => {
                let mut named = Named::default();
                for id in ids {
                    named.name(id, true);
                }
                let (feedback, version) = (feedback.as_deref().copied(), *version);
                Answer::Accepted(Accepted { seq: *seq, named, feedback, version })
            }
            Self::Refused(answer) => (**answer).clone(),
        }
    }
}

impl Memory {
    /// Remembers an answer. Time does not run back: one that is said to be older than the one before is kept as long.
    pub fn keep(&mut self, answer: StoredAnswer) {
        let StoredAnswer { actor, command, fingerprint, answer, at } = answer;
        let key = (actor, command);
        if let Some((bits, number)) = self.find(&key) {
            self.by_command.remove(&(bits, number));
        }
        let last = self.chunks.back().and_then(|chunk| chunk.last()).map(|kept| kept.at);
        self.by_command.insert((bits(&key), self.next()));
        if self.chunks.back().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push_back(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.back_mut() {
            let at = last.map_or(at, |last| at.max(last));
            chunk.push(Kept { key, fingerprint, at, answer: Packed::of(answer) });
        }
    }

    /// What a command was answered.
    pub fn get(&self, key: &Key) -> Option<Known> {
        let (_, number) = self.find(key)?;
        let kept = self.kept(number)?;
        Some(Known { fingerprint: kept.fingerprint, answer: kept.answer.answer() })
    }

    /// Whether a command was answered.
    pub fn knows(&self, key: &Key) -> bool {
        self.find(key).is_some()
    }

    /// Forgets answers given before `before`.
    pub fn forget_before(&mut self, before: Time) {
        while let Some(kept) = self.kept(self.oldest)
            && kept.at < before
        {
            let bits = bits(&kept.key);
            self.by_command.remove(&(bits, self.oldest));
            self.oldest += 1;
            let chunk = CHUNK as u64;
            if self.oldest - self.first == chunk {
                self.chunks.pop_front();
                self.first += chunk;
            }
        }
    }

    /// Answers are as old as before when the clock moves by a number of microseconds.
    pub fn move_by(&mut self, us: i64) {
        for kept in self.chunks.iter_mut().flatten() {
            kept.at = kept.at.moved(us);
        }
    }

    /// How many answers are remembered.
    pub fn count(&self) -> usize {
        self.by_command.len()
    }

    /// Where the answer to a command is.
    fn find(&self, key: &Key) -> Option<(u64, u64)> {
        let bits = bits(key);
        let mut alike = self.by_command.range((bits, 0)..=(bits, u64::MAX)).copied();
        alike.find(|(_, number)| self.kept(*number).is_some_and(|kept| kept.key == *key))
    }

    fn kept(&self, number: u64) -> Option<&Kept> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    /// The number of the next answer.
    fn next(&self) -> u64 {
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        let last = self.chunks.back().map_or(0, Vec::len);
        self.first + (full + last) as u64
    }
}

/// Bits of a command's id that differ from those of nearly every other.
fn bits((_, command): &Key) -> u64 {
    command.0.as_u64_pair().1
}

impl FromIterator<StoredAnswer> for Memory {
    fn from_iter<T: IntoIterator<Item = StoredAnswer>>(answers: T) -> Self {
        let mut answers: Vec<StoredAnswer> = answers.into_iter().collect();
        answers.sort_by_key(|answer| answer.at);
        let mut memory = Self::default();
        for answer in answers {
            memory.keep(answer);
        }
        memory
    }
}

#[cfg(test)]
mod tests {
    use dispatch_core::kernel::id::{IncidentId, OrderId};
    use dispatch_core::kernel::refusal::Refusal;
    use uuid::Uuid;

    use super::*;

    fn answer(actor: &str, command: u128, at: i64, answer: Answer) -> StoredAnswer {
        let command = CommandId(Uuid::from_u128(command));
        StoredAnswer { actor: actor.into(), command, fingerprint: [7; 32], answer, at: Time(at) }
    }

    fn accepted(seq: u64) -> Answer {
        let mut named = Named::default();
        named.name(&IncidentId(Uuid::from_u128(1)).into(), true);
        for order in [3, 2] {
            named.name(&OrderId(Uuid::from_u128(order)).into(), true);
        }
        let feedback = Some(FeedbackId(Uuid::from_u128(4)));
        Answer::Accepted(Accepted { seq, named, feedback, version: Some(5) })
    }

    fn key(actor: &str, command: u128) -> Key {
        (actor.into(), CommandId(Uuid::from_u128(command)))
    }

    fn said(memory: &Memory, actor: &str, command: u128) -> Option<Answer> {
        memory.get(&key(actor, command)).map(|known| known.answer)
    }

    #[test]
    fn an_answer_comes_back_as_it_was_given() {
        let refused = Answer::Refused(Refusal::NoChange);
        // The same last bits, of one actor and of two.
        let given = [
            answer("anna", 1, 10, accepted(1)),
            answer("bert", 1, 11, refused.clone()),
            answer("anna", (1 << 64) | 1, 12, accepted(2)),
        ];
        let memory: Memory = given.into_iter().collect();
        assert_eq!(said(&memory, "anna", 1), Some(accepted(1)));
        assert_eq!(said(&memory, "bert", 1), Some(refused));
        assert_eq!(said(&memory, "anna", (1 << 64) | 1), Some(accepted(2)));
        assert_eq!((said(&memory, "bert", 2), memory.count()), (None, 3));
    }

    #[test]
    fn answers_are_forgotten_by_time_and_given_anew() {
        let mut memory = Memory::default();
        let many = 3 * CHUNK as u64 + 5;
        for number in 0..many {
            let at = i64::try_from(number).unwrap();
            memory.keep(answer("anna", u128::from(number), at, accepted(number)));
        }
        memory.forget_before(Time(600));
        assert_eq!(memory.count() as u64, many - 600);
        assert_eq!((said(&memory, "anna", 599), said(&memory, "anna", 600)), (None, Some(accepted(600))));
        // One that is known is put in its place, and is as young as the last.
        memory.keep(answer("anna", 600, 2_000, accepted(9)));
        assert_eq!(memory.count() as u64, many - 600);
        memory.move_by(-100);
        memory.forget_before(Time(1_900));
        assert_eq!((memory.count(), said(&memory, "anna", 600)), (1, Some(accepted(9))));
        memory.forget_before(Time(1_901));
        assert_eq!((memory.count(), memory.knows(&key("anna", 600))), (0, false));
        memory.keep(answer("bert", 1, 0, accepted(1)));
        assert_eq!(said(&memory, "bert", 1), Some(accepted(1)));
    }
}
