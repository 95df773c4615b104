//! One thing by its id: live ones from truth, archived ones from the read model.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::Response;
use dispatch_core::kernel::id::{EntityId, IncidentId, RecommendationId};
use dispatch_core::kernel::recommendation::{Occasion, Recommendation};
use dispatch_core::seek::examine::Question;
use dispatch_core::view::{Entity, IncidentView};
use dispatch_store::{ReadModel as _, archive, minted};
use serde_json::Value;
use uuid::Uuid;

use super::{at_head, head, list, of_truth};
use crate::http::path::Id;
use crate::http::reply::{Refused, internal, not_found};
use crate::node::Node;

/// What is alive by its id, else what the read model keeps: `GET /alarms/{id}`, `/orders/{id}`, `/recommendations/{id}`.
pub async fn one<E>(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body>
where
    E: Entity,
    E::Id: From<Uuid> + Into<EntityId>,
{
    let (head, answer) = if let Ok(id) = id.parse::<Uuid>() {
        let id = E::Id::from(id);
        let (head, found) = {
            let state = node.state();
            (head(&state), E::of(&state, &id))
        };
        let answer = match found {
            Some(view) => serde_json::to_value(view).map_err(|error| internal(&error)),
            None => archived(&node, &id.into()).await,
        };
        (head, answer)
    } else {
        let kind: EntityId = E::Id::from(Uuid::nil()).into();
        (String::new(), Err(not_found(kind.kind())))
    };
    at_head(&head, answer)
}

/// `GET /incidents/{id}`: an archived one says what goes on from it.
pub async fn incident(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body> {
    let Ok(id) = id.parse::<Uuid>().map(IncidentId) else {
        return at_head::<()>("", Err(not_found("incident")));
    };
    let (head, found) = {
        let state = node.state();
        (head(&state), IncidentView::of(&state, &id))
    };
    let answer = match found {
        Some(view) => Ok(view),
        None => match archive::incident(&node.store, id).await {
            Ok(found) => found.ok_or_else(|| not_found("incident")),
            Err(error) => Err(internal(&error)),
        },
    };
    at_head(&head, answer)
}

async fn archived(node: &Node, id: &EntityId) -> Result<Value, Refused> {
    let row = node.store.entity(id.kind(), &id.id()).await.map_err(|error| internal(&error))?;
    list::shown(&row.ok_or_else(|| not_found(id.kind()))?.doc)
}

/// `GET /points/{id}`: an alarm point with its test window and when it was last heard.
pub async fn point(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body> {
    let id = id.as_str().into();
    of_truth(&node, |state| list::point(&node, state, &id).ok_or_else(|| not_found("point")))
}

/// `GET /incidents/{id}/recommendation`: made for this question, on the writer where units are, and not recorded.
pub async fn fresh_recommendation(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, fresh(&node, &id).await)
}

async fn fresh(node: &Node, id: &str) -> Result<Recommendation, Refused> {
    let id = IncidentId(id.parse().map_err(|_| not_found("incident"))?);
    let now = node.now();
    let minute = node.region().calendar.local(now).minute;
    let found = node.gate.ask(move |writer| {
        let state = writer.speculative();
        let incident = state.incidents().get(&id)?;
        let question = Question::of_incident(state, incident, now, minute);
        let examination = question.examine(state, writer.live_map());
        let name = RecommendationId(minted(now));
        Some(dispatch_core::recommend(name, id, Occasion::Changed, &examination))
    });
    found.await.flatten().ok_or_else(|| not_found("incident"))
}
