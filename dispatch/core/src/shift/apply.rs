//! Shifts: offered, declined, accepted.

use super::event::{ShiftHandoverAccepted, ShiftHandoverEnded, ShiftHandoverOffered};
use crate::apply::Apply;
use crate::event::Record;
use crate::response::alarm::apply as alarm;
use crate::response::incident::apply as incident;
use crate::response::order::apply as order;
use crate::shift::ShiftHandover;
use crate::state::State;

impl ShiftHandoverOffered {
    /// The offer as it is made with this record.
    pub fn handover(&self, record: &Record) -> ShiftHandover {
        ShiftHandover {
            id: self.handover,
            from: self.from.clone(),
            to: self.to.clone(),
            area: self.area.clone(),
            open: self.open.clone(),
            by: record.actor.clone(),
            at: record.recorded_at,
        }
    }
}

impl Apply for ShiftHandoverOffered {
    fn apply(&self, state: &mut State, record: &Record) {
        let offer = self.handover(record);
        state.shift.handovers.insert(offer.id, offer);
    }
}

impl Apply for ShiftHandoverEnded {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.shift.handovers.remove(&self.handover);
    }
}

impl Apply for ShiftHandoverAccepted {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { handover, to, incidents, alarms, orders, .. } = self;
        state.shift.handovers.remove(handover);
        for id in incidents {
            incident::change(state, *id, record, |incident| incident.claimed_by = Some(to.clone()));
        }
        for id in alarms {
            alarm::change(state, *id, record, |alarm| {
                if let Some(answered) = alarm.answered.as_mut() {
                    answered.1 = to.clone();
                }
            });
        }
        order::supplement(state, orders, &[], record, |order| order.seat = Some(to.clone()));
    }
}
