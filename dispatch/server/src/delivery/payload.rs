//! What a delivery says: the record's own facts, and the entities it is about as the read model has them when it is
//! sent, so that what is sent late says what holds then.
//!
//! **Absent on purpose**: words and whatever a person is known by (D12, D13): no actor, seat, caller, crew or note.

use dispatch_core::Coord;
use dispatch_core::event::{Event, OrderAdvanced, OrderCreated, OrderUnstacked, Record};
use dispatch_core::kernel::id::{
    AlarmId, AreaCode, DeskId, EntityId, IncidentId, JournalId, OrderId, PointId, TypeCode, UnitId,
};
use dispatch_core::kernel::kind::{IncidentState, Mode, OrderState, OutcomeKind, Priority};
use dispatch_core::kernel::place::{AreaPath, Place, PlaceKind};
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::{Alarm, AlarmSource, AlarmState};
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::{EndReason, Order};
use dispatch_core::view::View;
use dispatch_store::{AnyStore, ReadModel as _, StoreError};
use serde::Serialize;

use super::topic::Subjects;

/// Version of this form: fields are only added.
const V: u16 = 1;

/// The JSON body of a delivery to a sink.
#[derive(Debug, Serialize)]
pub struct SinkPayload {
    /// Actual, exercise or test: before everything else.
    mode: Mode,
    /// Version of this form.
    v: u16,
    /// The journal; with `seq` the key that repeats have in common.
    journal: JournalId,
    /// The record.
    seq: u64,
    /// Name of the event.
    event: &'static str,
    /// When the sender said it happened, microseconds.
    occurred_at: Time,
    /// When the centre decided, microseconds.
    recorded_at: Time,
    /// The state an order came to with this event.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_state: Option<OrderState>,
    /// Orders it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<OrderSeen>,
    /// The alarm it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<AlarmSeen>,
    /// What it is about, where that is none of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<EntitySeen>,
    /// The incident it is about, or that its orders serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentSeen>,
}

/// An entity of any other kind.
#[derive(Debug, Serialize)]
struct EntitySeen {
    kind: &'static str,
    id: String,
    /// None of what has left live state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own on the wire, as in the order itself"
)]
struct OrderSeen {
    id: OrderId,
    version: u32,
    state: OrderState,
    target: Target,
    incident: IncidentId,
    desk: DeskId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<OrderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diverted_from: Option<OrderId>,
    stacked: bool,
    silent: bool,
    recall_pending: bool,
    supplement_pending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<EndReason>,
    created_at: Time,
}

#[derive(Debug, Serialize)]
struct IncidentSeen {
    id: IncidentId,
    version: u32,
    number: String,
    state: IncidentState,
    priority: Priority,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident_type: Option<TypeCode>,
    desk: DeskId,
    area: AreaPath,
    place: PlaceSeen,
}

#[derive(Debug, Serialize)]
struct AlarmSeen {
    id: AlarmId,
    version: u32,
    number: String,
    source: AlarmSource,
    state: AlarmState,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident_type: Option<TypeCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<UnitId>,
    silent: bool,
    received_at: Time,
    desk: DeskId,
    area: AreaPath,
    place: PlaceSeen,
}

/// A place without the seat that confirmed it.
#[derive(Debug, Serialize)]
struct PlaceSeen {
    kind: PlaceKind,
    /// 1e-7 degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    coord: Option<Coord>,
    radius_m: u32,
    confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<PointId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    road: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<AreaCode>,
}

