//! The read model as one pure function of records and views, shared by every database (D4). A verification makes it
//! again from the journal and compares.

use dispatch_core::event::{AlarmAnswered, AlarmArchived, AlarmRaised, AlarmRepeated, AlarmSaved, AlarmSettled, AutomaticOrderAnnounced, AutomaticOrderEnded, CallBackClosed, CallerReleased, DuplicatesOffered, DutySet, FeedbackGiven, FeedbackReviewed, IncidentArchived, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed, IncidentCreated, IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened, IncidentReplaced, IncidentSilenced, IncidentSplit, IncidentsLinked, LifeConfirmed, NoticeSigned, OrderAdvanced, OrderCreated, OrderRecalled, OrderUnstacked, PointRegistered, PointRetired, RecommendationRecorded, RegionAdopted, ServiceSet, ShiftHandoverAccepted, ShiftHandoverEnded, ShiftHandoverOffered, SourceSuppressed, SourceUnsuppressed, SupportEnded, SupportGranted, SupportRefused, SupportRequested, TechnicalCleared, TechnicalRaised, TechnicalRepeated, TechnicalShelved, TechnicalUnshelved, TimerExpired, UnitBack, UnitRegistered, UnitRetired};
use dispatch_core::event::{Event, Record};
use dispatch_core::kernel::id::PointId;
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::kernel::timer::TimerKey;
use dispatch_core::register::PointEntry;
use dispatch_core::response::order::Order;
use dispatch_core::view::{TechnicalView, View};
use serde::Serialize;

use crate::journal::word;
use crate::query::EntityRow;

/// The kind of an alarm point's row.
const POINT: &str = "point";

/// What one commit changes in the read model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Entities as they are now: insert or replace.
    pub entities: Vec<EntityRow>,
    /// Entities that left live state: kept, marked so.
    pub gone: Vec<Departure>,
    /// Which records are about which entities.
    pub timeline: Vec<TimelineRow>,
}

/// An entity that left live state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// What it is.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// A record is about an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TimelineRow {
    /// What the entity is.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The record.
    pub seq: u64,
}

/// What a commit changes. Pure: the same records and views give the same rows.
pub fn rows(records: &[Record], views: &[View]) -> Rows {
    let mut rows = Rows::default();
    for view in views {
        match view {
            View::Gone(gone) => rows.gone.push(Departure { kind: gone.of.clone(), id: gone.id.clone() }),
            view => rows.entities.extend(entity(view)),
        }
    }
    for record in records {
        let mut about = subjects(&record.event);
        about.sort();
        about.dedup();
        rows.timeline.extend(about.into_iter().map(|(kind, id)| TimelineRow {
            kind: kind.into(),
            id,
            seq: record.seq,
        }));
        points(&record.event, &mut rows);
    }
    // Whoever gives a unit up is written before whoever takes it.
    rows.entities.sort_by_key(|row| row.holds.is_some());
    rows
}

/// Alarm points, which have no view: the event alone says what stands where.
fn points(event: &Event, rows: &mut Rows) {
    match event {
        Event::RegionAdopted(RegionAdopted { register, .. }) => {
            // The last word of a commit stands: a row is written once.
            rows.entities.retain(|row| row.kind != POINT);
            rows.gone.retain(|gone| gone.kind != POINT);
            rows.entities.extend(register.points.iter().map(|(id, entry)| point(id, entry)));
        }
        Event::PointRegistered(PointRegistered { point: id, entry }) => {
            let row = point(id, entry);
            rows.entities.retain(|other| other.kind != POINT || other.id != row.id);
            rows.gone.retain(|gone| gone.kind != POINT || gone.id != row.id);
            rows.entities.push(row);
        }
        Event::PointRetired(PointRetired { point: id }) => {
            let written = rows.entities.iter_mut().find(|row| row.kind == POINT && row.id == id.as_str());
            match written {
                Some(row) => row.alive = false,
                None => rows.gone.push(Departure { kind: POINT.into(), id: id.to_string() }),
            }
        }
        _ => {}
    }
}

