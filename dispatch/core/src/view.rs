//! Views: one entity as the stream, the API and the read model show it. A commit's deltas are the views of all that
//! its events changed, so that a console is a set of maps by id and nothing more (D4, D15).
//!
//! A context says in its own `view.rs` what is shown of an entity; the kinds stand in `lib.rs`, with their contexts.

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, EntityId, IncidentId, SeatId, TimerKey};
use crate::kernel::kind::Mode;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
pub use crate::register::view::PointView;
pub use crate::response::alarm::view::AlarmView;
use crate::response::incident::Incident;
pub use crate::response::incident::view::IncidentView;
pub use crate::response::order::view::OrderView;
pub use crate::response::recommended::RecommendationView;
pub use crate::response::unit::view::UnitView;
use crate::state::State;
pub use crate::technical::view::TechnicalView;

/// What is shown of an entity.
pub trait Entity: Serialize + Sized {
    /// What it is known by.
    type Id;

    /// Whether consoles are sent it.
    const STREAMED: bool = true;

    /// Whether records about it are listed under it.
    const TIMELINE: bool = true;

    /// Kind and id.
    fn id(&self) -> EntityId;

    /// Codes from the league down of where it belongs; the empty path concerns everybody.
    fn area(&self) -> AreaPath;

    /// Its mode, where it has one.
    fn mode(&self) -> Option<Mode> {
        None
    }

    /// Whether it is part of live state still: what is retired is kept and shown no more.
    fn is_alive(&self) -> bool {
        true
    }

    /// What lists are sorted and filtered by.
    fn columns(&self) -> Columns;

    /// The incident it belongs to, while both are alive; none of what stands by itself.
    fn incident(_: &State, _: &Self::Id) -> Option<IncidentId> {
        None
    }

    /// The seat that owns it, if one does, and the desk that answers for it: who must act when a timer on it runs out.
    fn answering<'a>(_: &'a State, _: &Self::Id) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        None
    }

    /// Timers on those that belong to an incident: what ran out of them is shown with the incident too.
    fn timers_of(_: &State, _: &Incident) -> Vec<TimerKey> {
        Vec::new()
    }

    /// The seats at which those that are open have to be dealt with: no region can be adopted without them.
    fn seats(_: &State) -> Vec<&SeatId> {
        Vec::new()
    }

    /// What is shown of the one with this id, if it is alive.
    fn of(state: &State, id: &Self::Id) -> Option<Self>;

    /// All that are alive, by id.
    fn all(state: &State) -> impl Iterator<Item = Self>;
}

/// What lists of the read model are sorted and filtered by; everything else is in the document beside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// How far it has come, as on the wire.
    pub state: String,
    /// Its version; 0 where it has none.
    pub version: u32,
    /// Its human number, or the number that rings.
    pub number: Option<String>,
    /// The desk it belongs to.
    pub desk: Option<String>,
    /// The incident it belongs to, or itself.
    pub incident: Option<String>,
    /// The unit that it holds, as at most one order does at a time.
    pub holds: Option<String>,
    /// Where it is.
    pub place: Option<Coord>,
    /// When it began; 0 where that is not known.
    pub opened_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

