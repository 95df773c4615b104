//! 交接班: what a seat owns goes to another, all of it, with nothing left unsigned.

use super::{Deciding, Decision};
use crate::alarm::AlarmState;
use crate::command::HandOverShift;
use crate::event::Event;
use crate::id::SeatId;
use crate::incident::IncidentState;
use crate::refusal::Refusal;
use crate::register::Seat;

impl<'a> Deciding<'a> {
    /// Either of the two seats, another of their desk (the shift lead), or a desk above may do it.
    pub(super) fn hand_over_shift(&mut self, hand_over: &HandOverShift) -> Decision {
        let from = self.seat("from", &hand_over.from)?;
        let to = self.seat("to", &hand_over.to)?;
        if hand_over.from == hand_over.to {
            return Err(Refusal::NoChange);
        }
        if from.desk != to.desk {
            return Err(Refusal::invalid(
                "to",
                "a shift is handed over at one desk; an incident goes by hand-over",
            ));
        }
        let area =
            self.state.register.desks.get(&from.desk).map(|desk| desk.area.clone()).unwrap_or_default();
        self.acting_over(&from.desk, &area)?;
        let claimed = self.state.incidents.values().filter(|incident| {
            incident.state == IncidentState::Active && incident.claimed_by.as_ref() == Some(&hand_over.from)
        });
        let answered = self.state.alarms.values().filter(|alarm| {
            alarm.state == AlarmState::Answered
                && alarm.answered.as_ref().is_some_and(|(_, seat)| *seat == hand_over.from)
        });
        let event = Event::ShiftHandedOver {
            from: hand_over.from.clone(),
            to: hand_over.to.clone(),
            incidents: claimed.map(|incident| incident.id).collect(),
            alarms: answered.map(|alarm| alarm.id).collect(),
        };
        self.push(event);
        Ok(())
    }

    fn seat(&self, field: &str, id: &SeatId) -> Result<&'a Seat, Refusal> {
        self.state.register.seats.get(id).ok_or_else(|| Refusal::unknown(field, "seat", id))
    }
}
