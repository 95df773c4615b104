//! What is asked of the node for itself, its copy, its region and its lead: who asks, and for what. Whoever leads a shift at a
//! topmost desk may, since all of it concerns every desk below; what the command line does on the node's own files needs no
//! seat.

use axum::extract::Request;
use axum::http::HeaderMap;
use dispatch_api::operation::BodyFault;
use dispatch_api::problem::Problem;
use dispatch_core::kernel::id::SeatId;
use dispatch_core::kernel::kind::Role;
use dispatch_core::kernel::refusal::Refusal;
use serde_json::Value;

use super::body;
use super::reply::Refused;
use super::sender::Sender;
use crate::folder::Outside;
use crate::node::Node;

/// What was asked, by a seat that may.
#[derive(Debug)]
pub struct Asked {
    /// At which it is asked.
    pub seat: SeatId,
    /// What its one field says.
    pub named: String,
}

impl Asked {
    /// Reads a request whose body has this one field.
    pub async fn read(node: &Node, request: Request, field: &str) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let seat = asking(node, &parts.headers)?;
        let bytes = body::whole(body, node.config.limits.body_bytes).await?;
        Ok(Self { seat, named: named(&bytes, field)? })
    }
}

/// The seat that asks, if it may.
pub fn asking(node: &Node, headers: &HeaderMap) -> Result<SeatId, Refused> {
    let refused = |refusal: &Refusal| Refused::from(Problem::refusal(refusal, None));
    let state = node.state();
    let register = state.register();
    let seat = Sender::of(headers, register)?.seat.ok_or_else(|| refused(&Refusal::SeatRequired))?;
    let Some(entry) = register.seats.get(&seat) else {
        return Err(refused(&Refusal::unknown("seat", "seat", &seat)));
    };
    let is_topmost = register.desks.get(&entry.desk).is_some_and(|desk| desk.parent.is_none());
    match entry.role {
        Role::ShiftLead | Role::Commander if is_topmost => Ok(seat),
        Role::ShiftLead | Role::Commander | Role::CallTaker | Role::Dispatcher => {
            let why = "this is for a shift lead or a commander of a topmost desk";
            Err(Problem::new(403, "not_permitted", why).with("seat", seat.as_str()).at("seat").into())
        }
    }
}

/// The text of the one field.
fn named(bytes: &[u8], field: &str) -> Result<String, Refused> {
    let body: Value = serde_json::from_slice(bytes).map_err(|error| {
        let problem = Problem::new(400, "malformed", format!("the body is not JSON: {error}"));
        Refused::from(problem.with("line", error.line()).with("column", error.column()))
    })?;
    let fault =
        |field: &str, rule, detail| Refused::from(Problem::body(&BodyFault::new(field, rule, detail), None));
    let Value::Object(mut fields) = body else {
        return Err(fault("", "not_an_object", "must be a JSON object"));
    };
    let named = match fields.remove(field) {
        None => return Err(fault(field, "missing", "must be there")),
        Some(Value::String(named)) => named,
        Some(_) => return Err(fault(field, "wrong_shape", "must be text")),
    };
    match fields.keys().next() {
        Some(other) => Err(fault(other, "unknown_field", "is not a field of this body")),
        None => Ok(named),
    }
}

/// What is named lies outside of the folder.
pub fn outside(field: &str, outside: Outside) -> Refused {
    Problem::body(&BodyFault::new(field, "name_in_folder", &outside.to_string()), None).into()
}
