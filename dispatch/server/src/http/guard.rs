//! Before every route: who may speak to the node at all, how fast, and what is counted.
//!
//! Until accounts exist the node serves the machine it runs on and nobody else. A browser on that machine is asked for
//! more: the `Host` it was sent to must be ours (a foreign name that resolves to loopback is not), and a WebSocket or an
//! unsafe request that names an `Origin` must name ours.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, Version, header};
use axum::response::IntoResponse as _;
use dispatch_api::problem::Problem;
use hyper::body::Body as _;
use percent_encoding::percent_decode_str;
use tower::Service as _;

use super::reply::{Code, Refused};
use crate::config::Config;
use crate::delivery;
use crate::metrics::Metrics;
use crate::peer::{Budgets, Peer};
use crate::room::{Doing, Door, Place, Room};
use crate::truth::Truth;

/// What whoever is turned away and whoever starts a node that listens for others is told.
pub const LOOPBACK_ONLY: &str = "accounts do not exist yet, so the node answers the machine it runs on and no other: \
    put consoles on that machine or behind an authenticating reverse proxy on it";

/// Where calls for help are posted to.
const CALLS: &str = "/api/v1/alarms";

/// Methods that are counted by name: a client can invent any number of others.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::PUT];

/// What the guard and the connections go by, whoever answers behind them.
#[derive(Debug)]
pub struct Entrance {
    hosts: Vec<String>,
    budgets: Budgets,
    /// Who there is; none while the node stands by.
    truth: Option<Truth>,
    /// Where connections are.
    pub room: Arc<Room>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Entrance {
    /// As it was configured.
    pub fn new(config: &Config, metrics: Arc<Metrics>, truth: Option<Truth>, room: Arc<Room>) -> Self {
        let budgets = Budgets::of(config.limits.requests_per_s);
        Self { hosts: config.hosts.clone(), budgets, truth, room, metrics }
    }
}

/// Who pays for what a request takes.
#[derive(Debug)]
pub struct Payer {
    entrance: Arc<Entrance>,
    peer: Peer,
}

impl Payer {
    /// Where the request came from.
    pub fn address(&self) -> IpAddr {
        self.peer.address()
    }

