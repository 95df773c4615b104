//! Events as the journal stores them: `name`, `v` and the payload as JSON bytes, hashed as stored (D5). A payload
//! written by any released version is read here; what it lacks has a default, what changed shape has an upcaster.

use crate::event::Event;

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UpcastError {
    /// A newer build wrote an event this one does not know.
    #[error("event {name:?} is not known to this build: start the build that wrote it, or a newer one")]
    UnknownName {
        /// The name as stored.
        name: String,
    },
    /// A newer build wrote a newer shape of it.
    #[error("event {name:?} version {v} is newer than this build knows (version {known})")]
    NewerVersion {
        /// The name as stored.
        name: String,
        /// The version as stored.
        v: u16,
        /// The newest version this build reads.
        known: u16,
    },
    /// The payload is not what its name and version say.
    #[error("event {name:?} version {v} has a payload that is not its own: {cause}")]
    Payload {
        /// The name as stored.
        name: String,
        /// The version as stored.
        v: u16,
        /// What the decoder says.
        cause: serde_json::Error,
    },
}

/// An event as the journal stores it: name (one of [`Event::NAMES`]), version of its schema, payload (a JSON object).
/// The same event is always the same bytes.
pub fn encode(event: &Event) -> (&'static str, u16, Vec<u8>) {
    let name = event.name();
    let whole = serde_json::to_vec(event).expect("every key of an event is text");
    // The whole is `{"name":"…","data":{…}}`: the payload is cut out of it, so that the enum alone says how an event
    // is written.
    let lead = lead(name).len();
    (name, Event::V, whole[lead..whole.len() - 1].to_vec())
}

/// Reads an event back.
pub fn decode(name: &str, v: u16, payload: &[u8]) -> Result<Event, UpcastError> {
    if !Event::NAMES.contains(&name) {
        return Err(UpcastError::UnknownName { name: name.to_owned() });
    }
    if v == 0 || v > Event::V {
        return Err(UpcastError::NewerVersion { name: name.to_owned(), v, known: Event::V });
    }
    let mut whole = lead(name).into_bytes();
    whole.extend_from_slice(payload);
    whole.push(b'}');
    serde_json::from_slice(&whole).map_err(|cause| UpcastError::Payload { name: name.to_owned(), v, cause })
}

fn lead(name: &str) -> String {
    format!(r#"{{"name":"{name}","data":"#)
}
