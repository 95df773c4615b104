//! Before every route: who may speak to the node at all, how fast, and what is counted.
//!
//! Until accounts exist the node serves the machine it runs on and nobody else. A browser on that machine is asked for
//! more: the `Host` it was sent to must be ours (a foreign name that resolves to loopback is not), and a WebSocket or an
//! unsafe request that names an `Origin` must name ours.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Response, header};
use axum::response::IntoResponse as _;
use dispatch_api::problem::Problem;
use tower::Service as _;

use super::reply::{Code, Refused};
use crate::config::{Config, Limits};
use crate::metrics::Metrics;

/// What whoever is turned away and whoever starts a node that listens for others is told.
pub const LOOPBACK_ONLY: &str = "accounts do not exist yet, so the node answers the machine it runs on and no other: \
    put consoles on that machine or behind an authenticating reverse proxy on it";

/// Which requests a connection may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Any request there is a route for.
    Open,
    /// Calls for help alone: all other places are taken.
    Alarms,
}

/// Requests counted by address within one second.
#[derive(Debug, Default)]
pub struct Rates {
    second: Mutex<(Option<Instant>, BTreeMap<IpAddr, u32>)>,
}

impl Rates {
    /// Counts one; false when the address is over the limit of this second.
    fn take(&self, from: IpAddr, most: u32) -> bool {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0.is_none_or(|began| began.elapsed().as_secs() >= 1) {
            *second = (Some(Instant::now()), BTreeMap::new());
        }
        let count = second.1.entry(from).or_default();
        *count += 1;
        *count <= most
    }
}

/// What the guard and the connections go by, whoever answers behind them.
#[derive(Debug)]
pub struct Entrance {
    hosts: Vec<String>,
    rates: Rates,
    /// Bounds of what comes in.
    pub limits: Limits,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Entrance {
    /// As it was configured.
    pub fn new(config: &Config, metrics: Arc<Metrics>) -> Self {
        let (hosts, limits) = (config.hosts.clone(), config.limits.clone());
        Self { hosts, rates: Rates::default(), limits, metrics }
    }
}

/// Hands a request on to its route, or says why not, and counts it. It stands before the router
/// as a plain function: a layer of it would be made anew for every request.
pub async fn guard(
    entrance: Arc<Entrance>,
    (remote, door): (SocketAddr, Door),
    mut router: Router,
    request: Request,
) -> Result<Response<Body>, Infallible> {
    let began = Instant::now();
    let method = request.method().clone();
    let kind = if request.uri().path().starts_with("/api/") { "api" } else { "page" };
    let response = match admit(&entrance, (remote.ip(), door), &request) {
        Ok(()) => router.call(request).await?,
        Err(problem) => Refused(problem).into_response(),
    };
    let status = response.status();
    entrance
        .metrics
        .count("ortoo_requests_total", &[("method", method.as_str()), ("status", status.as_str())]);
    entrance.metrics.took("ortoo_request_seconds", &[("kind", kind)], began.elapsed());
    if let Some(code) = response.extensions().get::<Code>().and_then(|code| code.0.to_str().ok()) {
        entrance.metrics.count("ortoo_refused_total", &[("code", code)]);
    }
    Ok(response)
}

fn admit(entrance: &Entrance, (remote, door): (IpAddr, Door), request: &Request) -> Result<(), Box<Problem>> {
    if !remote.to_canonical().is_loopback() {
        let problem = Problem::new(403, "loopback_only", LOOPBACK_ONLY);
        return Err(Box::new(problem.with("address", remote.to_string())));
    }
    let host = host(request.headers()).unwrap_or_default();
    if !is_ours(entrance, host) {
        let why = "this Host is not on the list: add it to `hosts` in the configuration if it is yours";
        return Err(Box::new(Problem::new(403, "host_refused", why).with("host", host)));
    }
    check_origin(entrance, request)?;
    let is_alarm = request.method() == Method::POST && request.uri().path().ends_with("/api/v1/alarms");
    if !is_alarm && door == Door::Alarms {
        let problem = Problem::new(503, "connections_full", "there is no room; try again after 1 s");
        return Err(Box::new(problem.with("retry_after_s", 1)));
    }
    if !is_alarm && !entrance.rates.take(remote, entrance.limits.requests_per_s) {
        let problem = Problem::new(429, "rate", "too many requests from this address; try again after 1 s");
        return Err(Box::new(problem.with("retry_after_s", 1)));
    }
    Ok(())
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
        let entrance = Entrance::new(&Config::default(), Arc::new(Metrics::default()));
        let admitted = |from: [u8; 4]| {
            let request = Request::builder().header("host", "localhost").body(Body::empty()).unwrap();
            admit(&entrance, (IpAddr::from(from), Door::Open), &request)
        };
        assert!(admitted([127, 0, 0, 1]).is_ok());
        let problem = admitted([192, 0, 2, 1]).unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (403, "loopback_only"));
        assert!(problem.detail.contains("reverse proxy"), "{}", problem.detail);
    }

    #[test]
    fn a_rate_is_of_one_address() {
        let rates = Rates::default();
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        assert!(rates.take(one, 2) && rates.take(one, 2));
        assert!(!rates.take(one, 2));
        assert!(rates.take(other, 2));
    }
}
