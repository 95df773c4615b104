//! An alarm 报警: one message or call for help from a person or a person's button. It rings, is answered and is
//! settled with one outcome; it is never shelved, merged unseen or refused for its form.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod mark;
pub mod presses;
pub(crate) mod raise;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{AlarmId, DeskId, PointId, SeatId, TypeCode, UnitId, WordsId};
use crate::kernel::kind::{Mode, Priority, vocabulary};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::time::Time;
use crate::response::acts::Acts;

pub use self::event::{AlarmSource, CallBackResult, DuplicateOffer, Outcome};

vocabulary! {
    /// How far it has come.
    AlarmState {
        /// 振铃: it rings and nobody has answered.
        Ringing,
        /// 已接听: a call-taker has it.
        Answered,
        /// Settled with an outcome.
        Settled,
    }
}

impl AlarmSource {
    /// Whether such an alarm makes an incident at once, without a call-taker.
    pub fn is_immediate(self) -> bool {
        matches!(self, Self::Button | Self::Sos | Self::Sensor)
    }
}

/// A call-back 回拨 owed to a caller who was silent or cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CallBack {
    /// When it was opened.
    pub opened_at: Time,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<CallBackResult>,
}

impl CallBack {
    /// Whether nobody has called back yet.
    pub fn is_owed(&self) -> bool {
        self.result.is_none()
    }
}

/// An alarm as the state keeps it and the console sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Alarm {
    /// Its id, given by the centre.
    pub id: AlarmId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// Desk code + local date + serial, given by the desk where it landed.
    pub number: String,
    /// Actual, exercise or test.
    pub mode: Mode,
    /// How it came: by call, point, button, SOS.
    pub source: AlarmSource,
    /// How far it has come.
    pub state: AlarmState,
    /// The desk where it landed.
    pub desk: DeskId,
    /// Codes from the league down, as far as known.
    pub area: AreaPath,
    /// Where help is needed, as far as known.
    pub place: Place,
    /// The type, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_type: Option<TypeCode>,
    /// The priority, if the source or the call-taker says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The point it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointId>,
    /// The unit that pressed SOS or found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The device that sent it, as it names itself; kept even when nobody knows the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The caller's number or name, apart from the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<WordsId>,
    /// What was said or typed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<WordsId>,
    /// 静默: never called back or read aloud.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub silent: bool,
    /// When the source says it happened.
    pub occurred_at: Time,
    /// When it reached the centre.
    pub received_at: Time,
    /// 延迟到达: it came more than the region's limit after it happened.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub late: bool,
    /// Age of the fix its place rests on, milliseconds, for a last good fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_age_ms: Option<u32>,
    /// The source's own clock was unusable; what it said is in `claimed_at`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub clock_wrong: bool,
    /// The time the source claimed, when it could not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Time>,
    /// What was wrong with the message's form, field by field; it was taken all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<String>,
    /// How often the source has repeated it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub repeats: u32,
    /// When it was last pressed or sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated_at: Option<Time>,
    /// When it was answered, and by which seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<(Time, SeatId)>,
    /// How and when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// When it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Time>,
    /// A call-back owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<CallBack>,
    /// Incidents that may be the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<DuplicateOffer>,
    /// The last acts on it, newest last, at most 16.
    #[serde(default, skip_serializing_if = "Acts::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<crate::kernel::act::Act>))]
    pub acts: Acts,
}
