//! `POST /words/erase`: words that were never kept here are refused before the command is, since the core keeps none and
//! would record an erasure of nothing.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::operation::Operation;
use dispatch_api::problem::Problem;
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_store::WordsRecords as _;
use serde::Deserialize;

use super::reply::{Refused, internal};
use super::{body, command};
use crate::node::Node;

/// What of the body is looked at here; all of it is read where commands are.
#[derive(Deserialize)]
struct Named {
    words: Vec<WordsId>,
}

/// Erases words that are known.
pub async fn erase(
    operation: Operation,
    Shared(node): Shared<Arc<Node>>,
    request: Request,
) -> Response<Body> {
    match known(&node, request).await {
        Ok(request) => command::act(operation, Shared(node), request).await,
        Err(refused) => refused.into_response(),
    }
}

async fn known(node: &Node, request: Request) -> Result<Request, Refused> {
    let (parts, body) = request.into_parts();
    let bytes = body::whole(body, node.config.limits.body_bytes).await?;
    if let Ok(Named { words }) = serde_json::from_slice(&bytes) {
        let unknown = node.store.unknown_words(&words).await.map_err(|error| internal(&error))?;
        if let Some(id) = unknown.first() {
            return Err(Problem::refusal(&Refusal::unknown("words", "words", id), None).into());
        }
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