    /// Pays for so much of a processor.
    pub fn pay(&self, processor: Duration) {
        self.entrance.budgets.charge(&self.peer, processor);
    }
}

/// Hands a request on to its route, or says why not, and counts it. It stands before the router
/// as a plain function: a layer of it would be made anew for every request.
pub async fn guard(
    entrance: Arc<Entrance>,
    (remote, door, place): (SocketAddr, Door, Arc<Place>),
    mut router: Router,
    mut request: Request,
) -> Result<Response<Body>, Infallible> {
    let began = Instant::now();
    let method = METHODS.iter().find(|known| *known == request.method()).map_or("other", Method::as_str);
    let kind = if request.uri().path().starts_with("/api/") { "api" } else { "page" };
    // What a proxy before us takes for one body, and we for another, must not lie here as the next request.
    let is_last = request.headers().contains_key(header::TRANSFER_ENCODING);
    let is_call = is_call(&request);
    entrance.room.begin(&place, doing(&request, is_call));
    if is_call && request.uri().path() != CALLS {
        // However its path is spelt, it is the same call.
        *request.uri_mut() = Uri::from_static(CALLS);
    }
    let mut response = match admit(&entrance, (remote.ip(), door, is_call), &request) {
        Ok(payer) => {
            if let Some(payer) = payer {
                request.extensions_mut().insert(Arc::new(payer));
            }
            router.call(request).await?
        }
        Err(problem) => Refused(problem).into_response(),
    };
    if entrance.room.finish(&place) || is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let status = response.status();
    entrance.metrics.count("ortoo_requests_total", &[("method", method), ("status", status.as_str())]);
    entrance.metrics.took("ortoo_request_seconds", &[("kind", kind)], began.elapsed());
    if let Some(code) = response.extensions().get::<Code>().and_then(|code| code.0.to_str().ok()) {
        entrance.metrics.count("ortoo_refused_total", &[("code", code)]);
    }
    Ok(response)
}

fn doing(request: &Request, is_call: bool) -> Doing {
    match (request.body().is_end_stream(), is_call) {
        (true, _) => Doing::Answering,
        (false, true) => Doing::Calling,
        (false, false) => Doing::Reading,
    }
}

/// Whether it is a call for help. A slash too many, or a letter written as its number, is no reason not to hear it.
fn is_call(request: &Request) -> bool {
    if request.method() != Method::POST {
        return false;
    }
    let path = request.uri().path().trim_end_matches('/');
    path == CALLS || path.contains('%') && percent_decode_str(path).eq(CALLS.bytes())
}

/// Lets a request in, and says who pays for it; for a call for help nobody does.
fn admit(
    entrance: &Arc<Entrance>,
    (remote, door, is_call): (IpAddr, Door, bool),
    request: &Request,
) -> Result<Option<Payer>, Box<Problem>> {
    let remote = remote.to_canonical();
    if !remote.is_loopback() {
        let problem = Problem::new(403, "loopback_only", LOOPBACK_ONLY);
        return Err(Box::new(problem.with("address", remote.to_string())));
    }
    let hosts = request.headers().get_all(header::HOST).iter().count();
    // A browser names it always. A device that does not is not misled by a foreign name, and may call whatever it speaks.
    let may_be_nameless = is_call || request.version() <= Version::HTTP_10;
    if hosts > 1 || hosts == 0 && !may_be_nameless {
        let rule = "a request names one Host";
        return Err(Box::new(Problem::new(400, "malformed", rule)));
    }
    let host = host(request.headers()).unwrap_or_default();
    if hosts > 0 && !is_ours(entrance, host) {
        let why = "this Host is not on the list: add it to `hosts` in the configuration if it is yours";
        return Err(Box::new(Problem::new(403, "host_refused", why).with("host", host)));
    }
    check_origin(entrance, request)?;
    let journal = entrance.truth.as_ref().and_then(|truth| truth.state().journal);
    if delivery::is_own(journal, request.headers()) {
        let why = "this is a delivery of this node's own sinks: one of them leads back here";
        return Err(Box::new(Problem::new(409, "own_delivery", why)));
    }
    if is_call {
        return Ok(None);
    }
    if door == Door::Alarms {
        let problem = Problem::new(503, "connections_full", "there is no room; try again after 1 s");
        return Err(Box::new(problem.with("retry_after_s", 1)));
    }
    let state = entrance.truth.as_ref().map(Truth::state);
    let peer = Peer::of(remote, request.headers(), state.as_deref());
    drop(state);
    if !entrance.budgets.take(&peer) {
        let why = "this seat, device or address has taken its share of the node; try again after 1 s";
        return Err(Box::new(Problem::new(429, "rate", why).with("retry_after_s", 1)));
    }
    Ok(Some(Payer { entrance: entrance.clone(), peer }))
}

fn check_origin(entrance: &Entrance, request: &Request) -> Result<(), Box<Problem>> {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe && !request.headers().contains_key(header::UPGRADE) {
        return Ok(());
    }
    let Some(origin) = request.headers().get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    // The same host and port as the request was sent to; a page of another local server is not ours.
    let named = origin.split_once("://").map(|(_, host)| host);
    if named.is_some_and(|named| host(request.headers()) == Some(named) && is_ours(entrance, named)) {
        return Ok(());
    }
    let why = "a page of another origin may not do this";
    Err(Box::new(Problem::new(403, "origin_refused", why).with("origin", origin)))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn is_ours(entrance: &Entrance, host: &str) -> bool {
    let name = without_port(host);
    let is_address =
        name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_address || name.eq_ignore_ascii_case("localhost") || entrance.hosts.iter().any(|known| known == name)
}

fn without_port(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_their_port() {
        assert_eq!(without_port("localhost:8110"), "localhost");
        assert_eq!(without_port("[::1]:8110"), "[::1]");
        assert_eq!(without_port("127.0.0.1"), "127.0.0.1");
    }

    #[test]
    fn others_are_told_what_to_do() {
        let config = Config::default();
        let room = Room::of(&config.limits);
        let entrance = Arc::new(Entrance::new(&config, Arc::new(Metrics::default()), None, room));
        let admitted = |from: [u8; 4]| {
            let request = Request::builder().header("host", "localhost").body(Body::empty()).unwrap();
            admit(&entrance, (IpAddr::from(from), Door::Open, false), &request)
        };
        assert!(admitted([127, 0, 0, 1]).is_ok());
        let problem = admitted([192, 0, 2, 1]).unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (403, "loopback_only"));
        assert!(problem.detail.contains("reverse proxy"), "{}", problem.detail);
    }

    #[test]
    fn calls_are_posted_where_the_api_is() {
        assert_eq!(CALLS, format!("{}/alarms", dispatch_api::BASE));
    }

    #[test]
    fn a_call_is_one_with_slashes_behind_it() {
        let is = |method: &str, path: &str| {
            is_call(&Request::builder().method(method).uri(path).body(Body::empty()).unwrap())
        };
        for path in ["/api/v1/alarms", "/api/v1/alarms/", "/api/v1/alarms//", "/api/v1/alarms?a=/b"] {
            assert!(is("POST", path), "{path}");
            assert!(!is("GET", path), "{path}");
        }
        for path in ["/api/v1/%61larms", "/%61pi/v1/alarm%73/", "/api%2Fv1%2falarms"] {
            assert!(is("POST", path), "{path}");
        }
        for path in [
            "/api/v1/%61larm",
            "/api/v1/%2561larms",
            "/api/v1/alarms%",
            "/api/v1/alarms%00",
            "/api/v1/alarms/1",
            "/x/api/v1/alarms",
            "/api/v1/alarm",
            "/",
        ] {
            assert!(!is("POST", path), "{path}");
        }
    }
}