fn point(id: &PointId, entry: &PointEntry) -> EntityRow {
    EntityRow {
        kind: POINT.into(),
        id: id.to_string(),
        area: prefix(&entry.area),
        state: "registered".into(),
        version: 0,
        mode: Mode::Actual,
        number: Some(entry.number.clone()),
        desk: None,
        incident: None,
        holds: None,
        place: Some(entry.at),
        opened_at: Time(0),
        ended_at: None,
        alive: !entry.retired,
        doc: serde_json::json!({ "kind": POINT, "view": entry }).to_string(),
    }
}

/// The unit an order holds.
fn held(order: &Order) -> Option<String> {
    let taken = order.diverted_from.is_none() || order.state.is_signed_open();
    let holds = taken && !order.stacked && order.state != OrderState::Queued && !order.state.is_ended();
    match &order.target {
        Target::Unit(unit) if holds => Some(unit.to_string()),
        _ => None,
    }
}

/// The columns of an entity that lists and cursors need; everything else is in `doc`.
fn entity(view: &View) -> Option<EntityRow> {
    let mut row = EntityRow {
        kind: view.kind().into(),
        id: view.id(),
        area: prefix(&view.area()),
        state: String::new(),
        version: 0,
        mode: view.mode(),
        number: None,
        desk: None,
        incident: None,
        holds: None,
        place: None,
        opened_at: Time(0),
        ended_at: None,
        alive: true,
        doc: serde_json::to_string(view).expect("a view has string keys and finite numbers only"),
    };
    match view {
        View::Alarm(view) => {
            row.state = word(&view.alarm.state);
            row.version = view.alarm.version;
            row.number = Some(view.alarm.number.clone());
            row.desk = Some(view.alarm.desk.to_string());
            row.incident = view
                .alarm
                .outcome
                .as_ref()
                .and_then(|outcome| outcome.incident)
                .map(|incident| incident.to_string());
            row.place = view.alarm.place.coord;
            row.opened_at = view.alarm.received_at;
            row.ended_at = view.alarm.settled_at;
        }
        View::Incident(view) => {
            row.state = word(&view.incident.state);
            row.version = view.incident.version;
            row.number = Some(view.incident.number.clone());
            row.desk = Some(view.incident.desk.to_string());
            row.incident = Some(view.incident.id.to_string());
            row.place = view.incident.place.coord;
            row.opened_at = view.incident.created_at;
            row.ended_at = view.incident.ended_at;
        }
        View::Order(view) => {
            row.state = word(&view.order.state);
            row.version = view.order.version;
            row.desk = Some(view.order.desk.to_string());
            row.incident = Some(view.order.incident.to_string());
            row.holds = held(&view.order);
            row.opened_at = view.order.created_at;
            row.ended_at = view
                .order
                .stamps
                .iter()
                .find(|stamp| stamp.state.is_ended() && !stamp.beside)
                .map(|stamp| stamp.at);
        }
        View::Unit(view) => {
            row.state = word(&view.status);
            row.version = view.unit.version;
            row.desk = Some(view.unit.desk.to_string());
        }
        View::Technical(TechnicalView { technical, suppressed }) => {
            let state = match (&technical.cleared_at, suppressed, &technical.shelf) {
                (Some(_), _, _) => "cleared",
                (None, Some(_), _) => "suppressed",
                (None, None, Some(_)) => "shelved",
                (None, None, None) => "open",
            };
            row.state = state.into();
            row.version = technical.version;
            row.opened_at = technical.first_at;
            row.ended_at = technical.cleared_at;
        }
        View::Recommendation(view) => {
            row.state = word(&view.recommendation.occasion);
            row.incident = Some(view.recommendation.incident.to_string());
            row.opened_at = view.recommendation.examination.at;
        }
        View::Support(support) => {
            row.state = word(&support.state);
            row.version = support.version;
            row.desk = Some(support.by.to_string());
            row.incident = Some(support.incident.to_string());
            row.opened_at = support.at;
        }
        View::Suppression(suppression) => {
            row.state = "open".into();
            row.opened_at = suppression.at;
        }
        View::Handover(handover) => {
            row.state = "offered".into();
            row.opened_at = handover.at;
        }
        View::Gone(_) => return None,
    }
    Some(row)
}

