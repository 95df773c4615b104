//! The sum of all contexts' events: everything that can happen, flat on the wire and in the journal. An event is a
//! fact: applying it cannot fail, and it holds all that is needed to apply it. Fields are only added, with a default;
//! anything else is a new version with an upcaster (D5).
//!
//! A context declares its events in its own `event.rs`; the contexts stand in `lib.rs`.

use serde::{Deserialize, Serialize};

use crate::apply::Apply;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::{ActorId, CommandId, DeskId, IncidentId, SeatId};
use crate::kernel::kind::{Channel, Mode};
use crate::kernel::time::Time;
use crate::reactions::EndsCountdown;
use crate::state::State;
use crate::upcast::PayloadFault;

/// One row of the journal: an event and everything about how it came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = JournalRow))]
pub struct Record {
    /// Gapless from 1, per node.
    pub seq: u64,
    /// The command it came from.
    pub command: CommandId,
    /// Desk of the seat that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// Seat that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// The account, device or source whose command made it.
    pub actor: ActorId,
    /// On whose behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<ActorId>,
    /// The way the command came in: console, API, device, voice.
    pub channel: Channel,
    /// Mode of the entity concerned; actual for the centre's own housekeeping.
    pub mode: Mode,
    /// When the sender says it happened.
    pub occurred_at: Time,
    /// When the centre decided.
    pub recorded_at: Time,
    /// What happened, with everything that is needed to apply it.
    pub event: Event,
}

/// The payload of one event.
pub trait Payload: Fact {
    /// The payload, if the event is this one.
    fn in_event(event: &Event) -> Option<&Self>;
}

impl Event {
    /// The payload of one event, if it is this one. What is to be asked of every event is asked of [`Event::about`].
    pub fn get<P: Payload>(&self) -> Option<&P> {
        P::in_event(self)
    }
}

/// What does not say that it ends a countdown ends none.
macro_rules! ends {
    ($name:ident) => {
        impl EndsCountdown for $name {}
    };
    ($name:ident $countdown:ident) => {};
}

macro_rules! event {
    ([$( $(#[$doc:meta])* $name:ident $wire:literal [$($ends:ident)?] )*]) => {
        $( ends! { $name $($ends)? } )*

        /// Everything that can happen. On disk: `name`, `v` and the payload as JSON bytes.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "name", content = "data")]
        pub enum Event {
            $(
                $(#[$doc])*
                #[serde(rename = $wire)]
                #[cfg_attr(feature = "schema", schema(rename = $wire))]
                $name($name),
            )*
        }

        impl Event {
            /// The name of every event this build knows, context by context.
            pub const NAMES: &'static [&'static str] = &[$( $wire, )*];

            /// The name in the journal, in acts and in metrics.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$name(_) => $wire, )* }
            }

            /// The version of the payload that this build writes.
            pub fn v(&self) -> u16 {
                match self { $( Self::$name(_) => <$name as Fact>::V, )* }
            }

            /// The version of the payload that this build writes for a name; none where it does not know the name.
            pub fn v_of(name: &str) -> Option<u16> {
                match name { $( $wire => Some(<$name as Fact>::V), )* _ => None }
            }

            /// The schema of every payload, by the event's name and version, and of all that refers to.
            #[cfg(feature = "schema")]
            pub fn schemas() -> crate::kernel::schema::Schemas {
                let mut schemas = crate::kernel::schema::Schemas::default();
                $( schemas.add::<$name>($wire, <$name as Fact>::V); )*
                schemas
            }

            /// The entities it makes, changes, tells of or takes away.
            pub fn about(&self) -> About {
                match self { $( Self::$name(event) => event.about(), )* }
            }

            /// The incidents whose countdown it ends if one is running, and why.
            pub(crate) fn ends_countdown(&self, state: &State) -> Vec<(IncidentId, AutomaticEnd)> {
                match self { $( Self::$name(event) => event.ends_countdown(state), )* }
            }

            pub(crate) fn apply(&self, state: &mut State, record: &Record) {
                match self { $( Self::$name(event) => event.apply(state, record), )* }
            }

            /// The payload, as the journal stores it.
            pub(crate) fn payload(&self) -> Vec<u8> {
                let payload = match self { $( Self::$name(event) => serde_json::to_vec(event), )* };
                payload.expect("every key of an event is text")
            }

            /// The event of a name and a payload of the version this build writes; `None` where it does not know the
            /// name.
            pub(crate) fn read(name: &str, payload: &[u8]) -> Option<Result<Self, PayloadFault>> {
                match name {
                    $( $wire => Some(crate::upcast::read::<$name>(payload).map(Self::$name)), )*
                    _ => None,
                }
            }
        }
    };
    ([$($done:tt)*] $next:ident $($rest:ident)*) => {
        $next! { event [$($done)*] $($rest)* }
    };
}

macro_rules! events_of {
    ($( [$($at:tt)*] $commands:ident $events:ident keeps { $($field:ident : $kept:ty)? } shows { $($shows:tt)* } )*) => {
        $( pub use $($at)*::event::*; )*

        event! { [] $($events)* }
    };
}
contexts! { events_of }
