//! What can be asked of the centre. A command carries a client-made id and, when it changes something the sender has
//! seen, the version that was on screen (D2, D6). Texts are not here: a reason is a code, and whatever a person says or
//! types beside it is a words record, referred to by id (D12).

use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    ActorId, AgencyCode, AlarmId, AreaClassCode, CommandId, DeskId, FeedbackId, IncidentId, OrderId, PointId,
    RecommendationId, SeatId, SupportId, SuppressionId, TechnicalId, TrunkCode, TypeCode, UnitId, WordsId,
};
use crate::kernel::kind::Duty;
use crate::kernel::kind::OrderState;
use crate::kernel::kind::OutcomeKind;
use crate::kernel::kind::{Channel, ErasureReason, Mode, Priority};
use crate::kernel::place::Place;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::register::{PointEntry, Register, Timers, UnitEntry};
use crate::response::alarm::{AlarmSource, CallBackResult};
use crate::response::feedback::{Disposition, FeedbackKind, ReturnReason};
use crate::response::incident::{CancelReason, LinkKind};
use crate::response::order::{EndReason, OverrideReason, StampSource, VoiceWay};
use crate::response::support::SupportReason;
use crate::response::unit::ServiceReason;
use crate::technical::{ShelfReason, TechnicalKind};

/// A command with who sent it and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// UUIDv7, unique per (node, actor); repeated with a retry.
    pub id: CommandId,
    /// Who acts.
    pub actor: ActorId,
    /// On whose behalf, for voice and for sources that speak for another.
    #[serde(default)]
    pub on_behalf_of: Option<ActorId>,
    /// The seat, for an operator; it names the desk.
    #[serde(default)]
    pub seat: Option<SeatId>,
    /// By what way.
    pub channel: Channel,
    /// When the sender says it happened.
    #[serde(default)]
    pub occurred_at: Option<Time>,
    /// What is asked.
    pub command: Command,
}

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident $wire:literal { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )*) => {
        /// Everything that can be asked, tagged by `name`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "name")]
        pub enum Command {
            $( $(#[$doc])* #[serde(rename = $wire)] $name($name), )*
        }

        impl Command {
            /// The name of every command, in the order of the schema.
            pub const NAMES: &'static [&'static str] = &[$( $wire, )*];

            /// The name on the wire, in metrics and in logs.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$name(_) => $wire, )* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $( $(#[$fdoc])* pub $field: $type, )* }

            impl From<$name> for Command {
                fn from(command: $name) -> Self {
                    Self::$name(command)
                }
            }
        )*
    };
}

