//! Sink delivery as D9 has it: the journal is read behind a durable cursor, and the receiver is told of every order, in
//! order, at least once; repeats carry the same key.

use std::collections::BTreeMap;

use dispatch_core::event::{Event, Record};

/// What the receiver and the disk know.
#[derive(Debug, Default)]
pub struct SinkDelivery {
    /// Durable: everything up to here was confirmed or was not for the sink.
    cursor: u64,
    /// Times the receiver heard of each order, by row.
    pub heard: BTreeMap<u64, u32>,
}

impl SinkDelivery {
    /// The next order behind the cursor; the cursor passes what is not for the sink.
    pub fn next(&mut self, records: &[Record]) -> Option<u64> {
        let reached = self.cursor;
        for record in records.iter().skip_while(|record| record.seq <= reached) {
            if matches!(record.event, Event::OrderCreated { .. }) {
                return Some(record.seq);
            }
            self.cursor = record.seq;
        }
        None
    }

    /// The receiver hears of a row.
    pub fn tell(&mut self, seq: u64) {
        *self.heard.entry(seq).or_default() += 1;
    }

    /// The journal ends at a row, and goes on otherwise from there.
    pub fn set_back(&mut self, head: u64) {
        self.cursor = self.cursor.min(head);
        self.heard.retain(|seq, _| *seq <= head);
    }

    /// What was confirmed is kept.
    pub fn keep(&mut self, seq: u64) {
        self.cursor = seq;
    }
}
