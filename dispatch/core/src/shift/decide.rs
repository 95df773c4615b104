//! 交接班: what a seat has open is offered to another and goes over when that seat signs, all of it.

use crate::command::{AnswerShift, HandOverShift};
use crate::decide::{Deciding, Decision};
use crate::event::{ShiftHandoverAccepted, ShiftHandoverEnded, ShiftHandoverOffered};
use crate::kernel::id::{HandoverId, SeatId};
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::alarm::mark::AlarmMark;
use crate::response::incident::mark::IncidentMark;
use crate::response::order::mark::GivenBy;
use crate::shift::{Holding, ShiftHandover};

impl<'a> Deciding<'a> {
    /// A new offer takes the place of the old one.
    pub(crate) fn hand_over_shift(&mut self, hand_over: &HandOverShift) -> Decision {
        let from = self.seat("from", &hand_over.from)?;
        let to = self.seat("to", &hand_over.to)?;
        if hand_over.from == hand_over.to {
            return Err(Refusal::NoChange);
        }
        if from.desk != to.desk {
            return Err(Refusal::invalid("to", Rule::SameDesk));
        }
        let area =
            self.state.register().desks.get(&from.desk).map(|desk| desk.area.clone()).unwrap_or_default();
        if let Some(offered) = self.offered(&hand_over.from) {
            self.push(ShiftHandoverEnded { handover: offered.id, area: offered.area.clone() });
        }
        let offered = ShiftHandoverOffered {
            handover: HandoverId(self.minter.mint()),
            from: hand_over.from.clone(),
            to: hand_over.to.clone(),
            area,
            open: self.holding(&hand_over.from),
        };
        self.push(offered);
        Ok(())
    }

    /// Only the seat itself signs. What came after the offer goes over too: nothing stays with a seat that went home.
    pub(crate) fn answer_shift(&mut self, answer: &AnswerShift) -> Decision {
        let acting = self.acting()?;
        let offered = self.offered(&answer.from);
        let offered = offered.ok_or_else(|| Refusal::unknown("from", "shift on offer", &answer.from))?;
        if offered.to != *acting.seat {
            return Err(Refusal::invalid("from", Rule::OfferedToAnother));
        }
        let (handover, area) = (offered.id, offered.area.clone());
        if answer.accept {
            let Holding { incidents, alarms, orders } = self.holding(&offered.from);
            let (from, to) = (offered.from.clone(), offered.to.clone());
            self.push(ShiftHandoverAccepted { handover, from, to, area, incidents, alarms, orders });
        } else {
            self.push(ShiftHandoverEnded { handover, area });
        }
        Ok(())
    }

    fn offered(&self, from: &SeatId) -> Option<&'a ShiftHandover> {
        self.state.handovers().values().find(|handover| handover.from == *from)
    }

    /// All that a seat has open.
    fn holding(&self, seat: &SeatId) -> Holding {
        let state = self.state;
        let claimed = state.incidents().bearing(IncidentMark::With(seat.clone()));
        let answered = state.alarms().bearing(AlarmMark::With(seat.clone()));
        let given = state.orders().bearing(GivenBy(seat.clone()));
        Holding {
            incidents: claimed.map(|incident| incident.id).collect(),
            alarms: answered.map(|alarm| alarm.id).collect(),
            orders: given.map(|order| order.id).collect(),
        }
    }
}
