//! Heartbeats of alarm points: a receipt at once, never a record. What they mean is [`crate::liveness`]'s.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::heartbeat::HeartbeatsReceipt;
use dispatch_api::position::LineFault;
use dispatch_api::problem::Problem;
use dispatch_core::kernel::id::PointId;
use dispatch_intake::json::heartbeats as decoder;
use serde_json::json;

use super::positions::line_fault;
use super::reply::{Refused, json as json_reply};
use super::sender::Sender;
use super::{body, heavy};
use crate::node::Node;

/// Heartbeats of one body that are looked at.
const HEARTBEATS_MAX: u64 = 20_000;
/// Faults that are listed; the others are counted.
const FAULTS_LISTED: usize = 20;

/// Takes a body of heartbeats.
pub async fn take(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match taken(&node, request).await {
        Ok(receipt) => json_reply(202, &receipt),
        Err(refused) => refused.into_response(),
    }
}

async fn taken(node: &Node, request: Request) -> Result<HeartbeatsReceipt, Refused> {
    let (parts, body) = request.into_parts();
    let bytes = body::whole(body, node.config.limits.positions_bytes).await?;
    let decode = |bytes: &[u8]| decoder::decode(bytes, HEARTBEATS_MAX);
    let decoder::Heartbeats { points, faults, faulty, over } = heavy::read(&parts, bytes, decode).await?;
    let received = points.len() as u64 + faulty + over;
    let (known, strangers, others) = {
        let state = node.state();
        let register = state.register();
        let speaker = Sender::of(&parts.headers, register)?.speaker(register)?;
        let stands = |point: &PointId| register.points.get(point).is_some_and(|entry| !entry.retired);
        let (known, strangers): (Vec<_>, Vec<_>) = points.into_iter().partition(|(_, point)| stands(point));
        let own = |(_, point): &(u64, PointId)| speaker.tells_of(Some(point), None);
        let (known, others): (Vec<_>, Vec<_>) = known.into_iter().partition(own);
        (known, strangers, others)
    };
    let unknown = strangers.iter().map(|(line, point)| LineFault {
        line: *line,
        field: "point".to_owned(),
        rule: format!("there is no alarm point {:?}", point.as_str()),
    });
    let of_others = others.iter().map(|(line, _)| LineFault {
        line: *line,
        field: "point".to_owned(),
        rule: "is not the alarm point that sends it".to_owned(),
    });
    let receipt = HeartbeatsReceipt {
        received,
        heard: known.len() as u64,
        unknown_point: strangers.len() as u64,
        over_limit: over,
        faulty: faulty + others.len() as u64,
        faults: faults
            .into_iter()
            .map(line_fault)
            .chain(unknown)
            .chain(of_others)
            .take(FAULTS_LISTED)
            .collect(),
    };
    for (verdict, count) in [
        ("heard", receipt.heard),
        ("unknown_point", receipt.unknown_point),
        ("over_limit", receipt.over_limit),
        ("faulty", receipt.faulty),
    ] {
        node.metrics.add("ortoo_heartbeats_total", &[("verdict", verdict)], count);
    }
    if known.is_empty() {
        let problem = Problem::new(422, "invalid", "there is no heartbeat of a known point in it");
        let field = receipt.faults.first().map(|fault| fault.field.clone()).unwrap_or_default();
        return Err(problem.with("faults", json!(receipt.faults)).at(&field).into());
    }
    node.liveness.hear(known.into_iter().map(|(_, point)| point), node.truth.clock().elapsed());
    Ok(receipt)
}
