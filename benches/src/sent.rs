//! When each numbered thing was sent, so that whoever sees it arrive knows how long it took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::measure::ns;

/// Times of sending by number, and who waits for the arrival.
#[derive(Debug)]
pub struct Sent {
    origin: Instant,
    at_ns: Box<[AtomicU64]>,
    measured_from: AtomicU64,
    waiting: Box<[Notify]>,
}

impl Sent {
    /// Room for numbers below `numbers`, sent by `senders` in turn: number *n* by sender *n* modulo `senders`.
    pub fn new(numbers: usize, senders: usize) -> Self {
        Self {
            origin: Instant::now(),
            at_ns: (0..numbers).map(|_| AtomicU64::new(0)).collect(),
            measured_from: AtomicU64::new(0),
            waiting: (0..senders).map(|_| Notify::new()).collect(),
        }
    }

    /// Time since the start of the run.
    pub fn clock(&self) -> u64 {
        ns(self.origin.elapsed())
    }

    /// What is sent from now on is measured; before was warming up.
    pub fn measure(&self) {
        self.measured_from.store(self.clock(), Ordering::Relaxed);
    }

    /// Number `number` is sent now.
    pub fn mark(&self, number: usize) -> u64 {
        let now = self.clock().max(1);
        if let Some(at) = self.at_ns.get(number) {
            at.store(now, Ordering::Release);
        }
        now
    }

    /// Whether what was sent then is measured.
    pub fn is_measured(&self, at: u64) -> bool {
        at > self.measured_from.load(Ordering::Relaxed)
    }

    /// A console has seen it: when it was sent. None if it was not, or if it has been seen since it was last sent; what
    /// is shown once more, because it is overdue say, is not an arrival.
    pub fn arrived(&self, number: usize) -> Option<u64> {
        let at = self.at_ns.get(number)?.swap(0, Ordering::AcqRel);
        if !self.waiting.is_empty() && at > 0 {
            self.waiting[number % self.waiting.len()].notify_one();
        }
        Some(at).filter(|at| *at > 0)
    }

    /// Waits until a console has seen what `sender` sent last. False after 10 s.
    pub async fn seen(&self, sender: usize) -> bool {
        let seen = self.waiting[sender].notified();
        tokio::time::timeout(Duration::from_secs(10), seen).await.is_ok()
    }
}
