//! Alarms: ringing, answered, settled; call-backs; presses; the SOS overlay of the unit that pressed.

use super::event::{
    AlarmAnswered, AlarmArchived, AlarmRaised, AlarmRepeated, AlarmSaved, AlarmSettled, CallBackClosed,
    DuplicatesOffered,
};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{AlarmId, TimerKey, WordsId};
use crate::kernel::kind::OutcomeKind;
use crate::kernel::time::{LocalDay, Time};
use crate::response::acts::Acts;
use crate::response::alarm::{Alarm, AlarmSource, AlarmState, CallBack, CallBackResult};
use crate::response::deadline as timer;
use crate::state::State;

impl AlarmRaised {
    /// The alarm as it is born.
    pub fn alarm(&self) -> Alarm {
        Alarm {
            id: self.alarm,
            version: 1,
            number: self.number.clone(),
            mode: self.mode,
            source: self.source,
            state: AlarmState::Ringing,
            desk: self.desk.clone(),
            area: self.area.clone(),
            place: self.place.clone(),
            incident_type: self.incident_type.clone(),
            priority: self.priority,
            point: self.point.clone(),
            unit: self.unit.clone(),
            device: self.device.clone(),
            caller: self.caller,
            words: self.words.into_iter().collect(),
            silent: self.silent,
            occurred_at: self.occurred_at,
            received_at: self.received_at,
            late: self.late,
            fix_age_ms: self.fix_age_ms,
            clock_wrong: self.claimed_at.is_some(),
            claimed_at: self.claimed_at,
            flaws: self.flaws.clone(),
            repeats: 0,
            repeated_at: None,
            answered: None,
            outcome: None,
            settled_at: None,
            call_back: None,
            offers: Vec::new(),
            acts: Acts::default(),
        }
    }
}

impl Apply for AlarmRaised {
    fn apply(&self, state: &mut State, record: &Record) {
        let mut alarm = self.alarm();
        count(state, &alarm, self.day);
        if let Some(press) = &self.press {
            state.response.presses.insert(press.clone(), alarm.id);
        }
        if alarm.source == AlarmSource::Sos
            && let Some(unit) = alarm.unit.as_ref().and_then(|unit| state.response.units.get_mut(unit))
        {
            unit.sos = true;
            unit.version += 1;
        }
        let answer_ms = timer::of_alarm(state, &alarm, |timers| timers.answer_ms);
        timer::set(state, TimerKey::Answer(alarm.id), record.recorded_at, answer_ms);
        alarm.acts.remember(alarm.version, record);
        state.response.alarms.insert(alarm.id, alarm);
    }
}

impl Apply for AlarmRepeated {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { alarm: id, place, area, fix_age_ms, silent, at } = self;
        state.response.alarms.change(id, |alarm| alarm.acts.forget_same(record));
        change(state, *id, record, |alarm| {
            alarm.repeats += 1;
            alarm.silent |= *silent;
            alarm.repeated_at = Some(at.unwrap_or(record.recorded_at));
            if let Some(place) = place {
                alarm.place = place.clone();
                alarm.fix_age_ms = *fix_age_ms;
            }
            if let Some(area) = area {
                alarm.area = area.clone();
            }
        });
        let outcome = state.alarms().get(id).and_then(|alarm| alarm.outcome.as_ref());
        if let Some(incident) = outcome.and_then(|outcome| outcome.incident) {
            crate::response::incident::apply::call_again(state, incident, record);
        }
    }
}

impl Apply for AlarmAnswered {
    fn apply(&self, state: &mut State, record: &Record) {
        state.timers.cancel(TimerKey::Answer(self.alarm));
        await_outcome(state, self.alarm, record.recorded_at);
        change(state, self.alarm, record, |alarm| {
            alarm.state = AlarmState::Answered;
            alarm.answered = Some((record.recorded_at, self.seat.clone()));
        });
    }
}

impl Apply for AlarmSaved {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { alarm, incident_type, priority, place, area, words, caller } = self;
        change(state, *alarm, record, |alarm| {
            alarm.incident_type = incident_type.clone().or(alarm.incident_type.take());
            alarm.priority = priority.or(alarm.priority);
            alarm.caller = caller.or(alarm.caller);
            add_words(alarm, *words);
            if let Some(place) = place {
                alarm.place = place.clone();
                alarm.fix_age_ms = None;
            }
            if let Some(area) = area {
                alarm.area = area.clone();
            }
        });
    }
}

impl Apply for DuplicatesOffered {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.alarm, record, |alarm| alarm.offers.clone_from(&self.offers));
    }
}

