//! What can be asked about alarms.

use crate::contexts::commands;
use crate::kernel::id::{AgencyCode, AlarmId, IncidentId, PointId, TrunkCode, TypeCode, UnitId, WordsId};
use crate::kernel::kind::{Mode, OutcomeKind, Priority};
use crate::kernel::place::Place;
use crate::response::alarm::{AlarmSource, CallBackResult};

commands! {
    ($) alarm_commands

    /// A call for help has come. Never refused for its form: what cannot be used is listed in `flaws`.
    RaiseAlarm raise_alarm (within; text No; by Source for help over Anybody; seeks units) {
        /// How it came: by call, point, button, SOS.
        source: AlarmSource,
        /// Actual, exercise or test; an SOS is always actual.
        #[serde(default = "actual")] mode: Mode,
        /// The number that rings, when it is a registered point's.
        #[serde(default, skip_serializing_if = "Option::is_none")] number: Option<String>,
        /// The registered point that raises it, when it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit that presses or reports.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// The device as it names itself.
        #[serde(default, skip_serializing_if = "Option::is_none")] device: Option<String>,
        /// A key of the press or call: the same key while the alarm is open is a repeat, not a new alarm.
        #[serde(default, skip_serializing_if = "Option::is_none")] press: Option<String>,
        /// Where, if the source says.
        #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<Place>,
        /// The type, if the source says.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// The priority, if the source says.
        #[serde(default, skip_serializing_if = "Option::is_none")] priority: Option<Priority>,
        /// Caller's number or name, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] caller: Option<WordsId>,
        /// What was said or typed, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// 静默: the caller must not be heard, and is never called back or read aloud.
        #[serde(default)] silent: bool,
        /// The trunk it came by: an unplaced alarm lands at the desk that the register names for it.
        #[serde(default, skip_serializing_if = "Option::is_none")] trunk: Option<TrunkCode>,
        /// What was wrong with the message, field by field.
        #[serde(default)] flaws: Vec<String>,
    }
    /// Answers a ringing alarm.
    ///
    /// 接警: a call-taker answers the alarm.
    AnswerAlarm answer_alarm (post "alarms" {alarm} "answer" on alarm; text No; by CallTaker over Alarm(alarm)) {
        /// The alarm that is answered.
        alarm: AlarmId,
    }
    /// Saves what is known of it; a type or a place makes the incident.
    SaveAlarm save_alarm (post "alarms" {alarm} "save" on alarm; text May and caller; by CallTaker over Alarm(alarm); seen expected_version of alarm; seeks units) {
        /// The alarm that is saved; one that rings is answered by it.
        alarm: AlarmId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// What happened, as a type of the register; absent leaves it as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// Priority; the type's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] priority: Option<Priority>,
        /// Where it happened; absent leaves it as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<Place>,
        /// What was said, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// Caller's number or name.
        #[serde(default, skip_serializing_if = "Option::is_none")] caller: Option<WordsId>,
    }
    /// Settles it with an outcome.
    ///
    /// Settles an alarm with an outcome other than `incident` (which `save_alarm` makes).
    SettleAlarm settle_alarm (post "alarms" {alarm} "settle" on alarm; text May; by CallTaker over Alarm(alarm) and Joined(incident); seen expected_version of alarm; seeks units) {
        /// The alarm that is settled.
        alarm: AlarmId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// How it ends; anything but `incident`.
        outcome: OutcomeKind,
        /// The incident, for 并入.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident: Option<IncidentId>,
        /// The agency, for 转出.
        #[serde(default, skip_serializing_if = "Option::is_none")] agency: Option<AgencyCode>,
        /// A remark on the outcome, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Reports how a call-back ended.
    ///
    /// Reports how a call-back 回拨 ended.
    CloseCallBack close_call_back (post "alarms" {alarm} "call-back" on alarm; text No; by CallTaker over Alarm(alarm); seeks units) {
        /// The alarm whose caller was called back.
        alarm: AlarmId,
        /// Whether the caller was reached.
        result: CallBackResult,
    }
}

impl RaiseAlarm {
    /// An alarm of which only the way it came is known.
    pub fn of(source: AlarmSource) -> Self {
        Self {
            source,
            mode: Mode::Actual,
            number: None,
            point: None,
            unit: None,
            device: None,
            press: None,
            place: None,
            incident_type: None,
            priority: None,
            caller: None,
            words: None,
            silent: false,
            trunk: None,
            flaws: Vec::new(),
        }
    }
}

fn actual() -> Mode {
    Mode::Actual
}
