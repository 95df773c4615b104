//! The door of one process: what came in, and that whatever was turned away was counted (D11). Calls for help have room
//! of their own. Fixes are looked at to the last one (D8).

use std::collections::{BTreeMap, BTreeSet};

use dispatch_writer::{Counters, PositionReceipt, Reply, Request};

use super::Key;

/// Since the process began.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// Calls for help that are not answered yet.
    calls: BTreeMap<u64, Key>,
    /// Fixes under way: how many, and how many of them are of nobody.
    fixes: BTreeMap<u64, (u32, u32)>,
    busy: u64,
    expired: u64,
    not_recorded: u64,
    halted: u64,
}

impl Door {
    pub(super) fn arrived(&mut self, request: &Request) {
        if request.is_alarm() {
            self.calls.insert(request.token, request.key());
        }
    }

    /// An answer leaves. No call for help is turned away before `room` others wait: for their answer, or, `kept` while
    /// nothing could be recorded, for their row.
    pub(super) fn answered(
        &mut self,
        token: u64,
        reply: &Reply,
        room: usize,
        kept: &BTreeSet<Key>,
    ) -> Result<(), String> {
        let call = self.calls.remove(&token);
        match reply {
            Reply::Busy { .. } => self.busy += 1,
            Reply::Expired => self.expired += 1,
            Reply::NotRecorded => self.not_recorded += 1,
            Reply::Halted => self.halted += 1,
            Reply::Answer(_) | Reply::Repeated(_) | Reply::Conflict => {}
        }
        let Some(key) = call.filter(|_| matches!(reply, Reply::Busy { .. })) else { return Ok(()) };
        // One that is under way already is not lost by its repeat.
        let repeats = self.calls.values().chain(kept).any(|other| *other == key);
        let waiting = self.calls.len() + kept.len();
        if repeats || waiting >= room {
            return Ok(());
        }
        Err(format!("D11: {key:?} calls for help and finds no room, and only {waiting} wait"))
    }

    pub(super) fn located(&mut self, token: u64, all: u32, of_nobody: u32) {
        self.fixes.insert(token, (all, of_nobody));
    }

    pub(super) fn receipt(&mut self, token: u64, receipt: &PositionReceipt) -> Result<(), String> {
        let (all, of_nobody) = self.fixes.remove(&token).unwrap_or_default();
        let looked_at = receipt.applied
            + receipt.late
            + receipt.repeated
            + receipt.off_duty
            + receipt.unknown_unit
            + receipt.impossible
            + receipt.jump;
        if looked_at + receipt.over_limit == all && receipt.unknown_unit >= of_nobody {
            return Ok(());
        }
        Err(format!("D8: {all} fixes, {of_nobody} of nobody, come to {receipt:?}"))
    }

    /// What the process counted is what left it.
    pub(super) fn judge(&self, counters: &Counters) -> Result<(), String> {
        let said = (self.busy, self.expired, self.not_recorded, self.halted);
        let busy = counters.commands_busy + counters.alarms_busy + counters.positions_busy;
        let counted = (busy, counters.expired, counters.not_recorded, counters.halted);
        if said == counted {
            return Ok(());
        }
        Err(format!("D11: (busy, expired, not recorded, halted) was said {said:?} and counted {counted:?}"))
    }
}
