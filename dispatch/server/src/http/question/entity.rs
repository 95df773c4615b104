//! One thing by its id: live ones from truth, archived ones from the read model.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::http::Response;
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId, RecommendationId};
use dispatch_core::kernel::recommendation::{Occasion, Recommendation};
use dispatch_core::seek::examine::Question;
use dispatch_core::state::State;
use dispatch_core::view::View;
use dispatch_store::ReadModel as _;
use serde_json::Value;
use uuid::Uuid;

use super::{at_head, head, list};
use crate::http::reply::{Refused, internal, not_found};
use crate::node::Node;

/// `GET /alarms/{id}`.
pub async fn alarm(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    one(&node, "alarm", &id, |state, id| Some(View::of_alarm(state, state.alarms.get(&AlarmId(id))?))).await
}

/// `GET /incidents/{id}`.
pub async fn incident(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    one(&node, "incident", &id, |state, id| {
        Some(View::of_incident(state, state.incidents.get(&IncidentId(id))?))
    })
    .await
}

/// `GET /orders/{id}`.
pub async fn order(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    one(&node, "order", &id, |state, id| Some(View::of_order(state, state.orders.get(&OrderId(id))?))).await
}

/// `GET /recommendations/{id}`.
pub async fn recommendation(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    let live = |state: &State, id| {
        let recommendation = state.recommendations.get(&RecommendationId(id))?;
        Some(View::of_recommendation(state, recommendation))
    };
    one(&node, "recommendation", &id, live).await
}

async fn one(
    node: &Node,
    kind: &str,
    id: &str,
    live: impl Fn(&State, Uuid) -> Option<View>,
) -> Response<Body> {
    let Ok(uuid) = id.parse::<Uuid>() else { return at_head::<()>("", Err(not_found(kind))) };
    let (head, found) = {
        let state = node.state();
        (head(&state), live(&state, uuid))
    };
    let answer = match found {
        Some(view) => inner(&view),
        None => archived(node, kind, &uuid.to_string()).await,
    };
    at_head(&head, answer)
}

/// The view without the word for its kind, which the address says already.
fn inner(view: &View) -> Result<Value, Refused> {
    let mut tagged = serde_json::to_value(view).map_err(|error| internal(&error))?;
    Ok(tagged["view"].take())
}

async fn archived(node: &Node, kind: &str, id: &str) -> Result<Value, Refused> {
    let row = node.store.entity(kind, id).await.map_err(|error| internal(&error))?;
    list::shown(&row.ok_or_else(|| not_found(kind))?.doc)
}

/// `GET /points/{id}`.
pub async fn point(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    let (head, found) = {
        let state = node.state();
        (head(&state), list::point(&node, &state, &id.as_str().into()))
    };
    at_head(&head, found.ok_or_else(|| not_found("point")))
}

/// `GET /incidents/{id}/recommendation`: made for this question, on the writer where units are, and not recorded.
pub async fn fresh_recommendation(Shared(node): Shared<Arc<Node>>, Path(id): Path<String>) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, fresh(&node, &id).await)
}

async fn fresh(node: &Node, id: &str) -> Result<Recommendation, Refused> {
    let id = IncidentId(id.parse().map_err(|_| not_found("incident"))?);
    let now = node.now();
    let minute = node.region().calendar.local(now).minute;
    let found = node.gate.ask(move |writer| {
        let state = writer.speculative();
        let incident = state.incidents.get(&id)?;
        let question = Question::of_incident(state, incident, now, minute);
        let examination = question.examine(state, writer.field());
        let name = RecommendationId(Uuid::now_v7());
        Some(dispatch_core::recommend(name, id, Occasion::Changed, &examination))
    });
    found.await.flatten().ok_or_else(|| not_found("incident"))
}