commands! {
    /// A call for help has come. Never refused for its form: what cannot be used is listed in `flaws`.
    RaiseAlarm "raise_alarm" {
        /// How it came.
        source: AlarmSource,
        /// Actual, exercise or test; an SOS is always actual.
        #[serde(default = "actual")] mode: Mode,
        /// The number that rings, when it is a registered point's.
        #[serde(default)] number: Option<String>,
        /// The registered point.
        #[serde(default)] point: Option<PointId>,
        /// The unit that presses or reports.
        #[serde(default)] unit: Option<UnitId>,
        /// The device as it names itself.
        #[serde(default)] device: Option<String>,
        /// A key of the press or call: the same key while the alarm is open is a repeat, not a new alarm.
        #[serde(default)] press: Option<String>,
        /// Where, if the source says.
        #[serde(default)] place: Option<Place>,
        /// The type, if the source says.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// The priority, if the source says.
        #[serde(default)] priority: Option<Priority>,
        /// Caller's number or name, as a words record.
        #[serde(default)] caller: Option<WordsId>,
        /// What was said or typed, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// 静默.
        #[serde(default)] silent: bool,
        /// The trunk it came by: an unplaced alarm lands at the desk that the register names for it.
        #[serde(default)] trunk: Option<TrunkCode>,
        /// What was wrong with the message, field by field.
        #[serde(default)] flaws: Vec<String>,
    }
    /// 接警.
    AnswerAlarm "answer_alarm" {
        /// Which.
        alarm: AlarmId,
    }
    /// The call-taker saves what is known; a type or a place makes the incident.
    SaveAlarm "save_alarm" {
        /// Which.
        alarm: AlarmId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Priority; the type's own when absent.
        #[serde(default)] priority: Option<Priority>,
        /// Place.
        #[serde(default)] place: Option<Place>,
        /// What was said.
        #[serde(default)] words: Option<WordsId>,
        /// Caller's number or name.
        #[serde(default)] caller: Option<WordsId>,
    }
    /// Settles an alarm with an outcome other than `incident` (which `save_alarm` makes).
    SettleAlarm "settle_alarm" {
        /// Which.
        alarm: AlarmId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// The outcome.
        outcome: OutcomeKind,
        /// The incident, for 并入.
        #[serde(default)] incident: Option<IncidentId>,
        /// The agency, for 转出.
        #[serde(default)] agency: Option<AgencyCode>,
        /// A remark.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Reports how a call-back 回拨 ended.
    CloseCallBack "close_call_back" {
        /// Which alarm.
        alarm: AlarmId,
        /// How.
        result: CallBackResult,
    }
    /// A technical alarm has come, or come again.
    RaiseTechnical "raise_technical" {
        /// What kind.
        kind: TechnicalKind,
        /// A short code.
        cause: String,
        /// The point concerned.
        #[serde(default)] point: Option<PointId>,
        /// The unit concerned.
        #[serde(default)] unit: Option<UnitId>,
    }
    /// 搁置, with why and until.
    ShelveTechnical "shelve_technical" {
        /// Which.
        technical: TechnicalId,
        /// Why.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// Until when.
        until: Time,
    }
    /// 抑制: keeps the technical alarms of one point or unit off the list, with why and until.
    SuppressSource "suppress_source" {
        /// This kind only; every kind when absent.
        #[serde(default)] kind: Option<TechnicalKind>,
        /// The point; or else name a unit.
        #[serde(default)] point: Option<PointId>,
        /// The unit; or else name a point.
        #[serde(default)] unit: Option<UnitId>,
        /// Why.
        reason: ShelfReason,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// Until when.
        until: Time,
    }
    /// Ends a suppression.
    UnsuppressSource "unsuppress_source" {
        /// Which.
        suppression: SuppressionId,
    }
    /// Takes it off the shelf.
    UnshelveTechnical "unshelve_technical" {
        /// Which.
        technical: TechnicalId,
    }
    /// Clears it.
    ClearTechnical "clear_technical" {
        /// Which.
        technical: TechnicalId,
    }
    /// 接手.
    ClaimIncident "claim_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen: two who race for one see one winner.
        #[serde(default)] expected_version: Option<u32>,
        /// Taken over from the seat that holds it.
        #[serde(default)] take_over: bool,
    }
    /// Type and priority.
    ClassifyIncident "classify_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Type.
        #[serde(default)] incident_type: Option<TypeCode>,
        /// Priority.
        #[serde(default)] priority: Option<Priority>,
    }
    /// A new place: 补充警情 to every assigned unit.
    MoveIncident "move_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Where it is.
        place: Place,
    }
    /// 备注. With `danger` it is 补充警情 and is signed again by every assigned unit.
    NoteIncident "note_incident" {
        /// Which.
        incident: IncidentId,
        /// The text.
        words: WordsId,
        /// A new danger.
        #[serde(default)] danger: bool,
        /// 报警人撤销: the caller withdrew; a note, never a close.
        #[serde(default)] caller_withdrew: bool,
    }
    /// 关联.
    LinkIncidents "link_incidents" {
        /// One.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// The other.
        other: IncidentId,
        /// How; `related` from outside.
        #[serde(default = "related")] kind: LinkKind,
    }
    /// 合并: `incident` is replaced by `into`; its open orders go over.
    MergeIncident "merge_incident" {
        /// Which ends.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Which remains.
        into: IncidentId,
        /// The version of that one on screen.
        #[serde(default)] into_version: Option<u32>,
    }
    /// 拆分: some alarms become an incident of their own.
    SplitIncident "split_incident" {
        /// From which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// The alarms that go.
        alarms: Vec<AlarmId>,
        /// Place of the new one; the first alarm's when absent.
        #[serde(default)] place: Option<Place>,
    }
    /// 撤销.
    CancelIncident "cancel_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Why.
        reason: CancelReason,
    }
    /// 办结: needs an accepted result and no open order.
    CloseIncident "close_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
    }
    /// 重新处置: within the archive time the same incident, later a new one REPLACING it.
    ReopenIncident "reopen_incident" {
        /// Which.
        incident: IncidentId,
        /// Why.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Looks for units anew: those that were proposed may be busy by now. What the operator goes by is recorded.
    RenewRecommendation "renew_recommendation" {
        /// Of which.
        incident: IncidentId,
    }
    /// 移交 to another desk, or 提级指挥 when the desk is the parent of the present one and asks itself.
    HandOverIncident "hand_over_incident" {
        /// Which.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// To which desk.
        desk: DeskId,
    }
    /// 派警, 下派, 转出: gives an incident to targets, all or none.
    Dispatch "dispatch" {
        /// Which incident.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// To whom.
        targets: Vec<Target>,
        /// The recommendation on screen.
        #[serde(default)] recommendation: Option<RecommendationId>,
        /// Why it is overruled.
        #[serde(default)] override_reason: Option<OverrideReason>,
        /// More about why, as a words record.
        #[serde(default)] words: Option<WordsId>,
        /// Behind the unit's active order instead of refusing a busy unit.
        #[serde(default)] stack: bool,
        /// 改派: draws a busy unit from the order it has; it stays there until it signs this one.
        #[serde(default)] divert: bool,
        /// The second key: overlapping ETAs, an uncertain place or a sensitive type were seen.
        #[serde(default)] confirmed: bool,
        /// The order given to this desk that this one carries on.
        #[serde(default)] parent: Option<OrderId>,
    }
    /// 停止自动派警: the announced automatic order is not given; the incident waits for a person.
    StopAutomaticOrder "stop_automatic_order" {
        /// Which incident.
        incident: IncidentId,
    }
    /// The link reports an order handed over to a device, or the target's progress: 签收, 出发, 集结, 到达, 完成.
    AdvanceOrder "advance_order" {
        /// Which.
        order: OrderId,
        /// The state reached.
        state: OrderState,
        /// When, by the clock of whoever says so; now when absent.
        #[serde(default)] at: Option<Time>,
        /// Who says so.
        source: StampSource,
        /// By what way it was heard, for what is said by voice (代签收).
        #[serde(default)] voice: Option<VoiceWay>,
        /// Why, for 无法执行 and 中断.
        #[serde(default)] reason: Option<EndReason>,
        /// What was said with it, and by whom where the target did not speak itself, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// 撤回: a sent order is recalled and the recall is signed.
    RecallOrder "recall_order" {
        /// Which.
        order: OrderId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Why.
        reason: EndReason,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Signs a recall or a 补充警情.
    SignNotice "sign_notice" {
        /// Which order.
        order: OrderId,
        /// Who says so.
        source: StampSource,
        /// When, by the clock of whoever says so; now when absent.
        #[serde(default)] at: Option<Time>,
        /// By what way it was heard, when an operator types what was said, as in `advance_order`.
        #[serde(default)] voice: Option<VoiceWay>,
        /// What was said with it, and by whom where the target did not speak itself, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// 平安确认.
    ConfirmLife "confirm_life" {
        /// Which order.
        order: OrderId,
        /// Who says so.
        source: StampSource,
        /// When, by the clock of whoever says so; now when absent.
        #[serde(default)] at: Option<Time>,
        /// By what way it was heard, when an operator types what was said, as in `advance_order`.
        #[serde(default)] voice: Option<VoiceWay>,
        /// What was said with it, and by whom where the target did not speak itself, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Releases the caller's number or name for one order, to be shown to its unit only (D13).
    ReleaseCaller "release_caller" {
        /// Which order.
        order: OrderId,
        /// The version of the order on screen.
        #[serde(default)] expected_version: Option<u32>,
    }
    /// 反馈.
    GiveFeedback "give_feedback" {
        /// Which incident.
        incident: IncidentId,
        /// On which order.
        #[serde(default)] order: Option<OrderId>,
        /// What it is.
        kind: FeedbackKind,
        /// The result, for that kind.
        #[serde(default)] disposition: Option<Disposition>,
        /// What was said.
        #[serde(default)] words: Option<WordsId>,
    }
    /// 审核通过 or 退回补正.
    ReviewFeedback "review_feedback" {
        /// Which incident.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Which feedback.
        feedback: FeedbackId,
        /// Accepted.
        accept: bool,
        /// Why it is returned.
        #[serde(default)] reason: Option<ReturnReason>,
        /// What is to be put right, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// 上勤 / 下勤.
    SetDuty "set_duty" {
        /// Which unit.
        unit: UnitId,
        /// To what.
        duty: Duty,
    }
    /// 停用, or back when no reason is given.
    SetService "set_service" {
        /// Which unit.
        unit: UnitId,
        /// Why it is out of service.
        #[serde(default)] out_of_service: Option<ServiceReason>,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Back at beat or base.
    ReportBack "report_back" {
        /// Which unit.
        unit: UnitId,
    }
    /// Asks another desk for a unit.
    RequestSupport "request_support" {
        /// Which unit.
        unit: UnitId,
        /// For which incident.
        incident: IncidentId,
    }
    /// Grants, refuses or (parent desk, priority 1, after the time) takes.
    AnswerSupport "answer_support" {
        /// Which request.
        support: SupportId,
        /// Granted.
        grant: bool,
        /// Why it is refused.
        #[serde(default)] reason: Option<SupportReason>,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Gives the unit back to its own desk.
    EndSupport "end_support" {
        /// Which request.
        support: SupportId,
    }
    /// 交接班: offers all that a seat has open to another of its desk.
    HandOverShift "hand_over_shift" {
        /// From.
        from: SeatId,
        /// To.
        to: SeatId,
    }
    /// The seat that a shift was offered to signs for it, or does not.
    AnswerShift "answer_shift" {
        /// The seat that offered.
        from: SeatId,
        /// Whether it is signed for.
        accept: bool,
    }
    /// Adopts a region package; its content commits with it.
    AdoptRegion "adopt_region" {
        /// Content hash of the package, hex.
        hash: String,
        /// What it brings.
        register: Box<Register>,
        /// Duty units begin with, where not on call.
        #[serde(default)] duties: Vec<(UnitId, Duty)>,
    }
    /// Registers a unit, or changes its entry.
    RegisterUnit "register_unit" {
        /// Its id.
        unit: UnitId,
        /// What it is. The slot is given by the centre.
        entry: UnitEntry,
    }
    /// Takes a unit out of the register; it is kept, marked retired.
    RetireUnit "retire_unit" {
        /// Which.
        unit: UnitId,
    }
    /// Registers an alarm point, or changes its entry.
    RegisterPoint "register_point" {
        /// Its id.
        point: PointId,
        /// What it is.
        entry: PointEntry,
    }
    /// Takes a point out of the register; an alarm from it is still taken.
    RetirePoint "retire_point" {
        /// Which.
        point: PointId,
    }
    /// Test window 测试时段 of a point; ends by itself.
    SetTestWindow "set_test_window" {
        /// Which.
        point: PointId,
        /// Until when.
        until: Time,
    }
    /// Allows automatic orders for a type with a countdown, or forbids them without one (D14).
    SetAutomatic "set_automatic" {
        /// Which type.
        incident_type: TypeCode,
        /// How long an announced order can be stopped, milliseconds; none forbids.
        #[serde(default)] countdown_ms: Option<u32>,
    }
    /// Changes the timers, everywhere or in areas of one class.
    SetTimers "set_timers" {
        /// In areas of this class; everywhere else when absent.
        #[serde(default)] area_class: Option<AreaClassCode>,
        /// To these.
        timers: Timers,
    }
    /// Erases words: text and salt go, the journal says so (D12).
    EraseWords "erase_words" {
        /// Which.
        words: Vec<WordsId>,
        /// Why.
        reason: ErasureReason,
    }
    /// Lets time pass: whatever is due happens. A tick that changes nothing writes nothing (D7).
    Tick "tick" {}
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

fn related() -> LinkKind {
    LinkKind::Related
}
