//! Shifts: offered within a desk, and signed for by the seat they are offered to.

use dispatch_core::command::{AnswerShift, HandOverShift};
use dispatch_core::kernel::refusal::Rule;

use super::Ruling;

impl Ruling<'_> {
    pub(super) fn hand_over_shift(&mut self, it: &HandOverShift) {
        let (from, to) = (self.guess.seats.get(&it.from), self.guess.seats.get(&it.to));
        self.way.bar_if(from.is_none(), "unknown from");
        self.way.bar_if(to.is_none(), "unknown to");
        if let Some(from) = from {
            let area = self.guess.desks.get(from).map(|desk| desk.area.clone()).unwrap_or_default();
            self.over(from, &area);
        }
        let (Some(from), Some(to)) = (from, to) else { return };
        self.way.bar_if(it.from == it.to, "no_change");
        self.way.invalid_if(from != to, "to", &Rule::SameDesk);
    }

    pub(super) fn answer_shift(&mut self, it: &AnswerShift) {
        let Some((seat, _)) = self.acting() else { return };
        let offered = self.guess.handovers.values().find(|offer| offer.from == it.from);
        self.way.bar_if(offered.is_none(), "unknown from");
        let other = offered.is_some_and(|offer| offer.to != *seat);
        self.way.invalid_if(other, "from", &Rule::OfferedToAnother);
    }
}
