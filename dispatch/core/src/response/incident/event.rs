//! What has happened to incidents.

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{
    AlarmId, DeskId, IncidentId, OrderId, RecommendationId, SeatId, SupportId, TypeCode, WordsId,
};
use crate::kernel::kind::{Mode, Priority, vocabulary};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::recommendation::Occasion;
use crate::kernel::time::{LocalDay, Time};
use crate::response::order::event::Eta;
use crate::response::recommended::examined::Examined;

vocabulary! {
    /// How two incidents belong together.
    LinkKind {
        /// 关联: they have to do with each other, no more.
        Related,
        /// This one was merged into the other.
        ReplacedBy,
        /// The other was merged into this one, or this one reopens it.
        Replacing,
        /// 拆分: this one was split from the other.
        SplitFrom,
        /// The other was split from this one.
        SplitInto,
    }
    /// Why an incident was cancelled.
    CancelReason {
        /// Nobody found anything to deal with.
        NothingFound,
        /// 误报: the alarm was false.
        FalseAlarm,
        /// The incident was made by mistake.
        Mistake,
        /// Passed to another agency.
        Transferred,
        /// Test or exercise over.
        ExerciseOver,
    }
}

events! {
    ($) incident_events

    /// An incident was made.
    IncidentCreated "incident_created" (Made incident, carries mode) {
        /// Its id, given by the centre.
        incident: IncidentId,
        /// The number it was given: desk code, local day, serial.
        number: String,
        /// The day that number belongs to.
        day: LocalDay,
        /// Actual, exercise or test.
        mode: Mode,
        /// 主责单位: the desk that is responsible for it.
        desk: DeskId,
        /// Codes from the league down.
        area: AreaPath,
        /// Where it happened, as far as known.
        place: Place,
        /// The type, once known.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// How long it takes precedence.
        priority: Priority,
        /// The alarms that tell of it, in the order they came.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] alarms: Vec<AlarmId>,
        /// When the first of them was received.
        received_at: Time,
        /// An SOS tells of it: it is shown first.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] sos: bool,
        /// 静默: a silent alarm tells of it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] silent: bool,
        /// The archived incident that it takes up again.
        #[serde(default, skip_serializing_if = "Option::is_none")] replacing: Option<IncidentId>,
        /// Why that is taken up again.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// A recommendation was recorded with its evidence.
    RecommendationRecorded "recommendation_recorded" (Made recommendation, Changed incident) {
        /// Its id, given by the centre.
        recommendation: RecommendationId,
        /// The incident that units were sought for.
        incident: IncidentId,
        /// What it was recorded on: a change, a dispatch, an override.
        occasion: Occasion,
        /// The policy that ranked, and its version, so that older records stay computable.
        policy: String,
        /// What it rests on; every candidate stands here once.
        examination: Box<Examined>,
        /// Who is proposed for which need line: the place in the order of rank, from 0, and the line.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] proposed: Vec<(u16, u8)>,
    }
    /// 接手: a seat took the incident as its own.
    IncidentClaimed "incident_claimed" (Changed incident) ends countdown {
        /// The incident that was claimed.
        incident: IncidentId,
        /// The seat that holds it from now on.
        seat: SeatId,
    }
    /// Type or priority changed.
    IncidentClassified "incident_classified" (Changed incident) ends countdown {
        /// The incident that was classified.
        incident: IncidentId,
        /// The type it has from now on; absent while unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// The priority it has from now on.
        priority: Priority,
    }
    /// A new place; `notified` orders have 补充警情 to sign.
    IncidentMoved "incident_moved"
        (Changed incident, Told all notified, shows RecommendationsOf incident, shows OrdersOf incident) ends countdown {
        /// The incident that moved.
        incident: IncidentId,
        /// Where it is from now on.
        place: Place,
        /// Codes from the league down of the new place.
        area: AreaPath,
        /// Orders whose targets have to sign the new place.
        notified: Vec<OrderId>,
        /// When units on their way are expected there; an open order that is not listed has no ETA any more.
        #[serde(default)] etas: Vec<Eta>,
    }
    /// 备注: a note was made; `notified` orders have 补充警情 to sign.
    IncidentNoted "incident_noted" (Changed incident, Told all notified) ends countdown {
        /// The incident that was noted on.
        incident: IncidentId,
        /// The note, as a words record.
        words: WordsId,
        /// The note tells of a new danger to those who come.
        danger: bool,
        /// 报警人撤销: the note says that the caller withdrew.
        caller_withdrew: bool,
        /// Orders whose targets have to sign the danger; empty without one.
        notified: Vec<OrderId>,
    }
    /// 静默: a silent alarm tells of it; its open orders are approached silently, and `notified` sign that.
    IncidentSilenced "incident_silenced" (Changed incident, Told all notified, shows OrdersOf incident) {
        /// The incident that a silent alarm tells of.
        incident: IncidentId,
        /// Orders whose targets have to sign that they come quietly.
        notified: Vec<OrderId>,
    }
    /// Two incidents belong together; the other carries the mirrored link.
    IncidentsLinked "incidents_linked" (Changed incident, Changed other) {
        /// The incident from which the link is seen.
        incident: IncidentId,
        /// The incident at the other end of the link.
        other: IncidentId,
        /// How, seen from the first.
        kind: LinkKind,
    }
    /// An incident was merged into another; its alarms and open orders went over, and `notified` orders have 补充警情
    /// to sign: they serve another incident now.
    IncidentMerged "incident_merged"
        (Changed into, Changed incident, Changed all orders, shows OrdersOf incident, shows AlarmsOf into,
        shows SupportsOf into) ends countdown {
        /// The incident that ended.
        incident: IncidentId,
        /// The incident that goes on.
        into: IncidentId,
        /// The orders that went over.
        orders: Vec<OrderId>,
        /// Where the one that remains lies: orders that went over belong there.
        area: AreaPath,
        /// The higher of the two priorities.
        priority: Priority,
        /// Orders whose targets have to sign that they serve the other incident.
        notified: Vec<OrderId>,
        /// When the units that went over are expected; one that is not listed has no ETA any more.
        etas: Vec<Eta>,
    }
    /// Alarms left an incident for one of their own, made just before.
    IncidentSplit "incident_split" (Changed new, Changed incident, Changed all alarms) {
        /// The incident that the alarms left.
        incident: IncidentId,
        /// The incident that was made of them.
        new: IncidentId,
        /// The alarms that went to the new one.
        alarms: Vec<AlarmId>,
    }
    /// 撤销: the incident ended without a result.
    IncidentCancelled "incident_cancelled"
        (Changed incident, shows CallersOf incident, shows OrdersOf incident) ends countdown {
        /// The incident that was cancelled.
        incident: IncidentId,
        /// Why it was cancelled.
        reason: CancelReason,
    }
    /// 办结: the incident ended on an accepted result.
    IncidentClosed "incident_closed"
        (Changed incident, shows CallersOf incident, shows OrdersOf incident) ends countdown {
        /// The incident that was closed.
        incident: IncidentId,
    }
    /// 重新处置: an ended incident was taken up again within the archive time.
    IncidentReopened "incident_reopened"
        (Changed incident, shows CallersOf incident, shows OrdersOf incident) {
        /// The incident that was taken up again.
        incident: IncidentId,
        /// Why, as a words record; absent when nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// An archived incident was taken up again: one made just before REPLACES it (D11).
    IncidentReplaced "incident_replaced" (Changed by, Named incident, carries mode) {
        /// The archived incident, which stays as it ended.
        incident: IncidentId,
        /// The new incident, which goes on in its place.
        by: IncidentId,
        /// Codes from the league down of where the archived one was.
        area: AreaPath,
        /// Mode of the archived one: actual, exercise or test.
        mode: Mode,
    }
    /// It left live state with all that belongs to it; the journal and the read model keep it (D11).
    IncidentArchived "incident_archived" {
        /// The incident that left.
        incident: IncidentId,
        /// Codes from the league down of where it was.
        area: AreaPath,
        /// The incident's mode: actual, exercise or test.
        mode: Mode,
        /// The alarms that go with it.
        alarms: Vec<AlarmId>,
        /// The orders that go with it.
        orders: Vec<OrderId>,
        /// Recommendations recorded for it.
        recommendations: Vec<RecommendationId>,
        /// Support requests made for it.
        supports: Vec<SupportId>,
    }
    /// The responsible desk changed: 移交, or 提级指挥.
    IncidentHandedOver "incident_handed_over" (Changed incident) ends countdown {
        /// The incident that changed hands.
        incident: IncidentId,
        /// The desk that is responsible from now on.
        desk: DeskId,
        /// 提级指挥: a desk above took it up itself.
        taken_up: bool,
    }
}

impl Fact for IncidentArchived {
    fn about(&self) -> About {
        // A support request concerns everybody, and so does its going.
        About::gone(self.incident, &self.area)
            .each(&self.alarms, &Fate::Gone(self.area.clone()))
            .each(&self.orders, &Fate::Gone(self.area.clone()))
            .each(&self.recommendations, &Fate::Gone(self.area.clone()))
            .each(&self.supports, &Fate::Gone(AreaPath::default()))
            .of_mode(self.mode)
    }
}
