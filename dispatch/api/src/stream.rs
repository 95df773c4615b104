//! Messages of the stream (D15), as `docs/stream.md` describes them. The server writes `commit` and `snapshot` from
//! parts it has encoded once; these types are what a client reads, and a test holds the two together.

use dispatch_core::kernel::id::{JournalId, SeatId, UnitId};
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::{AlarmView, View};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "messages are read one at a time and taken apart")]
pub enum ServerMessage {
    /// First, and again when the labels change.
    Hello(Hello),
    /// Everything alive of the interest.
    Snapshot {
        /// Id of the journal; another one means that the client begins anew.
        journal_id: JournalId,
        /// True at this sequence.
        seq: u64,
        /// It replaces all the client holds; else it adds.
        whole: bool,
        /// Every view of the interest, whole.
        views: Vec<View>,
    },
    /// One commit, as far as it is of interest to the client.
    Commit {
        /// Id of the journal it belongs to.
        journal_id: JournalId,
        /// The seq last sent to this subscription.
        prev: u64,
        /// The seq after it.
        seq: u64,
        /// When it was decided.
        at: Time,
        /// What it changed of the interest.
        deltas: Vec<View>,
        /// The register changed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        register: bool,
    },
    /// The node lives, and how far it is.
    Heartbeat {
        /// Sequence of the last row that is durable.
        head: u64,
        /// What the node's clock says, microseconds UTC.
        now: Time,
        /// Degraded modes by code.
        degraded: Vec<String>,
        /// How far the machine's clock is ahead of the node's, milliseconds, negative where it is behind; there while it
        /// is in doubt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock_ahead_ms: Option<i64>,
        /// Seats at which a console is open.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        seats: Vec<SeatId>,
    },
    /// Forget what you hold; a snapshot follows.
    Reset {
        /// Why the client has to begin anew.
        reason: ResetReason,
    },
    /// An alarm the journal cannot take at present.
    Unrecorded {
        /// The alarm, which rings and has no number yet.
        alarm: AlarmView,
    },
    /// Answer to `ping`.
    Pong {
        /// The client's value.
        t: i64,
    },
    /// A message of the client could not be understood.
    Problem {
        /// The stable word programs go by.
        code: String,
        /// What is wrong, in English.
        detail: String,
    },
}

/// What a connection begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hello {
    /// Name of the subprotocol, `ortoo.v1`.
    pub protocol: String,
    /// Version of the server.
    pub version: String,
    /// Id of the journal the node writes.
    pub journal_id: JournalId,
    /// Sequence of the last row that is durable.
    pub head: u64,
    /// The node's clock.
    pub now: Time,
    /// IANA zone of the region.
    pub zone: String,
    /// Time between heartbeats, milliseconds.
    pub heartbeat_ms: u32,
    /// Time between ticks of position frames, milliseconds.
    pub positions_ms: u32,
    /// H3 resolution of tiles.
    pub tile_resolution: u8,
    /// The area each label index of a frame stands for.
    pub labels: Vec<AreaPath>,
}

/// Why a client has to begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// Another journal, restored from a backup.
    JournalChanged,
    /// The resume point is no longer kept.
    TooFarBehind,
    /// This client did not read and its queue was dropped.
    Slow,
}

/// A message from the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// What it is interested in; replaces what it said before.
    Subscribe(Subscribe),
    /// Answered by `pong`.
    Ping {
        /// Repeated in the answer.
        t: i64,
    },
}

/// What a client wants to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Prefixes of area paths joined by `/`; empty: everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// Modes; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<Mode>,
    /// Instead of areas: one unit, its orders and their incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The seat that works at this console; heartbeats tell the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// Where the client stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// Whether position frames are wanted.
    #[serde(default)]
    pub positions: bool,
    /// Only these tiles, hexadecimal; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiles: Option<Vec<String>>,
}

/// A point in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resume {
    /// Id of the journal the client has followed.
    pub journal_id: JournalId,
    /// The last seq applied.
    pub seq: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_read_as_documented() {
        let sent =
            json!({"type": "subscribe", "areas": ["1525/152502"], "modes": ["actual"], "positions": true});
        let ClientMessage::Subscribe(subscribe) = serde_json::from_value(sent).unwrap() else { panic!() };
        assert_eq!(subscribe.modes, [Mode::Actual]);
        assert!(serde_json::from_value::<ClientMessage>(json!({"type": "subscribe", "aeras": []})).is_err());
        let reset = ServerMessage::Reset { reason: ResetReason::TooFarBehind };
        assert_eq!(
            serde_json::to_value(reset).unwrap(),
            json!({"type": "reset", "reason": "too_far_behind"})
        );
    }
}
