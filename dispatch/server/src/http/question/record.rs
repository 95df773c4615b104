//! The journal, an incident's own part of it, and words, each reading of which is audited.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, Response};
use dispatch_api::door::DoorRule;
use dispatch_api::problem::Problem;
use dispatch_api::question::{JournalPage, WordsText};
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{AlarmId, IncidentId, UnitId, WordsId};
use dispatch_core::register::speaker::Speaker;
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
    let sender = Sender::of(headers, node.state().register())?;
    let purpose = parameters.text("reason").unwrap_or("unsaid").to_owned();
    if purpose.len() > REASON_BYTES_MAX {
        return Err(query("reason", &DoorRule::BytesAtMost { bytes: REASON_BYTES_MAX }));
    }
    let reading = Reading { actor: sender.actor.clone(), seat: sender.seat.clone(), purpose, at: node.now() };
    let words = found(node, id, &reading).await?;
    if words.class == WordsClass::Caller {
        let state = node.state();
        may_know_caller(&state, sender.speaker(state.register())?, id)?;
    }
    let text = match words.text {
        Text::Said(text) => text,
        Text::Erased => return Err(Problem::new(410, "words_erased", "these words were erased").into()),
        Text::Damaged => {
            let why = "these words are damaged: they are not what was said";
            return Err(Problem::new(500, "words_damaged", why).into());
        }
    };
    let class = words.class.as_str().to_owned();
    Ok(WordsText { id, class, lang: words.lang, text, incident: words.incident, alarm: words.alarm })
}

/// Words as they are found, recorded or not.
struct Found {
    class: WordsClass,
    lang: Option<String>,
    text: Text,
    incident: Option<IncidentId>,
    alarm: Option<AlarmId>,
}

/// Words, wherever they lie at present; the reading is kept there. Whether the text is for the reader is not asked here.
async fn found(node: &Node, id: WordsId, reading: &Reading) -> Result<Found, Refused> {
    if let Some(words) = node.unrecorded.read(id, reading) {
        let (class, lang, text) = (words.class, words.lang, Text::Said(words.text));
        return Ok(Found { class, lang, text, incident: words.incident, alarm: words.alarm });
    }
    let stored = node.store.words(&[id], reading).await.map_err(|error| internal(&error))?;
    let words = stored.into_iter().next().ok_or_else(|| not_found("words"))?;
    let (class, lang, text) = (words.class, words.lang, words.text);
    Ok(Found { class, lang, text, incident: words.incident, alarm: words.alarm })
}

/// Who called is for operators and programs of theirs; a unit knows it while it has an order it was released for, and an
/// alarm point never does (D13).
fn may_know_caller(state: &State, speaker: Speaker<'_>, id: WordsId) -> Result<(), Refused> {
    let released = |unit: &UnitId| {
        let unit = state.units().get(unit).into_iter();
        let held = unit.flat_map(|unit| unit.active.iter().chain(&unit.divert).chain(&unit.stacked));
        let mut orders = held.filter_map(|order| state.orders().get(order));
        orders.any(|order| !order.state.is_ended() && order.caller.contains(&id))
    };
    let may = match speaker {
        Speaker::Node | Speaker::Seat(_) | Speaker::Source | Speaker::Program => true,
        Speaker::Unit(unit) => released(unit),
        Speaker::Point(_) => false,
    };
    if may {
        return Ok(());
    }
    Err(Problem::new(403, "not_released", "the caller was not released for an order of yours").into())
}
