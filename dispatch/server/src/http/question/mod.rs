//! Questions: answered from committed truth, the read model and the tracks; only the fresh recommendation and live
//! fixes look at the writer.
//!
//! What is read under the lock of truth is copied there and written as JSON outside of it: commits wait meanwhile.

mod entity;
mod list;
mod parameters;
mod record;
mod unit;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse as _;
use axum::routing::get;
use dispatch_api::header;
use dispatch_core::loss::Loss;
use dispatch_core::reminder::Reminder;
use dispatch_core::response::support::Support;
use dispatch_core::shift::ShiftHandover;
use dispatch_core::state::State;
use dispatch_core::technical::Suppression;
use dispatch_core::view::{AlarmView, OrderView, RecommendationView, TechnicalView};
use serde::Serialize;

pub use self::list::alarms;
use super::reply::{Refused, json};
use crate::node::Node;

/// Every question but those that share a path with a command elsewhere.
pub fn routes() -> Router<Arc<Node>> {
    Router::new()
        .route("/alarms/{id}", get(entity::one::<AlarmView>))
        .route("/incidents", get(list::incidents))
        .route("/incidents/{id}", get(entity::incident))
        .route("/incidents/{id}/timeline", get(record::timeline))
        .route("/incidents/{id}/recommendation", get(entity::fresh_recommendation))
        .route("/recommendations/{id}", get(entity::one::<RecommendationView>))
        .route("/orders/{id}", get(entity::one::<OrderView>))
        .route("/technicals", get(list::alive::<TechnicalView>))
        .route("/suppressions", get(list::alive::<Suppression>))
        .route("/handovers", get(list::alive::<ShiftHandover>))
        .route("/supports", get(list::alive::<Support>))
        .route("/reminders", get(list::alive::<Reminder>))
        .route("/losses", get(list::alive::<Loss>))
        .route("/units", get(unit::units))
        .route("/units/{id}", get(unit::unit))
        .route("/units/{id}/orders", get(unit::orders))
        .route("/units/{id}/track", get(unit::track))
        .route("/points", get(list::points))
        .route("/points/{id}", get(entity::point))
        .route("/words/{id}", get(record::words))
        .route("/journal", get(record::journal))
}

/// An answer out of committed truth: read under its lock, written as JSON outside of it.
fn of_truth<T: Serialize>(node: &Node, read: impl FnOnce(&State) -> Result<T, Refused>) -> Response<Body> {
    let (head, answer) = {
        let state = node.state();
        (head(&state), read(&state))
    };
    at_head(&head, answer)
}

/// An answer and where the journal stood.
fn at_head<T: Serialize>(head: &str, answer: Result<T, Refused>) -> Response<Body> {
    match answer {
        Ok(answer) => {
            let mut response = json(200, &answer);
            if let Ok(head) = HeaderValue::from_str(head) {
                response.headers_mut().insert(header::HEAD, head);
            }
            response
        }
        Err(refused) => refused.into_response(),
    }
}

/// `journal_id:seq`.
fn head(state: &State) -> String {
    state.journal.map(|journal| format!("{journal}:{}", state.seq)).unwrap_or_default()
}
