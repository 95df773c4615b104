//! Connections: accepted up to a bound, served by hyper with answers to pipelined requests flushed together, ended
//! gracefully.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::guard::guard;
use crate::node::Node;

/// A request's head must have come by then.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Open connections get so long to end once the node stops.
const GRACE: Duration = Duration::from_secs(5);

/// Accepts until told to stop.
pub async fn serve(node: Arc<Node>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let router = super::router(node.clone());
    let room = Arc::new(Semaphore::new(node.config.limits.connections));
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
        let Ok(permit) = room.clone().try_acquire_owned() else {
            node.metrics.count("ortoo_refused_total", &[("code", "connections_full")]);
            continue;
        };
        node.metrics.count("ortoo_connections_total", &[]);
        let (node, router, stop) = (node.clone(), router.clone(), stop.clone());
        open.spawn(async move {
            one(node, stream, remote, router, stop).await;
            drop(permit);
        });
    }
    let all = async { while open.join_next().await.is_some() {} };
    // What has not ended by then is cut: the answers it waits for were sent by the writer already.
    let _ = tokio::time::timeout(GRACE, all).await;
}

async fn one(
    node: Arc<Node>,
    stream: TcpStream,
    remote: SocketAddr,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        guard(node.clone(), remote, router.clone(), request.map(axum::body::Body::new))
    });
    let connection = http1::Builder::new()
        .pipeline_flush(true)
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
