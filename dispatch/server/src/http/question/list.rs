//! Lists, by cursor: the id of the last item seen, or the read model's own cursor where the archive is asked.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State as Shared};
use axum::http::Response;
use dispatch_api::door::DoorRule;
use dispatch_api::question::{Page, PointItem};
use dispatch_core::kernel::id::{AlarmId, IncidentId, PointId};
use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::kernel::kind::{Mode, Priority};
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::state::State;
use dispatch_core::view::{AlarmView, Entity, IncidentView};
use dispatch_store::{Cursor, EntityQuery, Store as _};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::parameters::Parameters;
use super::{at_head, head};
use crate::http::reply::{Refused, internal, query};
use crate::node::Node;

/// A page of what an iterator gives, and the cursor of its last item when there is more.
pub(super) fn page<T>(
    state: &State,
    mut items: impl Iterator<Item = T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> Page<T> {
    let taken: Vec<T> = items.by_ref().take(limit).collect();
    let next = items.next().and_then(|_| taken.last().map(cursor));
    Page { seq: state.seq, items: taken, next }
}

/// `GET /alarms`: those alive, the newest first.
pub async fn alarms(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let state = node.state();
    let answer = alarms_of(&state, raw);
    let head = head(&state);
    drop(state);
    at_head(&head, answer)
}

fn alarms_of(state: &State, raw: RawQuery) -> Result<Page<AlarmView>, Refused> {
    let parameters = Parameters::of(raw, &["state", "area", "mode", "after", "limit"])?;
    let area = parameters.area();
    let mode: Option<Mode> = parameters.word("mode")?;
    let wanted: Box<dyn Fn(AlarmState) -> bool> = match parameters.text("state") {
        None => Box::new(|_| true),
        Some("open") => Box::new(|state| state != AlarmState::Settled),
        Some(_) => {
            let word: Option<AlarmState> = parameters.word("state")?;
            Box::new(move |state| Some(state) == word)
        }
    };
    let after: Option<uuid::Uuid> = parameters.parsed("after", &DoorRule::NextOfPage)?;
    let alarms = match after {
        Some(after) => state.alarms.range(..AlarmId(after)),
        None => state.alarms.range(..),
    };
    let matching = alarms.rev().map(|(_, alarm)| alarm).filter(|alarm| {
        wanted(alarm.state) && alarm.area.is_within(&area) && mode.is_none_or(|mode| alarm.mode == mode)
    });
    let views = matching.map(|alarm| AlarmView::new(state, alarm));
    Ok(page(state, views, parameters.limit()?, |view| view.alarm.id.to_string()))
}

/// `GET /incidents`: active ones from truth, ended ones from the read model, the newest first.
pub async fn incidents(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let known = ["state", "area", "mode", "desk", "type", "priority", "after", "limit"];
    let parameters = match Parameters::of(raw, &known) {
        Ok(parameters) => parameters,
        Err(refused) => return at_head::<()>("", Err(refused)),
    };
    let alive = head(&node.state());
    match parameters.text("state") {
        None | Some("active") => {
            let state = node.state();
            let answer = active(&state, &parameters);
            drop(state);
            at_head(&alive, answer)
        }
        Some("ended") => {
            at_head(&alive, archive(&node, &parameters, &["cancelled", "closed", "replaced"]).await)
        }
        Some("all") => at_head(&alive, archive(&node, &parameters, &[]).await),
        Some(_) => at_head::<()>(&alive, Err(query("state", &DoorRule::one_of(&["active", "ended", "all"])))),
    }
}

fn active(state: &State, parameters: &Parameters) -> Result<Page<IncidentView>, Refused> {
    let area = parameters.area();
    let mode: Option<Mode> = parameters.word("mode")?;
    let priority: Option<Priority> = parameters.word("priority")?;
    let (desk, incident_type) = (parameters.text("desk"), parameters.text("type"));
    let after: Option<uuid::Uuid> = parameters.parsed("after", &DoorRule::NextOfPage)?;
    let incidents = match after {
        Some(after) => state.incidents.range(..IncidentId(after)),
        None => state.incidents.range(..),
    };
    let matching = incidents.rev().map(|(_, incident)| incident).filter(|incident| {
        incident.state == IncidentState::Active
            && incident.area.is_within(&area)
            && mode.is_none_or(|mode| incident.mode == mode)
            && priority.is_none_or(|priority| incident.priority == priority)
            && desk.is_none_or(|desk| incident.desk.as_str() == desk)
            && incident_type
                .is_none_or(|wanted| incident.incident_type.as_ref().is_some_and(|it| it.as_str() == wanted))
    });
    let views = matching.map(|incident| IncidentView::new(state, incident));
    Ok(page(state, views, parameters.limit()?, |view| view.incident.id.to_string()))
}

async fn archive(
    node: &Node,
    parameters: &Parameters,
    states: &[&str],
) -> Result<Page<IncidentView>, Refused> {
    for field in ["type", "priority"] {
        if parameters.text(field).is_some() {
            return Err(query(field, &DoorRule::ActiveOnly));
        }
    }
    let seq = node.state().seq;
    let asked = EntityQuery {
        area: parameters.area(),
        states: states.iter().map(|state| (*state).to_owned()).collect(),
        modes: parameters.word("mode")?.into_iter().collect(),
        desk: parameters.text("desk").map(Into::into),
        after: parameters.parsed::<Cursor>("after", &DoorRule::NextOfPage)?,
        limit: u32::try_from(parameters.limit()?).unwrap_or(u32::MAX),
        ..EntityQuery::of("incident")
    };
    let found = node.store.entities(&asked).await.map_err(|error| internal(&error))?;
    let items = found.rows.iter().map(|row| shown(&row.doc)).collect::<Result<_, _>>()?;
    Ok(Page { seq, items, next: found.next.map(|cursor| cursor.to_string()) })
}

/// A view out of a document of the read model.
pub(super) fn shown<T: DeserializeOwned>(doc: &str) -> Result<T, Refused> {
    let read = || {
        let mut doc: Value = serde_json::from_str(doc)?;
        serde_json::from_value(doc["view"].take())
    };
    read().map_err(|error: serde_json::Error| internal(&error))
}

/// All of one kind that are alive, by id: `GET /technicals`, `/suppressions`, `/handovers`, `/supports`.
pub async fn alive<E: Entity>(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let state = node.state();
    let answer = (|| {
        let parameters = Parameters::of(raw, &["after", "limit"])?;
        let after: Option<uuid::Uuid> = parameters.parsed("after", &DoorRule::NextOfPage)?;
        let after = after.map(|after| after.to_string());
        let items = E::all(&state).filter(|item| after.as_ref().is_none_or(|after| item.id().id() > *after));
        Ok(page(&state, items, parameters.limit()?, |item| item.id().id()))
    })();
    let head = head(&state);
    drop(state);
    at_head(&head, answer)
}

/// `GET /points`: alarm points of the register, by code.
pub async fn points(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let state = node.state();
    let answer = (|| {
        let parameters = Parameters::of(raw, &["area", "after", "limit"])?;
        let area = parameters.area();
        let after: PointId = parameters.text("after").unwrap_or_default().into();
        let items = state.register.points.range(after.clone()..).filter(|(id, _)| **id != after);
        let items =
            items.filter(|(_, entry)| entry.area.is_within(&area)).map(|(id, _)| point(&node, &state, id));
        Ok(page(&state, items.flatten(), parameters.limit()?, |item: &PointItem| item.id.to_string()))
    })();
    let head = head(&state);
    drop(state);
    at_head(&head, answer)
}

/// A point with its test window and when it was last heard.
pub(super) fn point(node: &Node, state: &State, id: &PointId) -> Option<PointItem> {
    let entry = state.register.points.get(id)?.clone();
    let (heard_at, test_until) = (node.liveness.last(id), state.test_windows.get(id).copied());
    Some(PointItem { id: id.clone(), entry, heard_at, test_until })
}
