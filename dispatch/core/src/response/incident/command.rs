//! What can be asked about incidents.

use crate::contexts::commands;
use crate::kernel::id::{AlarmId, DeskId, IncidentId, TypeCode, WordsId};
use crate::kernel::kind::Priority;
use crate::kernel::place::Place;
use crate::response::incident::{CancelReason, LinkKind};

commands! {
    ($) incident_commands

    /// Claims it for the seat.
    ///
    /// 接手: the seat takes the incident as its own.
    ClaimIncident claim_incident (post "incidents" {incident} "claim" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident) {
        /// The incident that is claimed.
        incident: IncidentId,
        /// The version on screen, so that of two who race for it one wins; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// Takes it over from the seat that holds it.
        #[serde(default)] take_over: bool,
    }
    /// Sets type and priority.
    ClassifyIncident classify_incident (post "incidents" {incident} "classify" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident; seeks units) {
        /// The incident that is classified.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// Its type; absent leaves it as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident_type: Option<TypeCode>,
        /// Its priority; when absent the given type's own, or as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")] priority: Option<Priority>,
    }
    /// Gives it a new place; every assigned unit is told and signs again.
    ///
    /// A new place: 补充警情 to every assigned unit.
    MoveIncident move_incident (post "incidents" {incident} "move" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident; seeks units) {
        /// The incident that moves.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// Where the incident is from now on.
        place: Place,
    }
    /// Notes something; a new danger is signed again by every assigned unit.
    ///
    /// 备注. With `danger` it is 补充警情 and is signed again by every assigned unit.
    NoteIncident note_incident (post "incidents" {incident} "note" on incident; text Must; by CallTaker over Told(incident)) {
        /// The incident that is noted on.
        incident: IncidentId,
        /// The note, as a words record.
        words: WordsId,
        /// The note tells of a new danger to those who come.
        #[serde(default)] danger: bool,
        /// 报警人撤销: the caller withdrew; a note, never a close.
        #[serde(default)] caller_withdrew: bool,
    }
    /// Links it with another.
    ///
    /// 关联: two incidents have to do with each other, and each goes on by itself.
    LinkIncidents link_incidents (post "incidents" {incident} "link" on incident; text No; by Dispatcher over Incident(incident) and Other(other); seen expected_version of incident) {
        /// The incident on screen, from which the link is seen.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The incident it is linked with.
        other: IncidentId,
        /// How; `related` from outside.
        #[serde(default = "related")] kind: LinkKind,
    }
    /// Merges it into another; its open orders go over.
    ///
    /// 合并: `incident` is replaced by `into`; its open orders go over.
    MergeIncident merge_incident (post "incidents" {incident} "merge" on incident; text No; by Dispatcher over Incident(incident) and Other(into); seen expected_version of incident and into_version of into; seeks units) {
        /// The incident that ends.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The incident that goes on with the alarms and open orders of both.
        into: IncidentId,
        /// The version of `into` on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] into_version: Option<u32>,
    }
    /// Makes some of its alarms an incident of their own.
    ///
    /// 拆分: some alarms become an incident of their own.
    SplitIncident split_incident (post "incidents" {incident} "split" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident; seeks units) {
        /// The incident that the alarms leave.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The alarms that go.
        alarms: Vec<AlarmId>,
        /// Place of the new one; the first alarm's when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<Place>,
    }
    /// Cancels it; refused while an order is open.
    ///
    /// 撤销: the incident ends without a result.
    CancelIncident cancel_incident (post "incidents" {incident} "cancel" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident) {
        /// The incident that is cancelled.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// Why it is cancelled.
        reason: CancelReason,
    }
    /// Closes it; needs an accepted result and no open order.
    ///
    /// 办结: needs an accepted result and no open order.
    CloseIncident close_incident (post "incidents" {incident} "close" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident) {
        /// The incident that is closed.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
    }
    /// Takes it up again.
    ///
    /// 重新处置: within the archive time the same incident, later a new one REPLACING it.
    ReopenIncident reopen_incident (post "incidents" {incident} "reopen" on incident; text May; by Dispatcher over Ended(incident); seeks units) {
        /// The incident that is taken up again, archived or not.
        incident: IncidentId,
        /// Why it is taken up again, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Looks for units anew and records what is recommended now.
    ///
    /// Looks for units anew: those that were proposed may be busy by now. What the operator goes by is recorded.
    RenewRecommendation renew_recommendation (post "incidents" {incident} "renew" on incident; text No; by Dispatcher over Carried(incident); seeks units) {
        /// The incident that needs units.
        incident: IncidentId,
    }
    /// Hands the responsibility to another desk.
    ///
    /// 移交 to another desk, or 提级指挥 when the desk is the parent of the present one and asks itself.
    HandOverIncident hand_over_incident (post "incidents" {incident} "hand-over" on incident; text No; by Dispatcher over Incident(incident); seen expected_version of incident) {
        /// The incident that changes hands.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The desk that becomes responsible for it.
        desk: DeskId,
    }
}

fn related() -> LinkKind {
    LinkKind::Related
}
