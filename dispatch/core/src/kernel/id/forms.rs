//! The forms of ids: how those born at run time, those of the register, kinds of entity and timers are declared.

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

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

pub(super) use born;

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

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(code: &str) -> Result<Self, std::convert::Infallible> {
                Ok(code.into())
            }
        }

        impl From<Arc<str>> for $name {
            fn from(code: Arc<str>) -> Self {
                Self(code)
            }
        }

        impl From<&$name> for Arc<str> {
            fn from(code: &$name) -> Self {
                Self::clone(&code.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

pub(super) use coded;

/// Declares the kinds of entity. A row reads `Name(Id) "wire" as_name`, then `, told topic` where sinks may be told of it,
/// and `, answered field` or `, answered [fields]` where the answer to a command names the one or those it made.
macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident($id:ident) $wire:literal $as:ident
        $(, told $topic:ident)? $(, answered $one:ident)? $(, answered [$many:ident])?
    )*) => {
        /// An entity by kind and id; ordered by kind, then by id.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntityId {
            $( $(#[$doc])* $name($id), )*
        }

        impl EntityId {
            /// The names of all kinds, as on the wire.
            pub const KINDS: &'static [&'static str] = &[$( $wire, )*];

            /// What sinks can be told of.
            pub const TOPICS: &'static [&'static str] = &[$($( stringify!($topic), )?)*];

            /// The name of its kind, as on the wire.
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name(_) => $wire, )* }
            }

            /// The id alone, as text: with the kind it is the key of the read model.
            pub fn id(&self) -> String {
                match self { $( Self::$name(id) => id.to_string(), )* }
            }

            /// The entity of a kind and an id as on the wire; none where they are not those of one.
            pub fn read(kind: &str, id: &str) -> Option<Self> {
                match kind {
                    $( $wire => id.parse().ok().map(Self::$name), )*
                    _ => None,
                }
            }

            /// Under which name sinks are told of it; none where they are not.
            pub fn topic(&self) -> Option<&'static str> {
                match self { $( Self::$name(_) => [$( stringify!($topic), )?].first().copied(), )* }
            }

            $(
                /// Its id, where it is of this kind.
                pub fn $as(&self) -> Option<$id> {
                    if let Self::$name(id) = self { Some(id.clone()) } else { None }
                }
            )*
        }

        $( impl From<$id> for EntityId {
            fn from(id: $id) -> Self {
                Self::$name(id)
            }
        } )*

        /// What the answer to a command names: the entities it made, or else changed.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub struct Named {
            $($(
                #[doc = concat!("The ", $wire, " it made, or else changed.")]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $one: Option<$id>,
            )?)*
            $($(
                #[doc = concat!("Every ", $wire, " it made or changed.")]
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                pub $many: Vec<$id>,
            )?)*
        }

        impl Named {
            /// All it names, kind by kind: named anew with [`Named::name`], each standing for itself, they give the same.
            pub fn all(&self) -> Vec<EntityId> {
                let mut all = Vec::new();
                $($( all.extend(self.$one.clone().map(EntityId::$name)); )?)*
                $($( all.extend(self.$many.iter().copied().map(EntityId::$name)); )?)*
                all
            }

            /// Names an entity. Of a kind of which one is named it is the first, or the last of those that `stand` for
            /// the whole.
            pub fn name(&mut self, id: &EntityId, stand: bool) {
                match id { $( EntityId::$name(id) => {
                    let _ = (id, stand);
                    $( if stand || self.$one.is_none() { self.$one = Some(id.clone()); } )?
                    $( if let Err(at) = self.$many.binary_search(id) { self.$many.insert(at, id.clone()); } )?
                } )* }
            }
        }
    };
}
pub(super) use kinds;

/// Declares timers and leaves a list of them behind. A row reads `Name(Kind, Id) while holds, then acts`: `holds` is the
/// rule of [`invariant`](crate::invariant) by which the timer stands, `acts` what the clock does when it runs out. The
/// `($)` is a dollar sign for the list macro.
macro_rules! timers {
    (($d:tt) $list:ident $( $(#[$doc:meta])* $name:ident($entity:ident, $id:ident) while $holds:ident, then $acts:ident )*) => {
        /// A timer by what it waits for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "kind", content = "id", rename_all = "snake_case")]
        pub enum TimerKey { $( $(#[$doc])* $name($id), )* }

        impl TimerKey {
            /// The entity that waits.
            pub fn waits_for(self) -> EntityId {
                match self { $( Self::$name(id) => EntityId::$entity(id), )* }
            }
        }

        macro_rules! $list {
            ($d then:ident) => { $d then! { $( $name $holds $acts )* } };
        }
        pub(crate) use $list;
    };
}
pub(super) use timers;
