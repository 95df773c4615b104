//! Rules that headers and query parameters can break, as codes with typed parameters (D17), like those of a command's
//! fields. The English is for logs; screens translate by code.

use serde::Serialize;

/// A rule of the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum DoorRule {
    /// A header is not text.
    #[error("must be UTF-8")]
    Utf8,
    /// A text shows as something else than it is.
    #[error("must hold no hidden character, such as {character}")]
    HiddenCharacter {
        /// The first of them, `U+202E`.
        character: String,
    },
    /// A text is longer than is taken.
    #[error("must have at most {bytes} bytes")]
    BytesAtMost {
        /// The most bytes.
        bytes: usize,
    },
    /// A command has an id of its own, which its repeats keep (D6).
    #[error("must be a UUIDv7, the command's own, kept through retries")]
    Uuid7,
    /// One of few words.
    #[error("must be one of {}", .among.join(", "))]
    OneOf {
        /// The words that are taken.
        among: Vec<String>,
    },
    /// Not a word of its vocabulary.
    #[error("{detail}")]
    UnknownWord {
        /// What stood there.
        given: String,
        /// Which words there are, in English.
        detail: String,
    },
    /// The node's own name.
    #[error("system is the node itself")]
    NodesName,
    /// The route has no such parameter.
    #[error("is not a parameter here: there are {}", .known.join(", "))]
    UnknownParameter {
        /// Those it has.
        known: Vec<String>,
    },
    /// Twice in one query.
    #[error("is given twice")]
    GivenTwice,
    /// A number within bounds, both included.
    #[error("must be a number from {least} to {most}")]
    NumberWithin {
        /// The least number that is taken.
        least: u64,
        /// The greatest number that is taken.
        most: u64,
    },
    /// A place in the journal.
    #[error("must be a sequence number")]
    SequenceNumber,
    /// Where a page before ended.
    #[error("must be the `next` of the page before")]
    NextOfPage,
    /// A moment is given in microseconds since 1970 UTC.
    #[error("must be microseconds since 1970 UTC")]
    Microseconds,
    /// A stretch of time that ends before it begins, or is too long.
    #[error("must lie before `to`, by at most {hours} hours")]
    StretchOfHours {
        /// The longest stretch, hours.
        hours: u64,
    },
    /// A filter that the archive does not have.
    #[error("filters active incidents only")]
    ActiveOnly,
    /// The request does not begin a stream.
    #[error("this address is a WebSocket, version 13, of the subprotocol {protocol}")]
    WebSocket {
        /// The subprotocol to offer.
        protocol: &'static str,
    },
}

impl DoorRule {
    /// Every code, in the order of the rules.
    pub const CODES: [&'static str; 16] = [
        "utf8",
        "hidden_character",
        "bytes_at_most",
        "uuid7",
        "one_of",
        "unknown_word",
        "nodes_name",
        "unknown_parameter",
        "given_twice",
        "number_within",
        "sequence_number",
        "next_of_page",
        "microseconds",
        "stretch_of_hours",
        "active_only",
        "web_socket",
    ];

    /// The rule a text breaks that is a code, a name or a word of ours; none where it may be one.
    pub fn broken_by(text: &str) -> Option<Self> {
        dispatch_core::kernel::text::hidden(text).map(|character| Self::HiddenCharacter { character })
    }

    /// One of these words.
    pub fn one_of(among: &[&str]) -> Self {
        Self::OneOf { among: among.iter().map(ToString::to_string).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_goes_by_its_code() {
        let every = [
            DoorRule::Utf8,
            DoorRule::HiddenCharacter { character: "U+202E".into() },
            DoorRule::BytesAtMost { bytes: 128 },
            DoorRule::Uuid7,
            DoorRule::one_of(&["a", "b"]),
            DoorRule::UnknownWord { given: "c".into(), detail: "d".into() },
            DoorRule::NodesName,
            DoorRule::UnknownParameter { known: vec!["area".into()] },
            DoorRule::GivenTwice,
            DoorRule::NumberWithin { least: 1, most: 1_000 },
            DoorRule::SequenceNumber,
            DoorRule::NextOfPage,
            DoorRule::Microseconds,
            DoorRule::StretchOfHours { hours: 24 },
            DoorRule::ActiveOnly,
            DoorRule::WebSocket { protocol: "ortoo.v1" },
        ];
        let codes = every.iter().map(|rule| serde_json::to_value(rule).unwrap()["rule"].clone());
        assert_eq!(codes.collect::<Vec<_>>(), DoorRule::CODES);
        assert_eq!(every[4].to_string(), "must be one of a, b");
    }
}
