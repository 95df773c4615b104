//! Shifts: offered, declined, accepted.

use crate::event::{Event, Record};
use crate::response::alarm::apply as alarm;
use crate::response::incident::apply as incident;
use crate::response::order::apply as order;
use crate::state::State;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::ShiftHandoverOffered { handover } => {
            state.handovers.insert(handover.id, handover.as_ref().clone());
        }
        Event::ShiftHandoverEnded { handover, .. } => {
            state.handovers.remove(handover);
        }
        Event::ShiftHandoverAccepted { handover, to, incidents, alarms, orders, .. } => {
            state.handovers.remove(handover);
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
        _ => {}
    }
}
