//! The region: its register in force, what is drawn under everything else (both with a tag, asked for seldom), and the
//! adoption of another package while the node runs.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse as _;
use dispatch_api::answer::Receipt;
use dispatch_api::problem::Problem;
use dispatch_api::question::Region;
use serde_json::json;

use super::command;
use super::keeper::{self, Asked};
use super::path::Id;
use super::reply::{Refused, internal, json as json_reply, not_found, tagged};
use crate::node::Node;
use crate::region::{Region as Package, RegionError};

/// Faults of a package that are listed; the others are counted.
const FAULTS_LISTED: usize = 20;

/// `GET /region`: the register in force and what the package says of itself.
pub async fn region(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    // The register is large: it is copied under the lock and written outside of it.
    let (register, journal_id) = {
        let state = node.state();
        (state.register().clone(), state.journal)
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
        Err(error) => internal(&error).into_response(),
    }
}

/// `GET /map/{layer}`: one drawn layer of the package, `GeoJSON` or the elevation grid.
pub async fn layer(Shared(node): Shared<Arc<Node>>, Id(layer): Id, headers: HeaderMap) -> Response<Body> {
    let package = node.region();
    let Some(bytes) = package.layers.get(&layer) else { return not_found("layer").into_response() };
    let kind = if layer == "elevation" { "application/json" } else { "application/geo+json" };
    tagged(&headers, &format!("{}-{layer}", package.hash), kind, "no-cache", || bytes.to_vec())
}

/// `POST /api/node/region`: has the node adopt a package, an embedded one by its id or one in the folder
/// of regions.
pub async fn adopt(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match adopted(&node, request).await {
        Ok(receipt) => json_reply(200, &receipt),
        Err(refused) => refused.into_response(),
    }
}

async fn adopted(node: &Node, request: Request) -> Result<Receipt, Refused> {
    let Asked { seat, named } = Asked::read(node, request, "package").await?;
    let regions = node.config.regions().map(Path::to_owned);
    // Reading and checking a package takes seconds: not on a thread that answers.
    let read = tokio::task::spawn_blocking(move || Package::find_within(&named, regions.as_deref())).await;
    let region = Arc::new(read.map_err(|error| internal(&error))?.map_err(|error| unreadable(&error))?);
    let receipt = command::answer(node.gate.adoption(&region).await, None)?;
    tracing::info!(region = %region.manifest.id, hash = %region.hash, seq = receipt.seq, %seat, "adopted");
    Ok(receipt)
}

fn unreadable(error: &RegionError) -> Refused {
    let faults = match error {
        RegionError::Faults(faults) => faults,
        RegionError::Outside(outside) => return keeper::outside("package", *outside),
        RegionError::Unknown(..)
        | RegionError::Folder { .. }
        | RegionError::Link(_)
        | RegionError::Archive(_) => {
            return unusable(&error.to_string()).into();
        }
    };
    let listed: Vec<String> = faults.iter().take(FAULTS_LISTED).map(ToString::to_string).collect();
    let problem = unusable("the package has faults: see each with its file and line");
    problem.with("count", faults.len()).with("faults", json!(listed)).into()
}

fn unusable(detail: &str) -> Problem {
    Problem::new(422, "invalid", format!("package: {detail}"))
        .with("field", "package")
        .with("rule", "unusable")
        .with("detail", detail)
        .at("package")
}
