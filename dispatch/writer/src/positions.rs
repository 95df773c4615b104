//! Fixes: live at once, never in the journal (D8). They cannot fill the lanes: they never wait here.

use dispatch_core::seek::live_map::{PositionVerdict, UnitFix};
use dispatch_store::TrackPoint;

use crate::message::{Output, PositionReceipt, Reply};
use crate::writer::Writer;

impl Writer {
    /// Takes the fixes of one batch, or turns it away when too many batches came since the last drain.
    pub(crate) fn take_positions(&mut self, token: u64, fixes: &mut [UnitFix]) {
        // While the machine's clock is in doubt a fix may be right by either.
        let now = self.clock.latest();
        if self.position_batches >= self.limits.positions_max {
            self.counters.positions_busy += 1;
            return self.answer(token, Reply::Busy { retry_after_s: self.limits.retry_after_s });
        }
        self.position_batches += 1;
        let mut receipt = PositionReceipt::default();
        let mut tracks: Vec<TrackPoint> = Vec::with_capacity(fixes.len().min(self.limits.fixes_max));
        let (looked_at, over) = fixes.split_at_mut(fixes.len().min(self.limits.fixes_max));
        self.live_map.positions(&self.state, looked_at, now, |fix, verdict| {
            if verdict.is_history() {
                tracks.push(fix.into());
            }
            let count = match verdict {
                PositionVerdict::Applied => &mut receipt.applied,
                PositionVerdict::Late => &mut receipt.late,
                PositionVerdict::Repeated => &mut receipt.repeated,
                PositionVerdict::Jump => &mut receipt.jump,
                PositionVerdict::OffDuty => &mut receipt.off_duty,
                PositionVerdict::UnknownUnit => &mut receipt.unknown_unit,
                PositionVerdict::Impossible(_) => &mut receipt.impossible,
            };
            *count += 1;
        });
        receipt.over_limit = u32::try_from(over.len()).unwrap_or(u32::MAX);
        self.counters.fixes += looked_at.len() as u64;
        self.counters.fixes_live += u64::from(receipt.applied);
        self.counters.fixes_over_limit += over.len() as u64;
        self.outputs.push_back(Output::Positions { token, receipt });
        if !tracks.is_empty() {
            self.outputs.push_back(Output::Tracks(tracks));
        }
    }
}
