//! How a context joins the sums: it declares its events and commands with these macros, each of which leaves a list
//! behind; [`event`](crate::event) and [`command`](crate::command) make one flat sum of the lists, one row a context.

/// What an event is about as its row says it by the names of its fields, the subject first: an entity, or `all` of a
/// list, each after its [`Fate`](crate::kernel::about::Fate) (what is `Gone` was in the event's `area`); `shows` and one of
/// [`Shown`](crate::kernel::about::Shown) for what rests on an entity; `carries mode` where the event has one.
macro_rules! about_row {
    ($event:ident $about:expr) => { $about };
    ($event:ident $about:expr, carries mode $($rest:tt)*) => {
        about_row! { $event $about.of_mode($event.mode) $($rest)* }
    };
    ($event:ident $about:expr, shows $shown:ident $id:ident $($rest:tt)*) => {
        about_row! { $event $about.shows(about::Shown::$shown($event.$id)) $($rest)* }
    };
    ($event:ident $about:expr, Gone $id:ident $($rest:tt)*) => {
        about_row! { $event $about.and($event.$id, about::Fate::Gone($event.area.clone())) $($rest)* }
    };
    ($event:ident $about:expr, $fate:ident all $ids:ident $($rest:tt)*) => {
        about_row! { $event $about.each(&$event.$ids, &about::Fate::$fate) $($rest)* }
    };
    ($event:ident $about:expr, $fate:ident $id:ident $($rest:tt)*) => {
        about_row! { $event $about.and($event.$id.clone(), about::Fate::$fate) $($rest)* }
    };
}
pub(crate) use about_row;