impl Apply for AlarmSettled {
    fn apply(&self, state: &mut State, record: &Record) {
        let (id, now) = (self.alarm, record.recorded_at);
        for key in [TimerKey::Answer(id), TimerKey::Settle(id), TimerKey::CallBack(id)] {
            state.timers.cancel(key);
        }
        change(state, id, record, |alarm| {
            alarm.state = AlarmState::Settled;
            alarm.outcome = Some(self.outcome.clone());
            alarm.settled_at = Some(now);
            add_words(alarm, self.words);
            if self.call_back {
                alarm.call_back = Some(CallBack { opened_at: now, result: None });
            }
        });
        if self.call_back {
            timer::set(state, TimerKey::CallBack(id), now, claim_ms(state, id));
        }
        if let Some(incident) = self.outcome.incident {
            if self.outcome.kind == OutcomeKind::Duplicate {
                crate::response::incident::apply::join(state, incident, id);
                crate::response::incident::apply::act(state, incident, record);
            }
            state.timers.cancel(TimerKey::AlarmArchive(id));
        } else {
            release_press(state, id);
            timer::set(state, TimerKey::AlarmArchive(id), now, state.register().timers.archive_ms);
        }
    }
}

impl Apply for CallBackClosed {
    /// A caller who was reached is on the line again: the alarm is answered and waits for its outcome.
    fn apply(&self, state: &mut State, record: &Record) {
        state.timers.cancel(TimerKey::CallBack(self.alarm));
        let reached = self.result == CallBackResult::Reached;
        if reached {
            state.timers.cancel(TimerKey::AlarmArchive(self.alarm));
            await_outcome(state, self.alarm, record.recorded_at);
        }
        change(state, self.alarm, record, |alarm| {
            if let Some(call_back) = alarm.call_back.as_mut() {
                call_back.result = Some(self.result);
            }
            if reached {
                alarm.state = AlarmState::Answered;
                alarm.outcome = None;
                alarm.settled_at = None;
                if let Some(seat) = record.seat.clone() {
                    alarm.answered = Some((record.recorded_at, seat));
                }
            }
        });
    }
}

impl Apply for AlarmArchived {
    fn apply(&self, state: &mut State, _record: &Record) {
        forget(state, self.alarm);
    }
}

/// How soon somebody must act on it again: as soon as its incident would have to be claimed.
fn claim_ms(state: &State, id: AlarmId) -> u32 {
    let alarm = state.alarms().get(&id);
    alarm.map_or(0, |alarm| timer::of_alarm(state, alarm, |timers| timers.claim_ms))
}

/// Counts the number this alarm was given.
fn count(state: &mut State, alarm: &Alarm, day: LocalDay) {
    let serial = state.response.alarm_serials.entry(alarm.desk.clone()).or_insert((day, 0));
    *serial = if serial.0 == day { (day, serial.1 + 1) } else { (day, 1) };
}

/// An answered alarm must be settled in time, or it escalates like one nobody answers.
fn await_outcome(state: &mut State, id: AlarmId, from: Time) {
    timer::set(state, TimerKey::Settle(id), from, claim_ms(state, id));
}

/// Takes an alarm out of live state.
pub(crate) fn forget(state: &mut State, id: AlarmId) {
    release_press(state, id);
    for key in
        [TimerKey::Answer(id), TimerKey::Settle(id), TimerKey::CallBack(id), TimerKey::AlarmArchive(id)]
    {
        state.timers.cancel(key);
    }
    state.response.alarms.remove(&id);
}

/// An alarm whose incident ended takes no more room than it needs.
pub(crate) fn fit(state: &mut State, id: AlarmId) {
    state.response.alarms.change(&id, |alarm| {
        alarm.words.shrink_to_fit();
        alarm.flaws.shrink_to_fit();
        alarm.offers.shrink_to_fit();
        alarm.acts.fit();
    });
}

/// The next press of the same key is a new alarm.
pub(crate) fn release_press(state: &mut State, id: AlarmId) {
    state.response.presses.release(id);
}

/// Changes an alarm and counts the change.
pub(crate) fn change(state: &mut State, id: AlarmId, record: &Record, how: impl FnOnce(&mut Alarm)) {
    state.response.alarms.change(&id, |alarm| {
        alarm.version += 1;
        alarm.acts.remember(alarm.version, record);
        how(alarm);
    });
}

fn add_words(alarm: &mut Alarm, words: Option<WordsId>) {
    alarm.words.extend(words.filter(|words| !alarm.words.contains(words)));
}

/// Whether an alarm is an SOS of a unit, and of which.
pub(crate) fn sos_unit(state: &State, alarm: AlarmId) -> Option<crate::kernel::id::UnitId> {
    let alarm = state.alarms().get(&alarm)?;
    (alarm.source == crate::response::alarm::AlarmSource::Sos).then(|| alarm.unit.clone()).flatten()
}
