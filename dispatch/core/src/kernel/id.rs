//! Typed ids. Things born at run time carry a UUIDv7 minted from the command that made them, so that a repeated
//! command names the same thing; things of the register carry the code their region gave them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! born {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

born! {
    /// A command, minted by the client; unique per (node, actor).
    CommandId,
    /// One message or call for help.
    AlarmId,
    /// What happened and must be answered.
    IncidentId,
    /// An incident given to one target.
    OrderId,
    /// A ranked list that an order may refer to.
    RecommendationId,
    /// A technical alarm: device, link, geofence or rule.
    TechnicalId,
    /// A shift that is offered.
    HandoverId,
    /// A source of technical alarms that is suppressed.
    SuppressionId,
    /// A request for a unit of another desk.
    SupportId,
    /// A piece of feedback on an order.
    FeedbackId,
    /// A record of what a person said or typed, kept apart from the journal (D12).
    WordsId,
    /// The journal itself; renewed by a restore (D15).
    JournalId,
}

macro_rules! coded {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The code as the register writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                Self(code.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

coded! {
    /// An area of the jurisdiction tree (GB/T 2260 or NBS code, or what the region uses).
    AreaCode,
    /// An authority over an area.
    DeskId,
    /// A class of area, as town or open country.
    AreaClassCode,
    /// A place at a desk with a role.
    SeatId,
    /// What can be sent.
    UnitId,
    /// A fixed place that can raise an alarm.
    PointId,
    /// A patrol beat.
    BeatId,
    /// Who employs and answers for units and keepers.
    OrganisationId,
    /// A kind of incident.
    TypeCode,
    /// A capability kind or an authority class.
    KindCode,
    /// Who acts: an operator's or a source's name, or `system`.
    ActorId,
    /// An outside agency an incident can be transferred to.
    AgencyCode,
    /// A line calls come in by, as the exchange names it.
    TrunkCode,
}

/// Mints the ids of the things one command makes.
///
/// The n-th id keeps the command's UUIDv7 time and replaces its random bits by a hash of actor, command and n: the
/// same command names the same things however often it is decided, without a random number in the core.
#[derive(Debug)]
pub struct Minter<'a> {
    actor: &'a ActorId,
    command: CommandId,
    next: u32,
}

impl<'a> Minter<'a> {
    /// Starts minting for one command of one actor.
    pub fn new(actor: &'a ActorId, command: CommandId) -> Self {
        Self { actor, command, next: 0 }
    }

    /// The next id, a valid UUIDv7.
    pub fn mint(&mut self) -> Uuid {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.actor.as_str().as_bytes());
        hasher.update(self.command.0.as_bytes());
        hasher.update(&self.next.to_le_bytes());
        self.next += 1;
        let hash = hasher.finalize();
        let mut bytes = *self.command.0.as_bytes();
        bytes[6..16].copy_from_slice(&hash.as_bytes()[..10]);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Uuid::from_bytes(bytes)
    }
}
