//! Positions: a receipt at once (D8), a count of what became of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::position::{LineFault, PositionsReceipt};
use dispatch_api::problem::Problem;
use dispatch_core::kernel::id::UnitId;
use dispatch_intake::Fault;
use dispatch_intake::json::positions as decoder;
use serde_json::json;

use super::reply::{Refused, json as json_reply};
use super::sender::Sender;
use super::{body, heavy};
use crate::gate::{verdicts, writer_limits};
use crate::node::Node;

/// Takes a body of positions.
pub async fn take(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match taken(&node, request).await {
        Ok(receipt) => json_reply(202, &receipt),
        Err(refused) => refused.into_response(),
    }
}

async fn taken(node: &Node, request: Request) -> Result<PositionsReceipt, Refused> {
    let (parts, body) = request.into_parts();
    let wait = parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == "wait=true"));
    let bytes = body::whole(body, node.config.limits.positions_bytes).await?;
    let (most, now) = (writer_limits(&node.config.limits).fixes_max, node.now());
    let decode = move |bytes: &[u8]| decoder::decode(bytes, most as u64, now);
    let mut read = heavy::read(&parts, bytes, decode).await?;
    node.metrics.add("ortoo_positions_total", &[("verdict", "faulty")], read.faulty);
    if read.over > 0 {
        let problem = Problem::new(413, "too_large", format!("a body here has at most {most} positions"));
        return Err(problem.with("limit", most).into());
    }
    let (unknown, others) = {
        let state = node.state();
        let register = state.register();
        let speaker = Sender::of(&parts.headers, register)?.speaker(register)?;
        let is_known = |unit: &UnitId| register.units.get(unit).is_some_and(|entry| !entry.retired);
        let unknown = read.strike("is not in the register", |unit| !is_known(unit));
        let others = read.strike("is not the unit that sends it", |unit| !speaker.tells_of(None, Some(unit)));
        (unknown, others)
    };
    for (verdict, count) in [("unknown_unit", unknown), ("other_unit", others)] {
        node.metrics.add("ortoo_positions_total", &[("verdict", verdict)], count);
    }
    let decoder::Positions { fixes, faults, faulty, .. } = read;
    let mut receipt = PositionsReceipt {
        received: fixes.len() as u64 + faulty,
        queued: fixes.len() as u64,
        faulty,
        faults: faults.into_iter().map(line_fault).collect(),
        verdicts: None,
    };
    if fixes.is_empty() {
        let problem = Problem::new(422, "invalid", "there is no position in it that can be read");
        let field = receipt.faults.first().map(|fault| fault.field.clone()).unwrap_or_default();
        return Err(problem.with("faults", json!(receipt.faults)).at(&field).into());
    }
    let became = node.gate.positions(fixes, wait).await.map_err(|_| {
        node.metrics.count("ortoo_refused_total", &[("code", "positions_full")]);
        Problem::new(429, "busy", "positions come faster than they can be taken; try again after 1 s")
            .with("retry_after_s", 1)
    })?;
    receipt.verdicts = became.map(|became| {
        let some = verdicts(&became).into_iter().filter(|(_, count)| *count > 0);
        some.map(|(verdict, count)| (verdict.to_owned(), count)).collect::<BTreeMap<_, _>>()
    });
    Ok(receipt)
}

/// A fault of the decoder as it goes over the wire.
pub fn line_fault(fault: Fault) -> LineFault {
    LineFault { line: fault.line, field: fault.field, rule: fault.rule }
}
