//! What has happened. An event is a fact: applying it cannot fail, and it holds all that is needed to apply it. Fields
//! are only added, with a default; anything else is a new version with an upcaster (D5).

use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    ActorId, AlarmId, AreaClassCode, CommandId, DeskId, FeedbackId, HandoverId, IncidentId, JournalId,
    OrderId, PointId, RecommendationId, SeatId, SupportId, TechnicalId, TypeCode, UnitId, WordsId,
};
use crate::kernel::kind::Duty;
use crate::kernel::kind::{Channel, ErasureReason, Mode, Priority};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::recommendation::Recommendation;
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::kernel::time::{LocalDay, Time};
use crate::kernel::timer::{Climb, TimerKey};
use crate::register::{Automatic, PointEntry, Register, Timers, UnitEntry};
use crate::response::alarm::{Alarm, CallBackResult, DuplicateOffer, Outcome};
use crate::response::automatic::AutomaticEnd;
use crate::response::feedback::{Feedback, ReturnReason};
use crate::response::incident::{CancelReason, Incident, LinkKind};
use crate::response::order::{EndReason, Eta, Order, Said, Stamp};
use crate::response::support::{Support, SupportReason};
use crate::response::unit::ServiceReason;
use crate::shift::ShiftHandover;
use crate::technical::{Shelf, Suppression, Technical};
use crate::view::IncidentView;

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
    ($( $(#[$doc:meta])* $name:ident $wire:literal { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )*) => {
        /// Everything that can happen. On disk: `name`, `v` and the payload as JSON bytes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "name", content = "data")]
        pub enum Event {
            $( $(#[$doc])* #[serde(rename = $wire)] $name { $( $(#[$fdoc])* $field: $type, )* }, )*
        }

        impl Event {
            /// The name of every event this build knows, in the order of the schema.
            pub const NAMES: &'static [&'static str] = &[$( $wire, )*];

            /// The name in the journal, in acts and in metrics.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$name { .. } => $wire, )* }
            }
        }
    };
}

events! {
    /// The first row: which journal this is and what clock it runs on.
    JournalOpened "journal_opened" {
        /// Id of the journal.
        journal: JournalId,
        /// `wall`, or `scaled:<origin µs>:<rate per mille>`.
        clock: String,
    }
    /// A region package was adopted.
    RegionAdopted "region_adopted" {
        /// Content hash of the package, hex.
        hash: String,
        /// What it brings.
        register: Box<Register>,
        /// Duty of the units it brings, where not on call.
        duties: Vec<(UnitId, Duty)>,
    }
    /// An alarm has come.
    AlarmRaised "alarm_raised" {
        /// The alarm as it was born.
        alarm: Box<Alarm>,
        /// The key of the press or call.
        #[serde(default)] press: Option<String>,
        /// The day its number belongs to.
        day: LocalDay,
    }
    /// The same press or call again: the alarm is updated.
    AlarmRepeated "alarm_repeated" {
        /// Which.
        alarm: AlarmId,
        /// A better place, if the repeat brought one.
        #[serde(default)] place: Option<Place>,
        /// And its area.
        #[serde(default)] area: Option<AreaPath>,
        /// Age of the fix it rests on.
        #[serde(default)] fix_age_ms: Option<u32>,
        /// 静默: the repeat said so first.
        #[serde(default)] silent: bool,
        /// When it was pressed or sent again.
        #[serde(default)] at: Option<Time>,
    }
    /// 接警.
    AlarmAnswered "alarm_answered" {
        /// Which.
        alarm: AlarmId,
        /// By which seat.
        seat: SeatId,
    }
    /// What is known of it has changed.
    AlarmSaved "alarm_saved" {
        /// Which.
        alarm: AlarmId,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Priority.
        #[serde(default)] priority: Option<Priority>,
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
    DuplicatesOffered "duplicates_offered" {
        /// For which alarm.
        alarm: AlarmId,
        /// Most alike first.
        offers: Vec<DuplicateOffer>,
    }
    /// An alarm ended with an outcome; 无声 and 中断 open a call-back.
    AlarmSettled "alarm_settled" {
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
    CallBackClosed "call_back_closed" {
        /// Which alarm.
        alarm: AlarmId,
        /// How.
        result: CallBackResult,
    }
    /// A technical alarm has come.
    TechnicalRaised "technical_raised" {
        /// As it was born.
        technical: Box<Technical>,
    }
    /// It has come again.
    TechnicalRepeated "technical_repeated" {
        /// Which.
        technical: TechnicalId,
    }
    /// It was put aside.
    TechnicalShelved "technical_shelved" {
        /// Which.
        technical: TechnicalId,
        /// By whom, why, until.
        shelf: Shelf,
    }
    /// It came off the shelf, by hand or because its time was up.
    TechnicalUnshelved "technical_unshelved" {
        /// Which.
        technical: TechnicalId,
    }
    /// 抑制: a source is kept off the list from now on.
    SourceSuppressed "source_suppressed" {
        /// As it was made: by whom, why, until.
        suppression: Box<Suppression>,
    }
    /// A source is on the list again, by hand or because its time was up.
    SourceUnsuppressed "source_unsuppressed" {
        /// Whole, so that what it kept off the list is known.
        suppression: Box<Suppression>,
    }
    /// It was cleared and leaves live state.
    TechnicalCleared "technical_cleared" {
        /// Which.
        technical: TechnicalId,
        /// Where in the tree it was.
        area: AreaPath,
    }
    /// An incident was made.
    IncidentCreated "incident_created" {
        /// As it was born.
        incident: Box<Incident>,
        /// The day its number belongs to.
        day: LocalDay,
    }
    /// A recommendation was recorded with its evidence.
    RecommendationRecorded "recommendation_recorded" {
        /// Whole.
        recommendation: Box<Recommendation>,
    }
    /// 接手.
    IncidentClaimed "incident_claimed" {
        /// Which.
        incident: IncidentId,
        /// By which seat.
        seat: SeatId,
    }
    /// Type or priority changed.
    IncidentClassified "incident_classified" {
        /// Which.
        incident: IncidentId,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Priority.
        priority: Priority,
    }
    /// A new place; `notified` orders have 补充警情 to sign.
    IncidentMoved "incident_moved" {
        /// Which.
        incident: IncidentId,
        /// Where.
        place: Place,
        /// Its area.
        area: AreaPath,
        /// Orders told.
        notified: Vec<OrderId>,
        /// When units on their way are expected there; an open order that is not listed has no ETA any more.
        #[serde(default)] etas: Vec<Eta>,
    }
    /// 备注; `notified` orders have 补充警情 to sign.
    IncidentNoted "incident_noted" {
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
    /// 静默: a silent alarm tells of it; its open orders are approached silently, and `notified` sign that.
    IncidentSilenced "incident_silenced" {
        /// Which.
        incident: IncidentId,
        /// Orders told.
        notified: Vec<OrderId>,
    }
    /// Two incidents belong together; the other carries the mirrored link.
    IncidentsLinked "incidents_linked" {
        /// One.
        incident: IncidentId,
        /// The other.
        other: IncidentId,
        /// How, seen from the first.
        kind: LinkKind,
    }
    /// An incident was merged into another; its alarms and open orders went over, and `notified` orders have 补充警情
    /// to sign: they serve another incident now.
    IncidentMerged "incident_merged" {
        /// Which ended.
        incident: IncidentId,
        /// Which remains.
        into: IncidentId,
        /// The orders that went over.
        orders: Vec<OrderId>,
        /// Where the one that remains lies: orders that went over belong there.
        area: AreaPath,
        /// The higher of the two priorities.
        priority: Priority,
        /// Orders told.
        notified: Vec<OrderId>,
        /// When the units that went over are expected; one that is not listed has no ETA any more.
        etas: Vec<Eta>,
    }
    /// Alarms left an incident for one of their own, made just before.
    IncidentSplit "incident_split" {
        /// From which.
        incident: IncidentId,
        /// The new one.
        new: IncidentId,
        /// Which alarms.
        alarms: Vec<AlarmId>,
    }
    /// 撤销.
    IncidentCancelled "incident_cancelled" {
        /// Which.
        incident: IncidentId,
        /// Why.
        reason: CancelReason,
    }
    /// 办结.
    IncidentClosed "incident_closed" {
        /// Which.
        incident: IncidentId,
    }
    /// 重新处置.
    IncidentReopened "incident_reopened" {
        /// Which.
        incident: IncidentId,
        /// Why.
        #[serde(default)] words: Option<WordsId>,
    }
    /// An archived incident was taken up again: one made just before REPLACES it (D11).
    IncidentReplaced "incident_replaced" {
        /// The archived one.
        incident: IncidentId,
        /// The one that goes on.
        by: IncidentId,
        /// The archived one, whole, as the read model keeps it from now on.
        archived: Box<IncidentView>,
    }
    /// It left live state with all that belongs to it; the journal and the read model keep it (D11).
    IncidentArchived "incident_archived" {
        /// Which.
        incident: IncidentId,
        /// Where it was.
        area: AreaPath,
        /// Its mode.
        mode: Mode,
        /// The alarms that go with it.
        alarms: Vec<AlarmId>,
        /// Its orders.
        orders: Vec<OrderId>,
        /// Recommendations recorded for it.
        recommendations: Vec<RecommendationId>,
        /// Support requests made for it.
        supports: Vec<SupportId>,
    }
    /// A settled alarm that belongs to no incident left live state.
    AlarmArchived "alarm_archived" {
        /// Which.
        alarm: AlarmId,
        /// Where it was.
        area: AreaPath,
        /// Its mode.
        mode: Mode,
    }
    /// The responsible desk changed: 移交, or 提级指挥.
    IncidentHandedOver "incident_handed_over" {
        /// Which.
        incident: IncidentId,
        /// To which desk.
        desk: DeskId,
        /// The parent took it up.
        taken_up: bool,
    }
    /// An order was written.
    OrderCreated "order_created" {
        /// As it was born.
        order: Box<Order>,
    }
    /// 自动派警: unless somebody acts before, the centre gives this incident to whom is best then.
    AutomaticOrderAnnounced "automatic_order_announced" {
        /// Which incident.
        incident: IncidentId,
        /// When.
        due_at: Time,
        /// To whom, as it stands now.
        targets: Vec<Target>,
        /// Why these.
        recommendation: RecommendationId,
    }
    /// An automatic order was given, was ended by whoever acted, or could not be given. It is not tried again.
    AutomaticOrderEnded "automatic_order_ended" {
        /// Which incident.
        incident: IncidentId,
        /// Why.
        why: AutomaticEnd,
        /// What the guards of a dispatch said, where they refused.
        #[serde(default)] refusal: Option<Box<Refusal>>,
    }
    /// An order came to a state, or a late stamp was kept beside.
    OrderAdvanced "order_advanced" {
        /// Which.
        order: OrderId,
        /// When and who says so.
        stamp: Stamp,
        /// Why, where a reason is needed; what was said with it is in the stamp.
        #[serde(default)] reason: Option<EndReason>,
    }
    /// A stacked order became the unit's next: it is sent now.
    OrderUnstacked "order_unstacked" {
        /// Which.
        order: OrderId,
    }
    /// 撤回: the recall is on its way and has to be signed.
    OrderRecalled "order_recalled" {
        /// Which.
        order: OrderId,
        /// Why.
        reason: EndReason,
        /// More about it.
        #[serde(default)] words: Option<WordsId>,
    }
    /// A recall or a 补充警情 was signed.
    NoticeSigned "notice_signed" {
        /// Which order.
        order: OrderId,
        /// When and who says so.
        said: Said,
    }
    /// 平安确认.
    LifeConfirmed "life_confirmed" {
        /// Which order.
        order: OrderId,
        /// When and who says so.
        said: Said,
    }
    /// The caller's number or name was released for one order, to be shown to its unit only (D13).
    CallerReleased "caller_released" {
        /// Which order.
        order: OrderId,
        /// What was released.
        words: Vec<WordsId>,
    }
    /// 反馈.
    FeedbackGiven "feedback_given" {
        /// Which incident.
        incident: IncidentId,
        /// What.
        feedback: Box<Feedback>,
    }
    /// 审核通过 or 退回补正.
    FeedbackReviewed "feedback_reviewed" {
        /// Which incident.
        incident: IncidentId,
        /// Which.
        feedback: FeedbackId,
        /// Accepted.
        accepted: bool,
        /// Why it was returned.
        #[serde(default)] reason: Option<ReturnReason>,
        /// What is to be put right.
        #[serde(default)] words: Option<WordsId>,
    }
    /// 上勤 / 下勤.
    DutySet "duty_set" {
        /// Which unit.
        unit: UnitId,
        /// To what.
        duty: Duty,
    }
    /// 停用, or back.
    ServiceSet "service_set" {
        /// Which unit.
        unit: UnitId,
        /// Why it is out of service; none is back in service.
        #[serde(default)] out_of_service: Option<ServiceReason>,
        /// More about it.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Back at beat or base.
    UnitBack "unit_back" {
        /// Which unit.
        unit: UnitId,
    }
    /// A desk asks for a unit of another.
    SupportRequested "support_requested" {
        /// As it was born.
        support: Box<Support>,
    }
    /// Granted or (parent desk) taken: the unit's commanding desk changes.
    SupportGranted "support_granted" {
        /// Which.
        support: SupportId,
        /// The unit that is lent.
        unit: UnitId,
        /// Taken by the parent desk.
        taken: bool,
    }
    /// Refused.
    SupportRefused "support_refused" {
        /// Which.
        support: SupportId,
        /// Why.
        reason: SupportReason,
        /// More about it.
        #[serde(default)] words: Option<WordsId>,
    }
    /// The unit is its own desk's again, or the request was withdrawn.
    SupportEnded "support_ended" {
        /// Which.
        support: SupportId,
        /// The unit that was asked for.
        unit: UnitId,
    }
    /// 交接班 is offered: nothing goes over before the other seat signs.
    ShiftHandoverOffered "shift_handover_offered" {
        /// From whom to whom, and what is open.
        handover: Box<ShiftHandover>,
    }
    /// The other seat did not sign, or another offer took its place.
    ShiftHandoverEnded "shift_handover_ended" {
        /// Which.
        handover: HandoverId,
        /// The area of their desk.
        area: AreaPath,
    }
    /// 交接班: the other seat signed, and what was open is its own.
    ShiftHandoverAccepted "shift_handover_accepted" {
        /// Which.
        handover: HandoverId,
        /// From.
        from: SeatId,
        /// To.
        to: SeatId,
        /// The area of their desk.
        area: AreaPath,
        /// The incidents that went over.
        incidents: Vec<IncidentId>,
        /// The alarms that went over: answered and unsettled, or owed a call-back.
        alarms: Vec<AlarmId>,
        /// The open orders that went over.
        orders: Vec<OrderId>,
    }
    /// A timer ran out: who must act next. It climbs seat, shift lead, parent desk.
    TimerExpired "timer_expired" {
        /// Which.
        timer: TimerKey,
        /// Who must act.
        climb: Climb,
        /// When it climbs again, if it does.
        #[serde(default)] next_at: Option<Time>,
    }
    /// A unit was registered or its entry changed.
    UnitRegistered "unit_registered" {
        /// Its id.
        unit: UnitId,
        /// What it is, with its slot.
        entry: Box<UnitEntry>,
    }
    /// A unit was retired.
    UnitRetired "unit_retired" {
        /// Which.
        unit: UnitId,
    }
    /// A point was registered or its entry changed.
    PointRegistered "point_registered" {
        /// Its id.
        point: PointId,
        /// What it is.
        entry: Box<PointEntry>,
    }
    /// A point was retired.
    PointRetired "point_retired" {
        /// Which.
        point: PointId,
    }
    /// A point is being tested until a time.
    TestWindowSet "test_window_set" {
        /// Which.
        point: PointId,
        /// Until when.
        until: Time,
    }
    /// Automatic orders were allowed for a type, or forbidden.
    AutomaticSet "automatic_set" {
        /// Which type.
        incident_type: TypeCode,
        /// How; none forbids.
        #[serde(default)] automatic: Option<Automatic>,
    }
    /// Timers changed.
    TimersSet "timers_set" {
        /// In areas of this class; everywhere else when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] area_class: Option<AreaClassCode>,
        /// To these.
        timers: Timers,
    }
    /// Text and salt of these words are gone.
    WordsErased "words_erased" {
        /// Which.
        words: Vec<WordsId>,
        /// Why.
        reason: ErasureReason,
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