/// Declares the events of a context: a struct each, and a list macro by which the sum over contexts takes them up. The
/// `($)` is a dollar sign for the list macro. A row reads `Name "wire" (about) { fields }`. What it is about is a list of
/// [`about_row!`]; a row without it says so in an `impl Fact` of its own. One that `ends countdown` says in `reactions.rs`
/// which automatic orders it ends, and why.
macro_rules! events {
    (($d:tt) $list:ident $( $(#[$doc:meta])* $name:ident $wire:literal $(( $($about:tt)* ))? $(ends $ends:ident)? { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
            pub struct $name { $( $(#[$fdoc])* pub $field: $type, )* }

            impl From<$name> for crate::event::Event {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }

            $(
                impl crate::kernel::fact::Fact for $name {
                    fn about(&self) -> crate::kernel::about::About {
                        use crate::{contexts::about_row, kernel::about};
                        about_row! { self about::About::nothing(), $($about)* }
                    }
                }
            )?
        )*

        $(
            impl crate::event::Payload for $name {
                fn in_event(event: &crate::event::Event) -> Option<&Self> {
                    if let crate::event::Event::$name(payload) = event { Some(payload) } else { None }
                }
            }
        )*

        macro_rules! $list {
            ($d then:ident [$d($d done:tt)*] $d($d rest:tt)*) => {
                $d then! { [$d($d done)* $( $(#[$doc])* $name $wire [$($ends)?] )*] $d($d rest)* }
            };
        }
        pub(crate) use $list;
    };
}
pub(crate) use events;

/// Declares the commands of a context: a struct and a row each, and a list macro by which the sum over contexts takes
/// them up. The `($)` is a dollar sign for the list macro. A row reads
/// `Name name (post "collection" {id} "act" on id; text May; by Dispatcher over Incident(id); seen expected_version of id;
/// seeks units)`. Over what authority is needed is a list of [`Ground`](crate::kernel::ground::Ground)s joined by `and`,
/// each with the fields that say which; one that `seeks` something has it gathered before it is decided
/// (`seek/gather.rs`).
macro_rules! commands {
    (($d:tt) $list:ident $(
        #[doc = $summary:literal] $(#[$doc:meta])*
        $name:ident $wire:ident (
            $( within )? $( post $collection:literal $({ $id:ident })? $($act:literal)? $(on $on:ident)? )? ;
            text $text:ident $(and $caller:ident)? ;
            by $permission:ident $(for $help:ident)? over $( $over:ident $(( $( $($of:ident).+ ),+ ))? )and+
            $( ; seen $( $seen:ident of $whose:ident )and+ )?
            $( ; seeks $seeks:ident )?
        ) { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? }
    )*) => {
        $(
            #[doc = $summary] $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
            #[serde(deny_unknown_fields)]
            pub struct $name { $( $(#[$fdoc])* pub $field: $type, )* }

            impl From<$name> for crate::command::Command {
                fn from(command: $name) -> Self {
                    Self::$name(command)
                }
            }

            impl crate::kernel::command_row::Ask for $name {
                const ROW: crate::kernel::command_row::CommandRow = crate::kernel::command_row::CommandRow {
                    name: stringify!($wire),
                    route: [$( crate::kernel::command_row::Route {
                        collection: $collection,
                        id: [$( stringify!($id), )?].first().copied(),
                        act: concat!($( $act )?),
                    }, )?].first().copied(),
                    text: crate::kernel::command_row::TextPolicy::$text,
                    caller: !concat!($( stringify!($caller) )?).is_empty(),
                    seen: &[$($( stringify!($seen), )+)?],
                    help: !concat!($( stringify!($help) )?).is_empty(),
                    permission: crate::kernel::command_row::Permission::$permission,
                    over: &[$( crate::kernel::ground::Over::$over, )+],
                    summary: $summary.trim_ascii(),
                };

                fn on(&self) -> Option<crate::kernel::id::EntityId> {
                    [$($( self.$on.clone().into(), )?)?].into_iter().next()
                }

                fn grounds(&self) -> Vec<crate::kernel::ground::Ground<'_>> {
                    vec![$( crate::kernel::ground::Ground::$over $(( $(
                        crate::kernel::ground::Of { field: stringify!($($of).+), is: &self.$($of).+ }
                    ),+ ))?, )+]
                }

                fn seen(&mut self) -> Vec<(crate::kernel::id::EntityId, &mut Option<u32>)> {
                    vec![$($( (self.$whose.clone().into(), &mut self.$seen), )+)?]
                }
            }
        )*

        $(
            impl crate::command::Fields for $name {
                fn in_command(command: &crate::command::Command) -> Option<&Self> {
                    if let crate::command::Command::$name(request) = command { Some(request) } else { None }
                }

                fn in_command_mut(command: &mut crate::command::Command) -> Option<&mut Self> {
                    if let crate::command::Command::$name(request) = command { Some(request) } else { None }
                }
            }
        )*

        macro_rules! $list {
            ($d then:ident [$d($d done:tt)*] $d($d rest:tt)*) => {
                $d then! { [$d($d done)* $( #[doc = $summary] $name $wire [$($seeks)?] )*] $d($d rest)* }
            };
        }
        pub(crate) use $list;
    };
}
pub(crate) use commands;

/// Declares what a context keeps of the centre's state: a struct whose fields the context alone writes, and a query on
/// [`State`](crate::state::State) for each by which anybody reads it. A row begins `Name in field, for tests field_mut`.
macro_rules! keeps {
    ($(#[$doc:meta])* $name:ident in $room:ident, for tests $room_mut:ident {
        $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $( $(#[$fdoc])* pub(super) $field: $type, )* }

        impl crate::state::State {
            $( $(#[$fdoc])* pub fn $field(&self) -> &$type { &self.$room.$field } )*

            /// Its part of the state, for tests that set up what no event makes.
            #[cfg(any(test, feature = "sample"))]
            pub fn $room_mut(&mut self) -> &mut $name {
                &mut self.$room
            }
        }

        #[cfg(any(test, feature = "sample"))]
        impl $name {
            $( $(#[$fdoc])* pub fn $field(&mut self) -> &mut $type { &mut self.$field } )*
        }
    };
}
pub(crate) use keeps;
