//! The console's files, embedded: `/`, `/patrol` and what they refer to.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{Method, Response};
use axum::response::IntoResponse as _;
use dispatch_api::problem::Problem;
use rust_embed::RustEmbed;

use super::reply::{Refused, not_found, page, tagged};
use crate::node::Node;

// `Console`, as the build script spells it.
include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// Files whose name holds the hash of their content never change.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Any address that is no route.
pub async fn asset(Shared(_node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") || path.starts_with("/map/") {
        return not_found("route").into_response();
    }
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        return Refused::from(Problem::new(405, "method", "this address does not take this method"))
            .into_response();
    }
    let name = match path {
        "/" => "index.html",
        "/patrol" => "patrol.html",
        other => other.trim_start_matches('/'),
    };
    let Some(file) = Console::get(name) else {
        if Console::iter().next().is_none() && (path == "/" || path == "/patrol") {
            let why = "this server was built without the console: install Node 20 and build it again";
            return Refused::from(Problem::new(404, "not_found", why)).into_response();
        }
        return not_found("page").into_response();
    };
    let cache = if name.starts_with("assets/") { FOREVER } else { "no-cache" };
    let tag = blake3::Hash::from_bytes(file.metadata.sha256_hash()).to_hex();
    page(tagged(request.headers(), &tag, kind(name), cache, || file.data.into_owned()))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        _ => "application/octet-stream",
    }
}