impl SinkPayload {
    /// Of a record, with what the read model says of its subjects now.
    pub async fn of(
        store: &AnyStore,
        journal: JournalId,
        record: &Record,
        subjects: &Subjects,
    ) -> Result<Self, StoreError> {
        let mut orders = Vec::new();
        let about = subjects.entity.as_ref();
        let (alarm, mut incident) =
            (about.and_then(EntityId::as_alarm), about.and_then(EntityId::as_incident));
        let mut entity = None;
        for id in &subjects.orders {
            let view = view(store, "order", &id.to_string()).await?;
            if let Some(order) = view.as_ref().and_then(View::as_order).map(|view| &view.order) {
                incident = incident.or(Some(order.incident));
                orders.push(OrderSeen::of(order.clone()));
            }
        }
        if let Some(about) = about.filter(|_| alarm.is_none() && incident.is_none())
            && let Some(row) = store.entity(about.kind(), &about.id()).await?
        {
            incident = row.incident.and_then(|id| id.parse().ok()).map(IncidentId);
            let state = row.alive.then_some(row.state);
            entity = Some(EntitySeen { kind: about.kind(), id: about.id(), state });
        }
        let incident = match incident {
            Some(id) => view(store, "incident", &id.to_string()).await?,
            None => None,
        };
        let alarm = match alarm {
            Some(id) => view(store, "alarm", &id.to_string()).await?,
            None => None,
        };
        Ok(Self {
            mode: record.mode,
            v: V,
            journal,
            seq: record.seq,
            event: record.event.name(),
            occurred_at: record.occurred_at,
            recorded_at: record.recorded_at,
            order_state: order_state(&record.event),
            orders,
            entity,
            alarm: alarm.as_ref().and_then(View::as_alarm).map(|view| AlarmSeen::of(view.alarm.clone())),
            incident: incident
                .as_ref()
                .and_then(View::as_incident)
                .map(|view| IncidentSeen::of(view.incident.clone())),
        })
    }
}

/// The state that a record brings its order to.
fn order_state(event: &Event) -> Option<OrderState> {
    let created = event.get::<OrderCreated>().map(|_| OrderState::Queued);
    let advanced = event.get::<OrderAdvanced>().map(|advanced| advanced.stamp.state);
    let unstacked = event.get::<OrderUnstacked>().map(|_| OrderState::Sent);
    created.or(advanced).or(unstacked)
}

/// An entity as the read model has it; it is kept there after it left live state.
async fn view(store: &AnyStore, kind: &str, id: &str) -> Result<Option<View>, StoreError> {
    let Some(row) = store.entity(kind, id).await? else { return Ok(None) };
    let read = serde_json::from_str(&row.doc);
    read.map(Some)
        .map_err(|error| StoreError::corrupt("a view cannot be read", format!("{kind} {id}: {error}")))
}

impl OrderSeen {
    fn of(order: Order) -> Self {
        Self {
            id: order.id,
            version: order.version,
            state: order.state,
            target: order.target,
            incident: order.incident,
            desk: order.desk,
            parent: order.parent,
            diverted_from: order.diverted_from,
            stacked: order.stacked,
            silent: order.silent,
            recall_pending: order.recall_pending,
            supplement_pending: order.supplement_pending,
            end_reason: order.end_reason,
            created_at: order.created_at,
        }
    }
}

impl IncidentSeen {
    fn of(incident: Incident) -> Self {
        Self {
            id: incident.id,
            version: incident.version,
            number: incident.number,
            state: incident.state,
            priority: incident.priority,
            incident_type: incident.incident_type,
            desk: incident.desk,
            area: incident.area,
            place: PlaceSeen::of(incident.place),
        }
    }
}

impl AlarmSeen {
    fn of(alarm: Alarm) -> Self {
        Self {
            id: alarm.id,
            version: alarm.version,
            number: alarm.number,
            source: alarm.source,
            state: alarm.state,
            incident: alarm.outcome.as_ref().and_then(|outcome| outcome.incident),
            outcome: alarm.outcome.map(|outcome| outcome.kind),
            priority: alarm.priority,
            incident_type: alarm.incident_type,
            unit: alarm.unit,
            silent: alarm.silent,
            received_at: alarm.received_at,
            desk: alarm.desk,
            area: alarm.area,
            place: PlaceSeen::of(alarm.place),
        }
    }
}

impl PlaceSeen {
    fn of(place: Place) -> Self {
        Self {
            kind: place.kind,
            coord: place.coord,
            radius_m: place.radius_m,
            confirmed: place.confirmed_by.is_some(),
            point: place.point,
            road: place.road,
            area: place.area,
        }
    }
}