macro_rules! views {
    ($( $(#[$doc:meta])* $name:ident($view:ty) $as:ident )*) => {
        /// One entity, whole. On the wire `{"kind": "incident", "view": {…}}`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "kind", content = "view", rename_all = "snake_case")]
        pub enum View {
            $( $(#[$doc])* $name($view), )*
            /// Left live state: kind and id.
            Gone(Gone),
        }

        impl View {
            /// The view of an entity that is alive.
            pub fn of(state: &State, id: &EntityId) -> Option<Self> {
                match id { $( EntityId::$name(id) => <$view as Entity>::of(state, id).map(Self::$name), )* }
            }

            /// Everything alive that consoles are sent, kind by kind, each by id: what a snapshot holds.
            pub fn all(state: &State) -> impl Iterator<Item = Self> {
                let none = std::iter::empty();
                $( let none = none.chain(
                    <$view as Entity>::all(state).filter(|_| <$view as Entity>::STREAMED).map(Self::$name),
                ); )*
                none
            }

            /// Timers on all that belongs to an incident, kind by kind.
            pub(crate) fn timers_of(state: &State, incident: &Incident) -> Vec<TimerKey> {
                let none = Vec::new();
                [none, $( <$view as Entity>::timers_of(state, incident), )*].concat()
            }

            /// The seats at which something open has to be dealt with.
            pub(crate) fn seats(state: &State) -> Vec<&SeatId> {
                let none = Vec::new();
                [none, $( <$view as Entity>::seats(state), )*].concat()
            }

            /// The kind, as on the wire.
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name(view) => view.id().kind(), )* Self::Gone(_) => "gone" }
            }

            /// The id, as text: the read model's key together with the kind.
            pub fn id(&self) -> String {
                match self { $( Self::$name(view) => Entity::id(view).id(), )* Self::Gone(gone) => gone.id.clone() }
            }

            /// The entity that is shown, or that is gone; none where what is gone is of no kind this build knows.
            pub fn entity(&self) -> Option<EntityId> {
                match self {
                    $( Self::$name(view) => Some(Entity::id(view)), )*
                    Self::Gone(gone) => EntityId::read(&gone.of, &gone.id),
                }
            }

            /// Where in the tree it belongs; the empty path concerns everybody.
            pub fn area(&self) -> AreaPath {
                match self { $( Self::$name(view) => Entity::area(view), )* Self::Gone(gone) => gone.area.clone() }
            }

            /// Its mode, where it has one.
            pub fn mode(&self) -> Option<Mode> {
                match self { $( Self::$name(view) => Entity::mode(view), )* Self::Gone(_) => None }
            }

            /// What lists are sorted and filtered by; none of what is gone.
            pub fn columns(&self) -> Option<Columns> {
                match self { $( Self::$name(view) => Some(Entity::columns(view)), )* Self::Gone(_) => None }
            }

            /// Whether it is part of live state.
            pub fn is_alive(&self) -> bool {
                match self { $( Self::$name(view) => view.is_alive(), )* Self::Gone(_) => false }
            }

            /// Whether consoles are sent it.
            pub fn is_streamed(&self) -> bool {
                match self { $( Self::$name(_) => <$view as Entity>::STREAMED, )* Self::Gone(_) => true }
            }

            $(
                /// What is shown, where it is of this kind.
                pub fn $as(&self) -> Option<&$view> {
                    if let Self::$name(view) = self { Some(view) } else { None }
                }
            )*

            /// What left live state.
            pub fn as_gone(&self) -> Option<&Gone> {
                if let Self::Gone(gone) = self { Some(gone) } else { None }
            }
        }

        impl EntityId {
            /// The incident it belongs to, while both are alive.
            pub fn incident(&self, state: &State) -> Option<IncidentId> {
                match self { $( Self::$name(id) => <$view as Entity>::incident(state, id), )* }
            }

            /// The seat that owns it, if one does, and the desk that answers for it.
            pub(crate) fn answering<'a>(&self, state: &'a State) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
                match self { $( Self::$name(id) => <$view as Entity>::answering(state, id), )* }
            }

            /// Whether records about it are listed under it.
            pub fn has_timeline(&self) -> bool {
                match self { $( Self::$name(_) => <$view as Entity>::TIMELINE, )* }
            }
        }
    };
}

macro_rules! views_of {
    ($( [$($at:tt)*] $commands:ident $events:ident keeps { $($field:ident : $kept:ty)? } shows { $($shows:tt)* } )*) => {
        views! { $($($shows)*)* }
    };
}
contexts! { views_of }

/// What is no longer alive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Gone {
    /// Its kind: one of [`EntityId::KINDS`].
    pub of: String,
    /// The id it had, as text.
    pub id: String,
    /// Where it was, for those who follow only a part of the tree.
    pub area: AreaPath,
}

/// A word of a closed vocabulary, as on the wire.
pub(crate) fn word(of: &impl Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
