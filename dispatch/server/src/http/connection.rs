//! Connections: accepted as long as there is [room](crate::room), served by hyper, ended gracefully. Whoever finds no room is
//! told to come again.
//!
//! An answer leaves as soon as it is made: hyper's flushing of several together would keep it back for what the client
//! may send next.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::body::Incoming;
use super::guard::{Entrance, guard};
use crate::room::{Door, Entered};

/// A request's head must have come by then.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Open connections get so long to end once the node stops.
const GRACE: Duration = Duration::from_secs(5);

/// Bytes of a request's head, and of what is read at once.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// What a connection is told for which there is no room at all.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Accepts until told to stop.
pub async fn serve(
    entrance: Arc<Entrance>,
    router: Router,
    listener: Arc<TcpListener>,
    mut stop: watch::Receiver<bool>,
) {
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
        let (entered, gone) = entrance.room.enter(remote.ip().to_canonical());
        if gone > 0 {
            entrance.metrics.add("ortoo_connections_let_go_total", &[], gone as u64);
        }
        let Some(entered) = entered else {
            entrance.metrics.count("ortoo_refused_total", &[("code", "connections_full")]);
            turn_away(stream);
            continue;
        };
        entrance.metrics.count("ortoo_connections_total", &[]);
        open.spawn(one(entrance.clone(), stream, (remote, entered), router.clone(), stop.clone()));
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
    (remote, entered): (SocketAddr, Entered),
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let (door, place) = (entered.door, entered.place.clone());
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let request =
            request.map(|body| Body::new(Incoming::new(body, entrance.room.clone(), place.clone())));
        guard(entrance.clone(), (remote, door, place.clone()), router.clone(), request)
    });
    let connection = http1::Builder::new()
        // A place kept for alarms is given back after each.
        .keep_alive(door == Door::Open)
        .max_buf_size(HEAD_BYTES_MAX)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = entered.place.left() => return,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
