//! Answers as HTTP has them.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use dispatch_api::door::DoorRule;
use dispatch_api::problem::Problem;
use serde::Serialize;

/// What a browser may do with an answer that is no page, should somebody open it as one: nothing.
const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a browser may do with our pages: nothing that comes from elsewhere.
const POLICY_OF_PAGES: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; \
                               worker-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; \
                               form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// A problem as an answer.
#[derive(Debug)]
pub struct Refused(pub Box<Problem>);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response<Body> {
        let Self(problem) = self;
        let retry = problem.retry_after_s();
        let code = HeaderValue::from_str(&problem.code).ok();
        let mut response = json(problem.status, &problem);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(code) = code {
            // For the guard, which counts refusals by code without reading bodies.
            response.extensions_mut().insert(Code(code));
        }
        response
    }
}

/// The code of a problem, beside the answer it is in.
#[derive(Clone, Debug)]
pub struct Code(pub HeaderValue);

/// JSON with a status.
pub fn json(status: u16, value: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(bytes) => raw(status, "application/json", bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            raw(500, "application/problem+json", Vec::new())
        }
    }
}

/// Bytes of a type with a status. Every answer is made here but that which begins a stream: a browser takes it for what
/// it says it is, shows it in no frame, tells nobody where it came from, and runs nothing in it.
pub fn raw(status: u16, kind: &'static str, bytes: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(bytes.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_DATA));
    response
}

/// The same answer as one of our pages, or as part of one: it may do what our pages may.
pub fn page(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_OF_PAGES));
    response
}

/// Bytes that change seldom: 304 when the asker has them.
pub fn tagged(
    asked: &axum::http::HeaderMap,
    tag: &str,
    kind: &'static str,
    cache: &'static str,
    bytes: impl FnOnce() -> Vec<u8>,
) -> Response<Body> {
    let quoted = format!("\"{tag}\"");
    let same = asked.get(header::IF_NONE_MATCH).is_some_and(|held| held.as_bytes() == quoted.as_bytes());
    let mut response = if same { raw(304, kind, Vec::new()) } else { raw(200, kind, bytes()) };
    if let Ok(tag) = HeaderValue::from_str(&quoted) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// A problem with a query parameter.
pub fn query(field: &str, rule: &DoorRule) -> Refused {
    Refused::from(Problem::query(field, rule))
}

/// What is asked for is not there.
pub fn not_found(what: &str) -> Refused {
    Refused::from(Problem::new(404, "not_found", format!("there is no such {what}")))
}

/// Something of ours failed; the log says what.
pub fn internal(error: &dyn std::fmt::Display) -> Refused {
    tracing::error!(%error, "a question could not be answered");
    Refused::from(Problem::new(500, "internal", "the node could not do this; its log says why"))
}