/// A path as a string of which every higher path is a string prefix.
pub fn prefix(path: &AreaPath) -> String {
    path.0.iter().fold(String::new(), |text, code| text + code.as_str() + "/")
}

/// The entities an event names, by the event alone: what replays the same is compared the same.
pub fn subjects(event: &Event) -> Vec<(&'static str, String)> {
    let alarm = |id: &dyn ToString| vec![("alarm", id.to_string())];
    let incident = |id: &dyn ToString| vec![("incident", id.to_string())];
    let order = |id: &dyn ToString| vec![("order", id.to_string())];
    let unit = |id: &dyn ToString| vec![("unit", id.to_string())];
    let technical = |id: &dyn ToString| vec![("technical", id.to_string())];
    let support = |id: &dyn ToString| vec![("support", id.to_string())];
    let orders =
        |ids: &[dispatch_core::kernel::id::OrderId]| ids.iter().flat_map(|id| order(id)).collect::<Vec<_>>();
    match event {
        Event::AlarmRaised(AlarmRaised { alarm: born, .. }) => alarm(&born.id),
        Event::AlarmRepeated(AlarmRepeated { alarm: id, .. })
        | Event::AlarmAnswered(AlarmAnswered { alarm: id, .. })
        | Event::AlarmSaved(AlarmSaved { alarm: id, .. })
        | Event::DuplicatesOffered(DuplicatesOffered { alarm: id, .. })
        | Event::CallBackClosed(CallBackClosed { alarm: id, .. })
        | Event::AlarmArchived(AlarmArchived { alarm: id, .. }) => alarm(id),
        Event::AlarmSettled(AlarmSettled { alarm: id, outcome, .. }) => {
            alarm(id).into_iter().chain(outcome.incident.iter().flat_map(|id| incident(id))).collect()
        }
        Event::TechnicalRaised(TechnicalRaised { technical: born, .. }) => technical(&born.id),
        Event::TechnicalRepeated(TechnicalRepeated { technical: id, .. })
        | Event::TechnicalShelved(TechnicalShelved { technical: id, .. })
        | Event::TechnicalUnshelved(TechnicalUnshelved { technical: id, .. })
        | Event::TechnicalCleared(TechnicalCleared { technical: id, .. }) => technical(id),
        Event::SourceSuppressed(SourceSuppressed { suppression }) | Event::SourceUnsuppressed(SourceUnsuppressed { suppression }) => {
            vec![("suppression", suppression.id.to_string())]
        }
        Event::IncidentCreated(IncidentCreated { incident: born, .. }) => incident(&born.id),
        Event::RecommendationRecorded(RecommendationRecorded { recommendation, .. }) => incident(&recommendation.incident),
        Event::IncidentClaimed(IncidentClaimed { incident: id, .. })
        | Event::IncidentClassified(IncidentClassified { incident: id, .. })
        | Event::IncidentCancelled(IncidentCancelled { incident: id, .. })
        | Event::IncidentClosed(IncidentClosed { incident: id, .. })
        | Event::IncidentReopened(IncidentReopened { incident: id, .. })
        | Event::IncidentArchived(IncidentArchived { incident: id, .. })
        | Event::IncidentHandedOver(IncidentHandedOver { incident: id, .. })
        | Event::AutomaticOrderAnnounced(AutomaticOrderAnnounced { incident: id, .. })
        | Event::AutomaticOrderEnded(AutomaticOrderEnded { incident: id, .. })
        | Event::FeedbackGiven(FeedbackGiven { incident: id, .. })
        | Event::FeedbackReviewed(FeedbackReviewed { incident: id, .. }) => incident(id),
        Event::IncidentMoved(IncidentMoved { incident: id, notified, .. })
        | Event::IncidentNoted(IncidentNoted { incident: id, notified, .. })
        | Event::IncidentSilenced(IncidentSilenced { incident: id, notified }) => {
            incident(id).into_iter().chain(orders(notified)).collect()
        }
        Event::IncidentsLinked(IncidentsLinked { incident: one, other, .. })
        | Event::IncidentReplaced(IncidentReplaced { incident: one, by: other, .. })
        | Event::IncidentSplit(IncidentSplit { incident: one, new: other, .. }) => [incident(one), incident(other)].concat(),
        Event::IncidentMerged(IncidentMerged { incident: one, into, orders: moved, .. }) => {
            [incident(one), incident(into), orders(moved)].concat()
        }
        Event::OrderCreated(OrderCreated { order: born, .. }) => {
            let target = match &born.target {
                Target::Unit(id) => unit(id),
                _ => Vec::new(),
            };
            [order(&born.id), incident(&born.incident), target].concat()
        }
        Event::OrderAdvanced(OrderAdvanced { order: id, .. })
        | Event::OrderUnstacked(OrderUnstacked { order: id, .. })
        | Event::OrderRecalled(OrderRecalled { order: id, .. })
        | Event::NoticeSigned(NoticeSigned { order: id, .. })
        | Event::LifeConfirmed(LifeConfirmed { order: id, .. })
        | Event::CallerReleased(CallerReleased { order: id, .. }) => order(id),
        Event::DutySet(DutySet { unit: id, .. })
        | Event::ServiceSet(ServiceSet { unit: id, .. })
        | Event::UnitBack(UnitBack { unit: id, .. })
        | Event::UnitRegistered(UnitRegistered { unit: id, .. })
        | Event::UnitRetired(UnitRetired { unit: id, .. }) => unit(id),
        Event::SupportRequested(SupportRequested { support: born, .. }) => {
            [support(&born.id), incident(&born.incident), unit(&born.unit)].concat()
        }
        Event::SupportGranted(SupportGranted { support: id, .. })
        | Event::SupportRefused(SupportRefused { support: id, .. })
        | Event::SupportEnded(SupportEnded { support: id, .. }) => support(id),
        Event::ShiftHandoverOffered(ShiftHandoverOffered { handover }) => vec![("handover", handover.id.to_string())],
        Event::ShiftHandoverEnded(ShiftHandoverEnded { handover, .. }) => vec![("handover", handover.to_string())],
        Event::ShiftHandoverAccepted(ShiftHandoverAccepted { handover, incidents, orders: given, .. }) => {
            let handover = vec![("handover", handover.to_string())];
            [handover, incidents.iter().flat_map(|id| incident(id)).collect(), orders(given)].concat()
        }
        Event::TimerExpired(TimerExpired { timer, .. }) => vec![waited_for(timer)],
        Event::JournalOpened { .. }
        | Event::RegionAdopted { .. }
        | Event::PointRegistered { .. }
        | Event::PointRetired { .. }
        | Event::TestWindowSet { .. }
        | Event::AutomaticSet { .. }
        | Event::TimersSet { .. }
        | Event::WordsErased { .. } => Vec::new(),
    }
}

/// What a timer waits for.
fn waited_for(timer: &TimerKey) -> (&'static str, String) {
    match timer {
        TimerKey::Answer(id) | TimerKey::Settle(id) | TimerKey::CallBack(id) | TimerKey::AlarmArchive(id) => {
            ("alarm", id.to_string())
        }
        TimerKey::Claim(id) | TimerKey::FirstOrder(id) | TimerKey::Automatic(id) | TimerKey::Archive(id) => {
            ("incident", id.to_string())
        }
        TimerKey::Delivered(id)
        | TimerKey::Signed(id)
        | TimerKey::Departed(id)
        | TimerKey::Arrival(id)
        | TimerKey::SignOfLife(id)
        | TimerKey::Feedback(id)
        | TimerKey::Notice(id) => ("order", id.to_string()),
        TimerKey::Support(id) => ("support", id.to_string()),
        TimerKey::Shelf(id) => ("technical", id.to_string()),
        TimerKey::Suppression(id) => ("suppression", id.to_string()),
    }
}
