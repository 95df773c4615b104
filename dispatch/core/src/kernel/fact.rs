//! The form of every event: a struct of its own with a version, that says what it is about. A context lists
//! its events with [`events!`]; the sum of all contexts is [`Event`](crate::event::Event).

use super::about::About;

/// An event.
pub trait Fact {
    /// The version of its payload that this build writes (D5).
    const V: u16 = 1;

    /// The entities it makes, changes, tells of or takes away.
    fn about(&self) -> About;
}

/// Declares the events of a context: a struct each, and a list macro by which the sum over contexts takes them up. The
/// `($)` is a dollar sign for the list macro.
macro_rules! events {
    (($d:tt) $list:ident $( $(#[$doc:meta])* $name:ident $wire:literal { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )*) => {
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
                $d then! { [$d($d done)* $( $(#[$doc])* $name $wire )*] $d($d rest)* }
            };
        }
        pub(crate) use $list;
    };
}
pub(crate) use events;
