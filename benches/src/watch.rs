//! What consoles see, counted and timed as it arrives. Consoles of one interest get the same bytes, so a commit is
//! looked through once and the others only find their place in the sequence.
//!
//! Leaves out the views: a real console would put them on a screen, here they would be measured in place of the server.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use dispatch_api::frame::HEADER_BYTES;
use hdrhistogram::Histogram;
use memchr::memmem::{self, Finder};

use crate::measure::{histogram, real};
use crate::sent::Sent;
use crate::wire::{BINARY, TEXT};

/// How a delta is known again.
#[derive(Clone, Debug)]
pub enum Mark {
    /// By digits that follow these words: the number it was sent under.
    After(&'static str),
    /// Not at all: one delta a message, its `at` says when it was sent.
    At,
}

/// Counts others may read meanwhile.
#[derive(Debug, Default)]
pub struct Counts {
    /// Deltas, over all consoles.
    pub deltas: AtomicU64,
    /// Ticks of position frames, over all consoles.
    pub ticks: AtomicU64,
}

/// What the consoles of one crowd saw.
#[derive(Debug)]
pub struct Watch {
    mark: Mark,
    finder: Finder<'static>,
    sent: Arc<Sent>,
    counts: Arc<Counts>,
    commits: HashMap<u64, Arc<[u64]>>,
    consoles: Vec<ConsoleHead>,
    /// Snapshots received: consoles that stand somewhere.
    pub standing: usize,
    /// From sending to arrival, nanoseconds, over all deltas and consoles.
    pub deltas: Histogram<u64>,
    /// From the tick to the arrival of its position frames, nanoseconds, over all ticks and consoles.
    pub frames: Histogram<u64>,
    /// Messages with deltas.
    pub messages: u64,
    /// Bytes of those.
    pub message_bytes: u64,
    /// Bytes of position frames.
    pub frame_bytes: u64,
    /// Commits that did not follow the one before.
    pub gaps: u64,
    /// Times a console had to begin anew.
    pub resets: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct ConsoleHead {
    seq: u64,
    tick: i64,
}

impl Watch {
    /// Of so many consoles.
    pub fn new(consoles: usize, mark: Mark, sent: Arc<Sent>, counts: Arc<Counts>) -> Self {
        let finder = Finder::new(match mark {
            Mark::After(words) => words,
            Mark::At => r#""at":"#,
        });
        Self {
            mark,
            finder,
            sent,
            counts,
            commits: HashMap::new(),
            consoles: vec![ConsoleHead::default(); consoles],
            standing: 0,
            deltas: histogram(),
            frames: histogram(),
            messages: 0,
            message_bytes: 0,
            frame_bytes: 0,
            gaps: 0,
            resets: 0,
        }
    }

