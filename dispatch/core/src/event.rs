//! What has happened. An event is a fact: applying it cannot fail, and it holds all that is needed to apply it. Fields
//! are only added, with a default; anything else is a new version with an upcaster (D5).

use serde::{Deserialize, Serialize};

use crate::alarm::{Alarm, CallBackResult, DuplicateOffer, Outcome};
use crate::id::{
    ActorId, AlarmId, CommandId, DeskId, FeedbackId, IncidentId, JournalId, OrderId, PointId, RecommendationId, SeatId,
    SupportId, TechnicalId, TypeCode, UnitId, WordsId,
};
use crate::incident::{CancelReason, Feedback, Incident, LinkKind};
use crate::kind::{Channel, Mode, Priority};
use crate::order::{Order, Stamp};
use crate::place::{AreaPath, Place};
use crate::recommendation::Recommendation;
use crate::register::{PointEntry, Register, Timers, UnitEntry};
use crate::technical::{Shelf, Technical};
use crate::time::{LocalDay, Time};
use crate::timer::{Climb, TimerKey};
use crate::unit::{Duty, Support};

/// One row of the journal: an event and everything about how it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Gapless from 1, per node.
    pub seq: u64,
    /// The command it came from.
    pub command: CommandId,
    /// Desk of the seat that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// Seat that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// Who acted.
    pub actor: ActorId,
    /// On whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<ActorId>,
    /// By what way.
    pub channel: Channel,
    /// Of the entity concerned; actual for the centre's own housekeeping.
    pub mode: Mode,
    /// When the sender says it happened.
    pub occurred_at: Time,
    /// When the centre decided.
    pub recorded_at: Time,
    /// What happened.
    pub event: Event,
}

