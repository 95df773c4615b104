//! Alarms: answered once, settled once, by a desk that answers for them.

use dispatch_core::command::{AnswerAlarm, CloseCallBack, SaveAlarm, SettleAlarm};
use dispatch_core::kernel::id::AlarmId;
use dispatch_core::kernel::kind::OutcomeKind;
use dispatch_core::kernel::place::{Place, PlaceKind};
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::response::alarm::AlarmState;

use super::Ruling;
use crate::trial::auditor::tables::Call;

impl<'g> Ruling<'g> {
    fn unsettled(&mut self, id: AlarmId) -> Option<&'g Call> {
        let call = self.call(id)?;
        self.way.bar_if(call.state == AlarmState::Settled, "alarm_settled");
        self.over(&call.desk, &call.area);
        Some(call)
    }

    pub(super) fn answer_alarm(&mut self, it: &AnswerAlarm) {
        let Some(call) = self.unsettled(it.alarm) else { return };
        if let Some(seat) = &call.answered_by {
            self.way.bar(format!("already_answered {seat}"));
        }
    }

    pub(super) fn save_alarm(&mut self, it: &SaveAlarm) {
        let Some(call) = self.unsettled(it.alarm) else { return };
        self.way.seen("expected_version", it.expected_version, call.version);
        let unknown = it.incident_type.as_ref().is_some_and(|code| !self.guess.types.contains_key(code));
        self.way.bar_if(unknown, "unknown incident_type");
        if let Some(place) = &it.place {
            self.is_sound(place);
        }
    }

    pub(super) fn settle_alarm(&mut self, it: &SettleAlarm) {
        let Some(call) = self.unsettled(it.alarm) else { return };
        self.way.seen("expected_version", it.expected_version, call.version);
        if let Some(life) = it.incident.and_then(|into| self.life("incident", into)) {
            self.over_life(life);
        }
        match it.outcome {
            OutcomeKind::Incident => self.way.invalid_if(true, "outcome", &Rule::MadeBySaving),
            OutcomeKind::Duplicate => match it.incident {
                None => self.way.invalid_if(true, "incident", &Rule::Missing),
                Some(into) => {
                    let Some(life) = self.active("incident", into) else { return };
                    self.way.invalid_if(life.mode != call.mode, "incident", &Rule::OneMode);
                }
            },
            OutcomeKind::Transferred => match &it.agency {
                None => self.way.invalid_if(true, "agency", &Rule::Missing),
                Some(agency) => {
                    let known = self.guess.agencies.contains(agency.as_str());
                    self.way.bar_if(!known, "unknown agency");
                }
            },
            _ => {}
        }
    }

    pub(super) fn close_call_back(&mut self, it: &CloseCallBack) {
        let Some(call) = self.call(it.alarm) else { return };
        self.over(&call.desk, &call.area);
        let owed = call.owed && call.state == AlarmState::Settled;
        self.way.invalid_if(!owed, "alarm", &Rule::NoCallBackOwed);
    }

    /// A place does not contradict itself and names what is known.
    pub(super) fn is_sound(&mut self, place: &Place) {
        let area = place.area.as_ref().is_some_and(|code| !self.guess.areas.contains(code.as_str()));
        self.way.bar_if(area, "unknown place.area");
        let point = place.point.as_ref().is_some_and(|point| !self.guess.points.contains_key(point));
        self.way.bar_if(point, "unknown place.point");
        // A point without a usable coordinate is taken for the area it names, or for nothing at all.
        self.way.invalid_if(
            place.kind == PlaceKind::AlarmPoint && place.point.is_none(),
            "place.point",
            &Rule::Missing,
        );
        self.way.invalid_if(
            place.kind == PlaceKind::RoadPost && place.road.is_none(),
            "place.road",
            &Rule::Missing,
        );
        self.way.invalid_if(
            place.kind == PlaceKind::Area && place.area.is_none(),
            "place.area",
            &Rule::Missing,
        );
    }
}
