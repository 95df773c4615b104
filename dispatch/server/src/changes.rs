//! Which unit changed at which seq, for clients that wait for their orders; and how far the journal has come, for sinks.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use dispatch_core::kernel::id::UnitId;
use dispatch_core::state::State;
use dispatch_writer::Commit;
use tokio::sync::watch;

use crate::hub::interest::addressed;

/// At which seq each unit changed last, and the head.
#[derive(Debug)]
pub struct Changes {
    units: Mutex<BTreeMap<UnitId, u64>>,
    head: watch::Sender<u64>,
}

impl Changes {
    /// Nothing changed after `head` yet.
    pub fn new(head: u64) -> Self {
        Self { units: Mutex::default(), head: watch::Sender::new(head) }
    }

    /// Waits until a unit changed after `seq`; the caller bounds the time.
    pub async fn after(&self, unit: &UnitId, seq: u64) {
        let mut head = self.head.subscribe();
        loop {
            head.mark_unchanged();
            let changed = self.units.lock().unwrap_or_else(PoisonError::into_inner).get(unit).copied();
            if changed.is_some_and(|changed| changed > seq) || head.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until something was committed after `seq`; the caller bounds the time.
    pub async fn beyond(&self, seq: u64) {
        // The node ends when nobody publishes any more.
        let _ = self.head.subscribe().wait_for(|head| *head > seq).await;
    }

    /// Every unit may have changed: which of them did, nobody knows.
    pub fn note_all(&self, state: &State) {
        let all = state.units().keys().map(|unit| (unit.clone(), state.seq));
        self.units.lock().unwrap_or_else(PoisonError::into_inner).extend(all);
        self.head.send_replace(state.seq);
    }

    /// Notes the units that a commit changed or whose orders it changed.
    pub fn note(&self, commit: &Commit) {
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        for view in &commit.views {
            let of_order = || view.as_order().and_then(|view| addressed(&view.order.target));
            let unit = view.as_unit().map(|view| view.unit.id.clone()).or_else(of_order);
            if let Some(unit) = unit {
                units.insert(unit, commit.seq);
            }
        }
        drop(units);
        self.head.send_replace(commit.seq);
    }
}
