//! The region: its register in force, and what is drawn under everything else. Both with a tag, asked for seldom.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State as Shared};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse as _;
use dispatch_api::question::Region;

use super::reply::{not_found, tagged};
use crate::node::Node;

/// `GET /region`.
pub async fn region(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    // The register is large: it is copied under the lock and written outside of it.
    let (register, journal_id) = {
        let state = node.state();
        (state.register.clone(), state.journal)
    };
    let package = node.region();
    let answer = Region {
        register,
        hash: package.hash.clone(),
        journal_id,
        cell_resolution: package.manifest.cell_resolution,
        tile_resolution: package.manifest.tile_resolution,
        generated: package.manifest.generated.clone(),
        attribution: package.manifest.attribution.clone(),
        layers: package.layers.names(),
    };
    match serde_json::to_vec(&answer) {
        Ok(bytes) => {
            let tag = blake3::hash(&bytes).to_hex();
            tagged(request.headers(), &tag, "application/json", "no-cache", || bytes)
        }
        Err(error) => super::reply::internal(&error).into_response(),
    }
}

/// `GET /map/{layer}`.
pub async fn layer(
    Shared(node): Shared<Arc<Node>>,
    Path(layer): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let package = node.region();
    let Some(bytes) = package.layers.get(&layer) else { return not_found("layer").into_response() };
    let kind = if layer == "elevation" { "application/json" } else { "application/geo+json" };
    tagged(&headers, &format!("{}-{layer}", package.hash), kind, "no-cache", || bytes.to_vec())
}
