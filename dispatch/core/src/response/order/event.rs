//! What has happened to orders.

use serde::{Deserialize, Serialize};

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{ActorId, DeskId, IncidentId, OrderId, RecommendationId, SeatId, WordsId};
use crate::kernel::kind::{Mode, OrderState, vocabulary};
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::kernel::time::Time;

vocabulary! {
    /// Why an order is recalled, or ended without having been carried out.
    EndReason {
        /// The vehicle broke down.
        Vehicle,
        /// The road is impassable.
        Road,
        /// Short of fuel.
        Fuel,
        /// The target is too far away.
        Far,
        /// The crew cannot.
        Crew,
        /// At another call already.
        Engaged,
        /// No longer needed.
        NotNeeded,
        /// Given by mistake.
        Mistaken,
        /// The target could not be reached.
        Unreachable,
        /// By the centre: nobody signed it in time.
        NotSigned,
        /// By the centre: the unit signed the order it was diverted to.
        Diverted,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// Why a recommendation is overruled.
    OverrideReason {
        /// A recommended unit cannot go or does not answer.
        UnitUnavailable,
        /// Somebody is nearer than the centre knows.
        Nearer,
        /// The unit that is sent knows the place or the people.
        LocalKnowledge,
        /// The unit is kept back for its own area.
        Coverage,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// The way in which something said by voice was heard.
    VoiceWay {
        /// Heard by radio.
        Radio,
        /// Heard by phone.
        Phone,
        /// Said face to face.
        InPerson,
    }
    /// What it comes from: the unit's device, voice, an operator, the centre.
    StampSource {
        /// The unit's own device.
        Device,
        /// By voice, typed by an operator.
        Voice,
        /// The operator's own act.
        Operator,
        /// The centre itself: a consequence of something else, or a timer.
        System,
    }
}

/// When a state was reached and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Stamp {
    /// The state the order came to.
    pub state: OrderState,
    /// When, by the clock of whoever says so.
    pub at: Time,
    /// When the centre heard.
    pub received_at: Time,
    /// What it comes from: the unit's device, voice, an operator, the centre.
    pub source: StampSource,
    /// The account, device or source that says so.
    pub by: ActorId,
    /// 代签收: how it was heard, when an operator typed what was said; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<VoiceWay>,
    /// What was said with it, and by whom if the target did not speak itself, as a words record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
    /// Came after a stamp of the same state, or after the end: kept beside, changes nothing.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub beside: bool,
}

/// Something said about an order that brings it to no new state: when, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Said {
    /// When, by the clock of whoever says so.
    pub at: Time,
    /// When the centre heard.
    pub received_at: Time,
    /// What it comes from: the unit's device, voice, an operator, the centre.
    pub source: StampSource,
    /// The account, device or source that says so.
    pub by: ActorId,
    /// 代签收: how it was heard, when an operator typed what was said; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<VoiceWay>,
    /// What was said with it, and by whom if the target did not speak itself, as a words record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
}

/// When a unit is expected at the place that needs it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Eta {
    /// The order the unit is on.
    pub order: OrderId,
    /// Best estimate, milliseconds.
    pub eta_ms: u32,
    /// High estimate, milliseconds.
    pub eta_high_ms: u32,
}

events! {
    ($) order_events

    /// An order was written.
    OrderCreated "order_created" ends countdown {
        /// Its id, given by the centre.
        order: OrderId,
        /// The incident it is given for.
        incident: IncidentId,
        /// Mode of the incident: actual, exercise or test.
        mode: Mode,
        /// Codes from the league down of the incident.
        area: AreaPath,
        /// The unit, desk or agency it goes to.
        target: Target,
        /// The order given to the desk that gives this one.
        #[serde(default, skip_serializing_if = "Option::is_none")] parent: Option<OrderId>,
        /// The desk that gives it.
        desk: DeskId,
        /// The seat that gives it; none for an automatic order.
        #[serde(default, skip_serializing_if = "Option::is_none")] seat: Option<SeatId>,
        /// What the operator saw.
        #[serde(default, skip_serializing_if = "Option::is_none")] recommendation: Option<RecommendationId>,
        /// Rank in it, from 1; none if it was not among the candidates.
        #[serde(default, skip_serializing_if = "Option::is_none")] rank: Option<u16>,
        /// Why the recommendation was overruled.
        #[serde(default, skip_serializing_if = "Option::is_none")] override_reason: Option<OverrideReason>,
        /// More about why, as a words record; absent when nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] override_words: Option<WordsId>,
        /// The order this unit is drawn from: it stays there until it signs this one.
        #[serde(default, skip_serializing_if = "Option::is_none")] diverted_from: Option<OrderId>,
        /// It waits behind the unit's active order.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] stacked: bool,
        /// ETA, best estimate, milliseconds; 0 is not known.
        #[serde(default)] eta_ms: u32,
        /// ETA, high estimate, milliseconds; 0 is not known.
        #[serde(default)] eta_high_ms: u32,
        /// 静默: come without siren or radio talk.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] silent: bool,
    }
    /// An order came to a state, or a late stamp was kept beside.
    OrderAdvanced "order_advanced" (Changed order) {
        /// The order that was reported on.
        order: OrderId,
        /// When and who says so.
        stamp: Stamp,
        /// Why, where a reason is needed; what was said with it is in the stamp.
        #[serde(default, skip_serializing_if = "Option::is_none")] reason: Option<EndReason>,
    }
    /// A stacked order became the unit's next: it is sent now.
    OrderUnstacked "order_unstacked" (Changed order) {
        /// The order that is sent now.
        order: OrderId,
    }
    /// 撤回: the recall is on its way and has to be signed.
    OrderRecalled "order_recalled" (Changed order) {
        /// The order that was recalled.
        order: OrderId,
        /// Why it was recalled.
        reason: EndReason,
        /// More about why, as a words record; absent when nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// A recall or a 补充警情 was signed.
    NoticeSigned "notice_signed" (Changed order) {
        /// The order whose recall or supplement was signed.
        order: OrderId,
        /// When and who says so.
        said: Said,
    }
    /// 平安确认: the crew said that it is safe.
    LifeConfirmed "life_confirmed" (Changed order) {
        /// The order the crew is on.
        order: OrderId,
        /// When and who says so.
        said: Said,
    }
    /// The caller's number or name was released for one order, to be shown to its unit only (D13).
    CallerReleased "caller_released" (Changed order) {
        /// The order whose unit may see it.
        order: OrderId,
        /// The words records that the unit may see.
        words: Vec<WordsId>,
    }
}

impl Fact for OrderCreated {
    fn about(&self) -> About {
        let about = About::made(self.order).and(self.incident, Fate::Changed).of_mode(self.mode);
        match &self.target {
            Target::Unit(unit) => about.and(unit.clone(), Fate::Changed),
            Target::Desk(_) | Target::Agency(_) => about,
        }
    }
}
