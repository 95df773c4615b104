//! Alarms, from ringing to the archive.

use dispatch_core::event::{
    AlarmAnswered, AlarmArchived, AlarmRepeated, AlarmSaved, AlarmSettled, CallBackClosed, DuplicatesOffered,
    Event, Record,
};
use dispatch_core::response::alarm::{AlarmState, CallBackResult};

use super::super::tables::{Call, Guess, Version};

impl Guess {
    pub(super) fn learn_alarm(&mut self, record: &Record) {
        match &record.event {
            Event::AlarmRaised(raised) => {
                let (alarm, press, day) = (raised.alarm(), &raised.press, &raised.day);
                if let Some(press) = press {
                    self.presses.insert(press.clone(), alarm.id);
                }
                self.number(true, &alarm.desk, *day);
                let call = Call {
                    state: AlarmState::Ringing,
                    version: Version::default(),
                    source: alarm.source,
                    mode: alarm.mode,
                    unit: alarm.unit.clone(),
                    incident: None,
                    desk: alarm.desk.clone(),
                    area: alarm.area.clone(),
                    place: alarm.place.clone(),
                    incident_type: alarm.incident_type.clone(),
                    silent: alarm.silent,
                    answered_by: None,
                    owed: false,
                    settled_at: None,
                    caller: alarm.caller,
                };
                self.alarms.insert(alarm.id, call);
            }
            Event::AlarmRepeated(AlarmRepeated { alarm, place, area, silent, .. }) => {
                self.call(*alarm, |call| {
                    call.place = place.clone().unwrap_or_else(|| call.place.clone());
                    call.area = area.clone().unwrap_or_else(|| call.area.clone());
                    call.silent |= silent;
                });
                self.all_stale();
            }
            Event::AlarmAnswered(AlarmAnswered { alarm, seat }) => self.call(*alarm, |call| {
                call.state = AlarmState::Answered;
                call.answered_by = Some(seat.clone());
            }),
            Event::AlarmSaved(AlarmSaved { alarm, incident_type, place, area, caller, .. }) => {
                self.call(*alarm, |call| {
                    call.incident_type = incident_type.clone().or(call.incident_type.take());
                    call.place = place.clone().unwrap_or_else(|| call.place.clone());
                    call.area = area.clone().unwrap_or_else(|| call.area.clone());
                    call.caller = caller.or(call.caller);
                });
            }
            Event::DuplicatesOffered(DuplicatesOffered { alarm, .. }) => self.call(*alarm, |_| {}),
            Event::AlarmSettled(AlarmSettled { alarm, outcome, call_back, .. }) => {
                self.call(*alarm, |call| {
                    call.state = AlarmState::Settled;
                    call.incident = outcome.incident;
                    call.owed = *call_back;
                    call.settled_at = Some(record.recorded_at);
                });
                match outcome.incident {
                    Some(incident) => self.life(incident, |life| {
                        if !life.alarms.contains(alarm) {
                            life.alarms.push(*alarm);
                        }
                    }),
                    None => self.presses.retain(|_, of| of != alarm),
                }
            }
            Event::CallBackClosed(CallBackClosed { alarm, result }) => {
                let reached = *result == CallBackResult::Reached;
                let seat = record.seat.clone();
                self.call(*alarm, |call| {
                    call.owed = false;
                    if reached {
                        call.state = AlarmState::Answered;
                        call.settled_at = None;
                        call.answered_by = seat.or(call.answered_by.take());
                    }
                });
            }
            Event::AlarmArchived(AlarmArchived { alarm, .. }) => self.forget(*alarm),
            _ => {}
        }
    }
}
