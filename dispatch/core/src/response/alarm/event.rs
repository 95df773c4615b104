//! What has happened to alarms.

use serde::{Deserialize, Serialize};

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{
    AgencyCode, AlarmId, DeskId, IncidentId, PointId, SeatId, TypeCode, UnitId, WordsId,
};
use crate::kernel::kind::{Mode, OutcomeKind, Priority, vocabulary};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::time::{LocalDay, Time};

vocabulary! {
    /// How the alarm came.
    AlarmSource {
        /// A voice call.
        Call,
        /// A registered alarm point's phone.
        Point,
        /// A fixed button.
        Button,
        /// An SOS of a unit or an officer.
        Sos,
        /// A phone app.
        App,
        /// A text message.
        Sms,
        /// 巡逻发现: found by a patrol.
        Patrol,
        /// A visitor at the desk.
        WalkIn,
        /// Another desk or centre.
        OtherDesk,
        /// A sensor or camera.
        Sensor,
    }
    /// How a call-back ended.
    CallBackResult {
        /// The caller was reached.
        Reached,
        /// Nobody answered: with a known place a unit is sent to look.
        Unanswered,
    }
}

/// The outcome of a settled alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// Which of the outcomes it is.
    pub kind: OutcomeKind,
    /// The incident, for 生成 and 并入.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The agency, for 转出.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<AgencyCode>,
}

/// An incident that may be the same, offered and never taken by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DuplicateOffer {
    /// The open incident that may be the same.
    pub incident: IncidentId,
    /// How alike, 0 to 1000.
    pub score_per_mille: u16,
    /// Distance between the places in decimetres, when both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_dm: Option<u32>,
    /// Time between the two in milliseconds.
    pub apart_ms: u32,
    /// Whether number or point is the same.
    pub same_source: bool,
    /// Whether the type is the same.
    pub same_type: bool,
}

events! {
    ($) alarm_events

    /// An alarm has come.
    AlarmRaised "alarm_raised" {
        /// Its id, given by the centre.
        alarm: AlarmId,
        /// The number it was given: desk code, local day, serial.
        number: String,
        /// The day that number belongs to.
        day: LocalDay,
        /// Actual, exercise or test.
        mode: Mode,
        /// How it came: by call, point, button, SOS.
        source: AlarmSource,
        /// The desk where it landed.
        desk: DeskId,
        /// Codes from the league down, as far as known.
        area: AreaPath,
        /// Where help is needed, as far as known.
        place: Place,
        /// The type, if the source says.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// The priority, if the source says.
        #[serde(default, skip_serializing_if = "Option::is_none")] priority: Option<Priority>,
        /// The registered point it came from.
        #[serde(default, skip_serializing_if = "Option::is_none")] point: Option<PointId>,
        /// The unit that pressed SOS or found it.
        #[serde(default, skip_serializing_if = "Option::is_none")] unit: Option<UnitId>,
        /// The device that sent it, as it names itself.
        #[serde(default, skip_serializing_if = "Option::is_none")] device: Option<String>,
        /// The caller's number or name.
        #[serde(default, skip_serializing_if = "Option::is_none")] caller: Option<WordsId>,
        /// What was said or typed.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// 静默: never called back or read aloud.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] silent: bool,
        /// When the source says it happened, as far as that can be believed.
        occurred_at: Time,
        /// When it reached the centre.
        received_at: Time,
        /// 延迟到达: it came more than the limit after it happened.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] late: bool,
        /// Age of the fix its place rests on, milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")] fix_age_ms: Option<u32>,
        /// What the source's clock said, when it could not be believed.
        #[serde(default, skip_serializing_if = "Option::is_none")] claimed_at: Option<Time>,
        /// What was wrong with the message's form, field by field.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] flaws: Vec<String>,
        /// The key of the press or call: the same key again is a repeat.
        #[serde(default, skip_serializing_if = "Option::is_none")] press: Option<String>,
    }
    /// The same press or call again: the alarm is updated.
    AlarmRepeated "alarm_repeated" (Changed alarm, shows IncidentOf alarm) {
        /// The alarm that is pressed or called again.
        alarm: AlarmId,
        /// A better place, if the repeat brought one.
        #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<Place>,
        /// Codes from the league down of that place; absent where no place came.
        #[serde(default, skip_serializing_if = "Option::is_none")] area: Option<AreaPath>,
        /// Age of the fix it rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")] fix_age_ms: Option<u32>,
        /// 静默: the repeat said so first.
        #[serde(default)] silent: bool,
        /// When it was pressed or sent again.
        #[serde(default, skip_serializing_if = "Option::is_none")] at: Option<Time>,
    }
    /// 接警: a call-taker answered the alarm.
    AlarmAnswered "alarm_answered" (Changed alarm) {
        /// The alarm that was answered.
        alarm: AlarmId,
        /// The seat that answered it.
        seat: SeatId,
    }
    /// What is known of it has changed.
    AlarmSaved "alarm_saved" (Changed alarm) {
        /// The alarm that was saved.
        alarm: AlarmId,
        /// The type as saved; absent leaves it as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// The priority as saved; absent leaves it as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")] priority: Option<Priority>,
        /// The place as saved; absent leaves it as it was.
        #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<Place>,
        /// Codes from the league down of that place; absent where no place came.
        #[serde(default, skip_serializing_if = "Option::is_none")] area: Option<AreaPath>,
        /// What was said, as a words record; absent when nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// Caller's number or name.
        #[serde(default, skip_serializing_if = "Option::is_none")] caller: Option<WordsId>,
    }
    /// Incidents that may be the same were offered.
    DuplicatesOffered "duplicates_offered" (Changed alarm) {
        /// The alarm that may tell of one of them.
        alarm: AlarmId,
        /// The incidents, the most alike first.
        offers: Vec<DuplicateOffer>,
    }
    /// An alarm ended with an outcome; 无声 and 中断 open a call-back.
    AlarmSettled "alarm_settled" {
        /// The alarm that was settled.
        alarm: AlarmId,
        /// The outcome, with the incident or agency it names.
        outcome: Outcome,
        /// A remark on the outcome; absent when none was made.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// Whether a call-back is owed.
        call_back: bool,
    }
    /// A call-back 回拨 was made, and how it ended.
    CallBackClosed "call_back_closed" (Changed alarm) {
        /// The alarm whose caller was called back.
        alarm: AlarmId,
        /// Whether the caller was reached.
        result: CallBackResult,
    }
    /// A settled alarm that belongs to no incident left live state.
    AlarmArchived "alarm_archived" (Gone alarm, carries mode) {
        /// The alarm that left.
        alarm: AlarmId,
        /// Codes from the league down of where it was.
        area: AreaPath,
        /// The alarm's mode: actual, exercise or test.
        mode: Mode,
    }
}

impl Fact for AlarmRaised {
    fn about(&self) -> About {
        let mut about = About::made(self.alarm).of_mode(self.mode);
        if let Some(unit) = &self.unit {
            about = about.and(unit.clone(), Fate::Changed);
        }
        about
    }
}

impl Fact for AlarmSettled {
    fn about(&self) -> About {
        let about = About::changed(self.alarm);
        match self.outcome.incident {
            Some(incident) => about.and(incident, Fate::Changed),
            None => about,
        }
    }
}
