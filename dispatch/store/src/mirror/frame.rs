//! A frame of the mirror: one line of text. First 16 hex digits of the BLAKE3 of what follows the space, then a row of
//! one of the tables as JSON, then spaces where something was overwritten by something shorter.

use serde::{Deserialize, Serialize};

use crate::journal::JournalRow;
use crate::row::{Answer, Words};

/// Hex digits of a checksum.
const DIGITS: usize = 16;

/// What a line holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Frame {
    /// A row of the journal.
    Row(JournalRow),
    /// What a command was answered.
    Answer(Answer),
    /// Words, as they were when the journal had come to row `seen`.
    Words {
        /// The words, without text once that is erased.
        words: Words,
        /// The head they were read at.
        seen: u64,
    },
}

impl Frame {
    /// As a line.
    pub(super) fn line(&self) -> String {
        let json = serde_json::to_string(self).expect("rows have string keys and finite numbers only");
        format!("{} {json}\n", checksum(&json))
    }

    /// From a line, with or without its end; none where it is not as it was written.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?.trim_end();
        let (sum, json) = text.split_at_checked(DIGITS)?;
        let json = json.strip_prefix(' ')?;
        if checksum(json) != sum {
            return None;
        }
        serde_json::from_str(json).ok()
    }
}

fn checksum(json: &str) -> String {
    let mut hash = blake3::hash(json.as_bytes()).to_hex().to_string();
    hash.truncate(DIGITS);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written_or_not_at_all() {
        let answer = Answer {
            actor: "a\nb".into(),
            command: "c".into(),
            fingerprint: "f".into(),
            answer: "{}".into(),
            at: 7,
        };
        let frame = Frame::Answer(answer);
        let line = frame.line();
        assert_eq!(line.matches('\n').count(), 1, "a line is one line");
        assert_eq!(Frame::read(line.as_bytes()), Some(frame.clone()));
        assert_eq!(Frame::read(line.replace('\n', "   \n").as_bytes()), Some(frame));
        for place in 0..line.len() - 1 {
            let mut changed = line.clone().into_bytes();
            changed[place] ^= 1;
            assert_eq!(Frame::read(&changed), None, "byte {place}");
            assert_eq!(Frame::read(&line.as_bytes()[..place]), None, "cut at {place}");
        }
    }
}
