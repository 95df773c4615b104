//! HTTP: routes, the guard before them, and the connections under them.
//!
//! Routes of commands come from the table of operations; a route that is not in the table cannot be asked for.

pub mod alarm;
mod assets;
mod body;
mod command;
mod connection;
mod erasure;
pub mod guard;
mod heartbeats;
mod heavy;
mod keeper;
mod node_routes;
mod outbox;
mod path;
pub mod positions;
mod question;
mod region;
mod reply;
mod sender;
pub mod standby;
pub mod stream;

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use dispatch_api::BASE;
use dispatch_api::operation::operations;
use dispatch_api::problem::Problem;

pub use self::connection::serve;
use self::reply::Refused;
use crate::node::Node;

/// Everything the node answers.
pub fn router(node: Arc<Node>) -> Router {
    let mut api = Router::new();
    for operation in operations() {
        let handler = move |shared: Shared<Arc<Node>>, request: axum::extract::Request| {
            command::act(operation, shared, request)
        };
        let erase = move |shared: Shared<Arc<Node>>, request: axum::extract::Request| {
            erasure::erase(operation, shared, request)
        };
        let route = if operation.row.name == "erase_words" { post(erase) } else { post(handler) };
        api = api.route(&operation.path(), route);
    }
    let asked = || from_fn_with_state(node.clone(), sender::asked);
    let api = api
        .merge(question::routes().route_layer(asked()))
        .route("/points/heartbeats", post(heartbeats::take))
        .route("/region", get(region::region))
        .route("/stream", get(stream::open).route_layer(asked()));
    Router::new()
        .nest(BASE, api)
        // What comes most often stands outside of the nest, which rewrites the address of every request.
        .route(&format!("{BASE}/alarms"), get(question::alarms).route_layer(asked()).post(alarm::raise))
        .route(&format!("{BASE}/positions"), post(positions::take))
        .route("/map/{layer}", get(region::layer))
        .route("/api/openapi.json", get(node_routes::openapi))
        .route("/api/docs", get(node_routes::docs))
        .route("/api/docs.js", get(node_routes::docs_script))
        .route("/healthz", get(node_routes::healthz))
        .route("/readyz", get(node_routes::readyz))
        .route("/metrics", get(node_routes::metrics))
        .route("/api/node/backup", post(node_routes::backup))
        .route("/api/node/yield-lead", post(node_routes::yield_lead))
        .route("/api/node/region", post(region::adopt))
        .fallback(assets::asset)
        .method_not_allowed_fallback(method)
        .with_state(node)
}

async fn method() -> Refused {
    Refused::from(Problem::new(405, "method", "this address does not take this method"))
}
