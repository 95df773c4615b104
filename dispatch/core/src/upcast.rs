//! Events as the journal stores them: `name`, `v` and the payload as JSON bytes, hashed as stored (D5). A payload
//! written by any released version can be read: a missing field has a default, a changed shape has an upcaster.

use serde::de::DeserializeOwned;

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
        /// Which field, and what the decoder says.
        cause: PayloadFault,
    },
}

/// What is wrong with a payload, and where.
#[derive(Debug, thiserror::Error)]
#[error("{field}: {cause}")]
pub struct PayloadFault {
    /// Path of the field, `place.coord.lat`; `.` for the payload as a whole.
    pub field: String,
    /// What the decoder says.
    pub cause: serde_json::Error,
}

/// An event as the journal stores it: name (one of [`Event::NAMES`]), version of its schema, payload (a JSON object).
/// The same event is always the same bytes.
pub fn encode(event: &Event) -> (&'static str, u16, Vec<u8>) {
    (event.name(), event.v(), event.payload())
}

/// Reads an event back.
pub fn decode(name: &str, v: u16, payload: &[u8]) -> Result<Event, UpcastError> {
    let unknown = || UpcastError::UnknownName { name: name.to_owned() };
    let known = Event::v_of(name).ok_or_else(unknown)?;
    if v == 0 || v > known {
        return Err(UpcastError::NewerVersion { name: name.to_owned(), v, known });
    }
    let read = Event::read(name, payload).ok_or_else(unknown)?;
    read.map_err(|cause| UpcastError::Payload { name: name.to_owned(), v, cause })
}

/// Reads a payload; a fault names the field.
pub(crate) fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, PayloadFault> {
    let mut reader = serde_json::Deserializer::from_slice(payload);
    let read = serde_path_to_error::deserialize(&mut reader)
        .map_err(|fault| PayloadFault { field: fault.path().to_string(), cause: fault.into_inner() })?;
    reader.end().map_err(|cause| PayloadFault { field: ".".to_owned(), cause })?;
    Ok(read)
}
