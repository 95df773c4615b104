//! The call-taker's part: answer, save, settle, call back.

use crate::command::{AnswerAlarm, CloseCallBack, SaveAlarm, SettleAlarm};
use crate::decide::{Deciding, Decision, check_version};
use crate::event::{AlarmAnswered, AlarmSaved, AlarmSettled, CallBackClosed};
use crate::kernel::kind::{Mode, OutcomeKind};
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::alarm::{Alarm, AlarmState, CallBack, CallBackResult, Outcome};

impl<'a> Deciding<'a> {
    pub(crate) fn answer_alarm(&mut self, answer: &AnswerAlarm) -> Decision {
        let alarm = self.unsettled(answer.alarm)?;
        let acting = self.acting()?;
        if let Some((at, seat)) = &alarm.answered {
            return Err(Refusal::AlreadyAnswered { seat: seat.clone(), at: *at });
        }
        self.push(AlarmAnswered { alarm: alarm.id, seat: acting.seat.clone() });
        Ok(())
    }

    pub(crate) fn save_alarm(&mut self, save: &SaveAlarm) -> Decision {
        let alarm = self.unsettled(save.alarm)?;
        let acting = self.acting()?;
        check_version(save.expected_version, alarm.version, &alarm.acts)?;
        if let Some(code) =
            save.incident_type.as_ref().filter(|code| !self.state.register().types.contains_key(code))
        {
            return Err(Refusal::unknown("incident_type", "type", code));
        }
        let located = save.place.as_ref().map(|place| self.resolved(place));
        if let Some(located) = &located {
            crate::response::incident::decide::check_place(self.state.register(), &located.place)?;
        }
        let saved = AlarmSaved {
            alarm: alarm.id,
            incident_type: save.incident_type.clone(),
            priority: save.priority,
            place: located.as_ref().map(|located| located.place.clone()),
            area: located.as_ref().map(|located| located.area.clone()),
            words: save.words,
            caller: save.caller,
        };
        if alarm.state == AlarmState::Ringing {
            self.push(AlarmAnswered { alarm: alarm.id, seat: acting.seat.clone() });
        }
        self.push(saved);
        let known = Alarm {
            incident_type: save.incident_type.clone().or_else(|| alarm.incident_type.clone()),
            priority: save.priority.or(alarm.priority),
            place: located.as_ref().map_or_else(|| alarm.place.clone(), |located| located.place.clone()),
            area: located.map_or_else(|| alarm.area.clone(), |located| located.area),
            ..alarm.clone()
        };
        self.offer_duplicates(&known);
        if known.incident_type.is_some() || known.place.is_known() {
            self.bear(&known);
        }
        Ok(())
    }

    /// A caller who was cut off is called back, unless the caller must not be heard: then a unit is sent to look
    /// instead, if the place is known (D13).
    pub(crate) fn settle_alarm(&mut self, settle: &SettleAlarm) -> Decision {
        let alarm = self.unsettled(settle.alarm)?;
        check_version(settle.expected_version, alarm.version, &alarm.acts)?;
        let outcome = self.outcome_of(settle, alarm.mode)?;
        let owed = matches!(settle.outcome, OutcomeKind::Silent | OutcomeKind::HungUp);
        if owed && alarm.silent && alarm.place.is_known() {
            self.bear_as(alarm, settle.outcome, settle.words);
            return Ok(());
        }
        let call_back = owed && !alarm.silent;
        let joined = outcome.incident.and_then(|incident| self.state.incidents().get(&incident));
        self.push(AlarmSettled { alarm: alarm.id, outcome, words: settle.words, call_back });
        if let Some(incident) = joined.filter(|_| alarm.silent) {
            self.silence(incident);
        }
        Ok(())
    }

    fn outcome_of(&self, settle: &SettleAlarm, mode: Mode) -> Result<Outcome, Refusal> {
        let mut outcome = Outcome { kind: settle.outcome, incident: None, agency: None };
        match settle.outcome {
            OutcomeKind::Incident => {
                return Err(Refusal::invalid("outcome", Rule::MadeBySaving));
            }
            OutcomeKind::Duplicate => {
                let into = settle.incident.ok_or_else(|| Refusal::invalid("incident", Rule::Missing))?;
                let target = self.active("incident", into)?;
                if target.mode != mode {
                    return Err(Refusal::invalid("incident", Rule::OneMode));
                }
                outcome.incident = Some(target.id);
            }
            OutcomeKind::Transferred => {
                let to = settle.agency.clone().ok_or_else(|| Refusal::invalid("agency", Rule::Missing))?;
                if !self.state.register().agencies.contains_key(&to) {
                    return Err(Refusal::unknown("agency", "agency", to));
                }
                outcome.agency = Some(to);
            }
            _ => {}
        }
        Ok(outcome)
    }

    /// If nobody answers a call-back and the place is known, a unit is sent to look, so there must be an incident.
    pub(crate) fn close_call_back(&mut self, close: &CloseCallBack) -> Decision {
        let alarm = self.alarm(close.alarm)?;
        let open = alarm.call_back.as_ref().is_some_and(CallBack::is_owed);
        if !open || alarm.state != AlarmState::Settled {
            return Err(Refusal::invalid("alarm", Rule::NoCallBackOwed));
        }
        self.push(CallBackClosed { alarm: alarm.id, result: close.result });
        if close.result == CallBackResult::Unanswered && alarm.place.is_known() {
            self.bear(alarm);
        }
        Ok(())
    }

    fn unsettled(&self, id: crate::kernel::id::AlarmId) -> Result<&'a Alarm, Refusal> {
        let alarm = self.alarm(id)?;
        match &alarm.outcome {
            Some(outcome) if alarm.state == AlarmState::Settled => {
                Err(Refusal::AlarmSettled { outcome: outcome.kind, incident: outcome.incident })
            }
            _ => Ok(alarm),
        }
    }
}
