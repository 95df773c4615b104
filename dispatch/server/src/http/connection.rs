//! Connections: accepted up to a bound, served by hyper with answers to pipelined requests flushed together, ended
//! gracefully. Beyond the bound some are kept for alarms alone (D11); whoever comes beyond those is told to come again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::guard::{Door, Entrance, guard};

/// A request's head must have come by then.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Open connections get so long to end once the node stops.
const GRACE: Duration = Duration::from_secs(5);

/// Connections kept for alarms, for each hundred of the bound and at the least.
const RESERVED_PERCENT: usize = 5;
const RESERVED_MIN: usize = 8;
/// What a connection is told for which there is no room at all.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The room for connections.
struct Room {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
}

impl Room {
    fn of(connections: usize) -> Self {
        let reserved = (connections / 100 * RESERVED_PERCENT).max(RESERVED_MIN);
        Self { open: Arc::new(Semaphore::new(connections)), reserved: Arc::new(Semaphore::new(reserved)) }
    }

    /// A place, and which requests may come through it.
    fn take(&self) -> Option<(OwnedSemaphorePermit, Door)> {
        let open = self.open.clone().try_acquire_owned().map(|permit| (permit, Door::Open));
        open.or_else(|_| self.reserved.clone().try_acquire_owned().map(|permit| (permit, Door::Alarms))).ok()
    }
}

/// Accepts until told to stop.
pub async fn serve(
    entrance: Arc<Entrance>,
    router: Router,
    listener: Arc<TcpListener>,
    mut stop: watch::Receiver<bool>,
) {
    let room = Room::of(entrance.limits.connections);
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => accepted,
        };
        while open.try_join_next().is_some() {}
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: those that are open go on.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some((permit, door)) = room.take() else {
            entrance.metrics.count("ortoo_refused_total", &[("code", "connections_full")]);
            turn_away(stream);
            continue;
        };
        entrance.metrics.count("ortoo_connections_total", &[]);
        let (entrance, router, stop) = (entrance.clone(), router.clone(), stop.clone());
        open.spawn(async move {
            one(entrance, stream, (remote, door), router, stop).await;
            drop(permit);
        });
    }
    let all = async { while open.join_next().await.is_some() {} };
    // What has not ended by then is cut: the answers it waits for were sent by the writer already.
    let _ = tokio::time::timeout(GRACE, all).await;
}

/// Says that there is no room. The socket is new, so this fits its buffer; one that does not take it is let go.
fn turn_away(stream: TcpStream) {
    use std::io::Write as _;
    let told = stream.into_std().and_then(|mut stream| stream.write_all(NO_ROOM));
    if let Err(error) = told {
        tracing::debug!(%error, "a connection was turned away unheard");
    }
}

async fn one(
    entrance: Arc<Entrance>,
    stream: TcpStream,
    (remote, door): (SocketAddr, Door),
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        guard(entrance.clone(), (remote, door), router.clone(), request.map(axum::body::Body::new))
    });
    let connection = http1::Builder::new()
        .pipeline_flush(true)
        // A place kept for alarms is given back after each.
        .keep_alive(door == Door::Open)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