macro_rules! events {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )*) => {
        /// Everything that can happen. On disk: `name`, `v` and the payload as JSON bytes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "name", content = "data", rename_all = "snake_case")]
        #[expect(clippy::large_enum_variant, reason = "events are made once and applied once; most are small")]
        pub enum Event {
            $( $(#[$doc])* $name { $( $(#[$fdoc])* $field: $type, )* }, )*
        }
    };
}

events! {
    /// The first row: which journal this is and what clock it runs on.
    JournalOpened {
        /// Id of the journal.
        journal: JournalId,
        /// `wall`, or `scaled:<origin µs>:<rate per mille>`.
        clock: String,
    }
    /// A region package was adopted.
    RegionAdopted {
        /// Content hash of the package, hex.
        hash: String,
        /// What it brings.
        register: Box<Register>,
        /// Duty of the units it brings, where not on call.
        duties: Vec<(UnitId, Duty)>,
    }
    /// An alarm has come.
    AlarmRaised {
        /// The alarm as it was born.
        alarm: Box<Alarm>,
        /// The key of the press or call.
        #[serde(default)] press: Option<String>,
        /// The day its number belongs to.
        day: LocalDay,
    }
    /// The same press or call again: the alarm is updated.
    AlarmRepeated {
        /// Which.
        alarm: AlarmId,
        /// A better place, if the repeat brought one.
        #[serde(default)] place: Option<Place>,
        /// And its area.
        #[serde(default)] area: Option<AreaPath>,
        /// Age of the fix it rests on.
        #[serde(default)] fix_age_ms: Option<u32>,
    }
    /// 接警.
    AlarmAnswered {
        /// Which.
        alarm: AlarmId,
        /// By which seat.
        seat: SeatId,
    }
    /// What is known of it has changed.
    AlarmSaved {
        /// Which.
        alarm: AlarmId,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Place.
        #[serde(default)] place: Option<Place>,
        /// And its area.
        #[serde(default)] area: Option<AreaPath>,
        /// What was said.
        #[serde(default)] words: Option<WordsId>,
        /// Caller's number or name.
        #[serde(default)] caller: Option<WordsId>,
    }
    /// Incidents that may be the same were offered.
    DuplicatesOffered {
        /// For which alarm.
        alarm: AlarmId,
        /// Most alike first.
        offers: Vec<DuplicateOffer>,
    }
    /// An alarm ended with an outcome; 无声 and 中断 open a call-back.
    AlarmSettled {
        /// Which.
        alarm: AlarmId,
        /// How.
        outcome: Outcome,
        /// A remark.
        #[serde(default)] words: Option<WordsId>,
        /// Whether a call-back is owed.
        call_back: bool,
    }
    /// A call-back ended.
    CallBackClosed {
        /// Which alarm.
        alarm: AlarmId,
        /// How.
        result: CallBackResult,
    }
    /// A technical alarm has come.
    TechnicalRaised {
        /// As it was born.
        technical: Box<Technical>,
    }
    /// It has come again.
    TechnicalRepeated {
        /// Which.
        technical: TechnicalId,
    }
    /// It was put aside.
    TechnicalShelved {
        /// Which.
        technical: TechnicalId,
        /// By whom, why, until.
        shelf: Shelf,
    }
    /// It came off the shelf, by hand or because its time was up.
    TechnicalUnshelved {
        /// Which.
        technical: TechnicalId,
    }
    /// It was cleared.
    TechnicalCleared {
        /// Which.
        technical: TechnicalId,
    }
    /// An incident was made.
    IncidentCreated {
        /// As it was born.
        incident: Box<Incident>,
        /// The day its number belongs to.
        day: LocalDay,
    }
    /// A recommendation was recorded with its evidence.
    RecommendationRecorded {
        /// Whole.
        recommendation: Box<Recommendation>,
    }
    /// 接手.
    IncidentClaimed {
        /// Which.
        incident: IncidentId,
        /// By which seat.
        seat: SeatId,
    }
    /// Type or priority changed.
    IncidentClassified {
        /// Which.
        incident: IncidentId,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Priority.
        priority: Priority,
    }
    /// A new place; `notified` orders have 补充警情 to sign.
    IncidentMoved {
        /// Which.
        incident: IncidentId,
        /// Where.
        place: Place,
        /// Its area.
        area: AreaPath,
        /// Orders told.
        notified: Vec<OrderId>,
    }
    /// 备注; `notified` orders have 补充警情 to sign.
    IncidentNoted {
        /// Which.
        incident: IncidentId,
        /// The text.
        words: WordsId,
        /// A new danger.
        danger: bool,
        /// 报警人撤销.
        caller_withdrew: bool,
        /// Orders told.
        notified: Vec<OrderId>,
    }
    /// Two incidents belong together; the other carries the mirrored link.
    IncidentsLinked {
        /// One.
        incident: IncidentId,
        /// The other.
        other: IncidentId,
        /// How, seen from the first.
        kind: LinkKind,
    }
    /// An incident was merged into another; its alarms and open orders went over.
    IncidentMerged {
        /// Which ended.
        incident: IncidentId,
        /// Which remains.
        into: IncidentId,
        /// The orders that went over.
        orders: Vec<OrderId>,
    }
    /// Alarms left an incident for one of their own, made just before.
    IncidentSplit {
        /// From which.
        incident: IncidentId,
        /// The new one.
        new: IncidentId,
        /// Which alarms.
        alarms: Vec<AlarmId>,
    }
    /// 撤销.
    IncidentCancelled {
        /// Which.
        incident: IncidentId,
        /// Why.
        reason: CancelReason,
    }
    /// 办结.
    IncidentClosed {
        /// Which.
        incident: IncidentId,
    }
    /// 重新处置.
    IncidentReopened {
        /// Which.
        incident: IncidentId,
        /// Why.
        #[serde(default)] words: Option<WordsId>,
    }
    /// It left live state; the journal and the read model keep it (D11).
    IncidentArchived {
        /// Which.
        incident: IncidentId,
    }
    /// The responsible desk changed: 移交, or 提级指挥.
    IncidentHandedOver {
        /// Which.
        incident: IncidentId,
        /// To which desk.
        desk: DeskId,
        /// The parent took it up.
        taken_up: bool,
    }
    /// An order was written.
    OrderCreated {
        /// As it was born.
        order: Box<Order>,
    }
    /// An order came to a state, or a late stamp was kept beside.
    OrderAdvanced {
        /// Which.
        order: OrderId,
        /// When and who says so.
        stamp: Stamp,
        /// Why, where a reason is needed.
        #[serde(default)] reason: Option<String>,
    }
    /// A stacked order became the unit's next: it is sent now.
    OrderUnstacked {
        /// Which.
        order: OrderId,
    }
    /// 撤回: the recall is on its way and has to be signed.
    OrderRecalled {
        /// Which.
        order: OrderId,
        /// Why.
        reason: String,
    }
    /// A recall or a 补充警情 was signed.
    NoticeSigned {
        /// Which order.
        order: OrderId,
    }
    /// 平安确认.
    LifeConfirmed {
        /// Which order.
        order: OrderId,
    }
    /// 反馈.
    FeedbackGiven {
        /// Which incident.
        incident: IncidentId,
        /// What.
        feedback: Box<Feedback>,
    }
    /// 审核通过 or 退回补正.
    FeedbackReviewed {
        /// Which incident.
        incident: IncidentId,
        /// Which.
        feedback: FeedbackId,
        /// Accepted.
        accepted: bool,
        /// Why it was returned.
        #[serde(default)] reason: Option<String>,
    }
    /// 上勤 / 下勤.
    DutySet {
        /// Which unit.
        unit: UnitId,
        /// To what.
        duty: Duty,
    }
    /// 停用, or back.
    ServiceSet {
        /// Which unit.
        unit: UnitId,
        /// Why it is out of service; none is back in service.
        #[serde(default)] out_of_service: Option<String>,
    }
    /// Back at beat or base.
    UnitBack {
        /// Which unit.
        unit: UnitId,
    }
    /// A desk asks for a unit of another.
    SupportRequested {
        /// As it was born.
        support: Box<Support>,
    }
    /// Granted or (parent desk) taken: the unit's commanding desk changes.
    SupportGranted {
        /// Which.
        support: SupportId,
        /// Taken by the parent desk.
        taken: bool,
    }
    /// Refused.
    SupportRefused {
        /// Which.
        support: SupportId,
        /// Why.
        reason: String,
    }
    /// The unit is its own desk's again.
    SupportEnded {
        /// Which.
        support: SupportId,
    }
    /// 交接班.
    ShiftHandedOver {
        /// From.
        from: SeatId,
        /// To.
        to: SeatId,
        /// The incidents that went over.
        incidents: Vec<IncidentId>,
    }
    /// A timer ran out: who must act next. It climbs seat, shift lead, parent desk.
    TimerExpired {
        /// Which.
        timer: TimerKey,
        /// Who must act.
        climb: Climb,
        /// When it climbs again, if it does.
        #[serde(default)] next_at: Option<Time>,
    }
    /// A unit was registered or its entry changed.
    UnitRegistered {
        /// Its id.
        unit: UnitId,
        /// What it is, with its slot.
        entry: Box<UnitEntry>,
    }
    /// A unit was retired.
    UnitRetired {
        /// Which.
        unit: UnitId,
    }
    /// A point was registered or its entry changed.
    PointRegistered {
        /// Its id.
        point: PointId,
        /// What it is.
        entry: Box<PointEntry>,
    }
    /// A point was retired.
    PointRetired {
        /// Which.
        point: PointId,
    }
    /// A point is being tested until a time.
    TestWindowSet {
        /// Which.
        point: PointId,
        /// Until when.
        until: Time,
    }
    /// Timers changed.
    TimersSet {
        /// To these.
        timers: Timers,
    }
    /// Text and salt of these words are gone.
    WordsErased {
        /// Which.
        words: Vec<WordsId>,
        /// Why.
        reason: String,
    }
}

impl Event {
    /// The schema version of every event this build writes. A build that writes a second version of one lists it here.
    pub const V: u16 = 1;

    /// Recommendations referred to but not recorded by this event itself are found by id in state.
    pub fn recommendation(&self) -> Option<RecommendationId> {
        match self {
            Self::RecommendationRecorded { recommendation } => Some(recommendation.id),
            _ => None,
        }
    }
}
