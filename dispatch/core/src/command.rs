//! The sum of all contexts' commands: everything that can be asked of the centre. A command carries a client-made id
//! and, when it changes something the sender has seen, the version that was on screen (D2, D6). Texts are not here: a
//! reason is a code, and whatever a person says or types beside it is a words record, referred to by id (D12).
//!
//! A context declares its commands in its own `command.rs`; the contexts stand in `lib.rs`.

use serde::{Deserialize, Serialize};

use crate::decide::{Deciding, Decision};
use crate::kernel::command_row::{Ask, CommandRow};
use crate::kernel::evidence::Evidence;
use crate::kernel::ground::Ground;
use crate::kernel::id::{ActorId, CommandId, EntityId, SeatId};
use crate::kernel::kind::Channel;
use crate::kernel::time::Time;
use crate::seek::gather::{Gather, Gathering};

/// A command with who sent it and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// UUIDv7, unique per (node, actor); repeated with a retry.
    pub id: CommandId,
    /// The account, device or source that sends it, as [`Speaker`](crate::register::speaker::Speaker) spells it.
    pub actor: ActorId,
    /// On whose behalf, for voice and for sources that speak for another.
    #[serde(default)]
    pub on_behalf_of: Option<ActorId>,
    /// The seat, for an operator; it names the desk.
    #[serde(default)]
    pub seat: Option<SeatId>,
    /// The way the command came in: console, API, device, voice.
    pub channel: Channel,
    /// When the sender says it happened.
    #[serde(default)]
    pub occurred_at: Option<Time>,
    /// What is asked, with its fields.
    pub command: Command,
}

/// The fields of one command.
pub trait Fields: Ask + Sized {
    /// The fields, if the command is this one.
    fn in_command(command: &Command) -> Option<&Self>;

    /// The same, to be changed.
    fn in_command_mut(command: &mut Command) -> Option<&mut Self>;
}

impl Command {
    /// The fields of one command, if it is this one. What is to be asked of every command stands in its row.
    pub fn get<F: Fields>(&self) -> Option<&F> {
        F::in_command(self)
    }

    /// The same, to be changed.
    pub fn get_mut<F: Fields>(&mut self) -> Option<&mut F> {
        F::in_command_mut(self)
    }
}

/// What seeks nothing needs nothing gathered.
macro_rules! seeks {
    ($name:ident) => {
        impl Gather for $name {}
    };
    ($name:ident $seeks:ident) => {};
}

macro_rules! command {
    ([($d:tt) $( #[doc = $doc:literal] $name:ident $wire:ident [$($seeks:ident)?] )*]) => {
        $( seeks! { $name $($seeks)? } )*

        /// Calls the method that is named as a command is, with what the command holds.
        #[macro_export]
        macro_rules! call_by_name {
            ($d on:expr, $d command:expr) => {
                match $d command { $( $d crate::command::Command::$name(command) => $d on.$wire(command), )* }
            };
        }

        /// Everything that can be asked, tagged by `name`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "name", rename_all = "snake_case")]
        pub enum Command {
            $( #[doc = $doc] $name($name), )*
        }

        impl Command {
            /// The row of every command, context by context.
            pub const ROWS: &'static [CommandRow] = &[$( <$name as Ask>::ROW, )*];

            /// The name of every command, context by context.
            pub const NAMES: &'static [&'static str] = &[$( stringify!($wire), )*];

            /// Its row.
            pub fn row(&self) -> CommandRow {
                match self { $( Self::$name(_) => <$name as Ask>::ROW, )* }
            }

            /// The name on the wire, in metrics and in logs.
            pub fn name(&self) -> &'static str {
                self.row().name
            }

            /// Reads what a command of a name holds; none where there is no such command. A fault names the field.
            pub fn read(
                name: &str,
                fields: serde_json::Value,
            ) -> Option<Result<Self, serde_path_to_error::Error<serde_json::Error>>> {
                $( if name == stringify!($wire) {
                    return Some(serde_path_to_error::deserialize::<_, $name>(fields).map(Self::$name));
                } )*
                None
            }

            /// The schema of what each command holds, by its name, and of all that refers to.
            #[cfg(feature = "schema")]
            pub fn schemas() -> crate::kernel::schema::Schemas {
                let mut schemas = crate::kernel::schema::Schemas::default();
                $( schemas.add::<$name>(stringify!($wire), 1); )*
                schemas
            }

            /// The entity it acts on, where there is one.
            pub fn on(&self) -> Option<EntityId> {
                match self { $( Self::$name(command) => command.on(), )* }
            }

            /// Over what its sender needs authority.
            pub fn grounds(&self) -> Vec<Ground<'_>> {
                match self { $( Self::$name(command) => command.grounds(), )* }
            }

            /// The fields that carry versions its sender saw, each with the entity it is the version of.
            pub fn seen(&mut self) -> Vec<(EntityId, &mut Option<u32>)> {
                match self { $( Self::$name(command) => command.seen(), )* }
            }

            /// What has to be gathered before it is decided.
            pub(crate) fn gather(&self, gathering: &Gathering<'_>, envelope: &Envelope) -> Evidence {
                match self { $( Self::$name(command) => command.gather(gathering, envelope), )* }
            }

            pub(crate) fn decide<'a>(&'a self, deciding: &mut Deciding<'a>) -> Decision {
                match self { $( Self::$name(command) => deciding.$wire(command), )* }
            }
        }
    };
    ([$($done:tt)*] $next:ident $($rest:ident)*) => {
        $next! { command [$($done)*] $($rest)* }
    };
}

macro_rules! commands_of {
    (($d:tt) $( [$($at:tt)*] $commands:ident $events:ident keeps { $($field:ident : $kept:ty)? } shows { $($shows:tt)* } )*) => {
        $( pub use $($at)*::command::*; )*

        command! { [($d)] $($commands)* }
    };
}
contexts! { commands_of ($) }