    /// A message arrived at a console now.
    pub fn take(&mut self, console: usize, opcode: u8, payload: &[u8]) {
        match opcode {
            BINARY => self.frame(console, payload),
            TEXT if payload.starts_with(br#"{"type":"commit""#) => self.commit(console, payload),
            TEXT if payload.starts_with(br#"{"type":"snapshot""#) => {
                self.standing += 1;
                self.consoles[console].seq = number(payload, r#""seq":"#).unwrap_or(0);
            }
            TEXT if payload.starts_with(br#"{"type":"reset""#) => self.resets += 1,
            _ => {}
        }
    }

    fn commit(&mut self, console: usize, payload: &[u8]) {
        self.messages += 1;
        self.message_bytes += payload.len() as u64;
        if matches!(self.mark, Mark::At) {
            let late_us = wall_us().saturating_sub(number(payload, r#""at":"#).unwrap_or(0));
            self.deltas.saturating_record(late_us * 1_000);
            self.counts.deltas.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let now = self.sent.clock();
        let (Some(prev), Some(seq)) = (number(payload, r#""prev":"#), number(payload, r#""seq":"#)) else {
            return;
        };
        self.gaps += u64::from(self.consoles[console].seq != prev);
        self.consoles[console].seq = seq;
        let commit = match self.commits.get(&seq) {
            Some(commit) => commit.clone(),
            None => self.look_through(seq, payload),
        };
        for at in commit.iter().filter(|at| **at > 0) {
            self.deltas.saturating_record(now.saturating_sub(*at));
        }
        self.counts.deltas.fetch_add(commit.len() as u64, Ordering::Relaxed);
    }

    /// The first console to see a commit finds out when each of its deltas was sent; 0 where that is not measured.
    fn look_through(&mut self, seq: u64, payload: &[u8]) -> Arc<[u64]> {
        let mut found = Vec::new();
        for at in self.finder.find_iter(payload) {
            if let Some(number) = digits(&payload[at + self.finder.needle().len()..]) {
                let number = usize::try_from(number).unwrap_or(usize::MAX);
                let at = self.sent.arrived(number);
                found.extend(at.map(|at| if self.sent.is_measured(at) { at } else { 0 }));
            }
        }
        let commit: Arc<[u64]> = found.into();
        self.commits.insert(seq, commit.clone());
        commit
    }

    fn frame(&mut self, console: usize, payload: &[u8]) {
        let Some(at) = tick(payload) else { return };
        self.frame_bytes += payload.len() as u64;
        self.frames.saturating_record(wall_us().saturating_sub(at.unsigned_abs()) * 1_000);
        if self.consoles[console].tick != at {
            self.consoles[console].tick = at;
            self.counts.ticks.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Forgets what was timed and counted so far, not where the consoles stand.
    pub fn begin(&mut self) {
        self.deltas.reset();
        self.frames.reset();
        (self.messages, self.message_bytes, self.frame_bytes, self.gaps, self.resets) = (0, 0, 0, 0, 0);
        self.counts.deltas.store(0, Ordering::Relaxed);
        self.counts.ticks.store(0, Ordering::Relaxed);
    }

    /// Mean bytes of a message with deltas.
    pub fn bytes_per_message(&self) -> f64 {
        real(self.message_bytes) / real(self.messages.max(1))
    }
}

/// The time of the first frame of a message: all of them are of one tick, unless the console is behind.
fn tick(message: &[u8]) -> Option<i64> {
    const AT: usize = 1 + HEADER_BYTES - size_of::<i64>();
    message.get(AT..)?.first_chunk().map(|at| i64::from_le_bytes(*at))
}

/// Microseconds of the wall clock, which server and consoles share on one machine.
pub fn wall_us() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

/// The whole number that follows some words in the first 200 bytes.
fn number(payload: &[u8], words: &str) -> Option<u64> {
    let head = &payload[..payload.len().min(200)];
    let at = memmem::find(head, words.as_bytes())?;
    digits(&head[at + words.len()..])
}

fn digits(bytes: &[u8]) -> Option<u64> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_are_counted_for_each_console_and_gaps_are_seen() {
        let sent = Arc::new(Sent::new(10, 1));
        let counts = Arc::new(Counts::default());
        let mut watch = Watch::new(2, Mark::After(r#""id":"U"#), sent.clone(), counts.clone());
        sent.mark(7);
        sent.mark(8);
        let snapshot = br#"{"type":"snapshot","journal_id":"x","seq":4,"whole":true,"views":[]}"#;
        let commit = br#"{"type":"commit","prev":4,"seq":6,"at":1,"deltas":[{"id":"U0007"},{"id":"U0008"}]}"#;
        watch.take(0, TEXT, snapshot);
        watch.take(0, TEXT, commit);
        watch.take(1, TEXT, commit);
        assert_eq!((watch.standing, watch.gaps), (1, 1));
        assert_eq!(watch.deltas.len(), 4);
        assert_eq!(counts.deltas.load(Ordering::Relaxed), 4);
        watch.begin();
        assert_eq!(watch.deltas.len(), 0);
    }
}
