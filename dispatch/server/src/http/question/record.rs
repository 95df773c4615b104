//! The journal, an incident's own part of it, and words, each reading of which is audited.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, Response};
use dispatch_api::door::DoorRule;
use dispatch_api::problem::Problem;
use dispatch_api::question::{JournalPage, WordsText};
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{IncidentId, UnitId, WordsId};
use dispatch_core::kernel::target::Target;
use dispatch_core::response::order::Order;
use dispatch_core::state::State;
use dispatch_store::{History as _, ReadModel as _, Reading, Text, WordsClass, WordsRecords as _};
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{at_head, head};
use crate::http::path::Id;
use crate::http::reply::{Refused, internal, not_found, query};
use crate::http::sender::Sender;
use crate::node::Node;

/// Longest reason of a reading, bytes.
const REASON_BYTES_MAX: usize = 200;

/// `GET /incidents/{id}/timeline`: every record that is about an incident, oldest first.
pub async fn timeline(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, timeline_of(&node, &id).await)
}

async fn timeline_of(node: &Node, id: &str) -> Result<Value, Refused> {
    let id = IncidentId(id.parse().map_err(|_| not_found("incident"))?);
    let items: Vec<Record> = node.store.timeline(id).await.map_err(|error| internal(&error))?;
    if items.is_empty() {
        return Err(not_found("incident"));
    }
    Ok(json!({"items": items}))
}

/// `GET /journal`: records from a seq on, and where the next page begins.
pub async fn journal(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, journal_of(&node, raw).await)
}

async fn journal_of(node: &Node, raw: RawQuery) -> Result<JournalPage, Refused> {
    let parameters = Parameters::of(raw, &["from", "limit"])?;
    let from: u64 = parameters.parsed("from", &DoorRule::SequenceNumber)?.unwrap_or(1);
    let limit = u32::try_from(parameters.limit()?).unwrap_or(u32::MAX);
    let items = node.store.records(from.saturating_sub(1), limit).await.map_err(|error| internal(&error))?;
    let next = items.last().map(|record| record.seq + 1).filter(|_| items.len() == limit as usize);
    Ok(JournalPage { journal_id: node.state().journal, items, next })
}

/// `GET /words/{id}`: what a person said or typed; the reading is audited with its reason.
pub async fn words(
    Shared(node): Shared<Arc<Node>>,
    Id(id): Id,
    headers: HeaderMap,
    raw: RawQuery,
) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, words_of(&node, &id, &headers, raw).await)
}

async fn words_of(node: &Node, id: &str, headers: &HeaderMap, raw: RawQuery) -> Result<WordsText, Refused> {
    let parameters = Parameters::of(raw, &["reason"])?;
    let id = WordsId(id.parse().map_err(|_| not_found("words"))?);
    let sender = Sender::of(headers)?;
    let purpose = parameters.text("reason").unwrap_or("unsaid").to_owned();
    if purpose.len() > REASON_BYTES_MAX {
        return Err(query("reason", &DoorRule::BytesAtMost { bytes: REASON_BYTES_MAX }));
    }
    let reading = Reading { actor: sender.actor, seat: sender.seat, purpose, at: node.now() };
    if let Some(words) = node.unrecorded.read(id, &reading) {
        let (class, lang, text) = (words.class.as_str().to_owned(), words.lang, words.text);
        return Ok(WordsText { id, class, lang, text, incident: words.incident, alarm: words.alarm });
    }
    let found = node.store.words(&[id], &reading).await.map_err(|error| internal(&error))?;
    let words = found.into_iter().next().ok_or_else(|| not_found("words"))?;
    if words.class == WordsClass::Caller && !may_know_caller(&node.state(), reading.actor.as_str(), id) {
        return Err(
            Problem::new(403, "not_released", "the caller was not released for an order of yours").into()
        );
    }
    let text = match words.text {
        Text::Said(text) => text,
        Text::Erased => return Err(Problem::new(410, "words_erased", "these words were erased").into()),
        Text::Damaged => {
            let why = "these words are damaged: they are not what was said";
            return Err(Problem::new(500, "words_damaged", why).into());
        }
    };
    Ok(WordsText {
        id,
        class: words.class.as_str().to_owned(),
        lang: words.lang,
        text,
        incident: words.incident,
        alarm: words.alarm,
    })
}

/// Who called is for operators; a unit knows it while it has an order it was released for (D13).
fn may_know_caller(state: &State, actor: &str, id: WordsId) -> bool {
    let unit = UnitId::from(actor.strip_prefix("unit:").unwrap_or(actor));
    let released = |order: &Order| {
        order.target == Target::Unit(unit.clone()) && !order.state.is_ended() && order.caller.contains(&id)
    };
    !state.units().contains_key(&unit) || state.orders().values().any(released)
}
