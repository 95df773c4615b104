//! A command is one row: where it is posted to, which field the path's id fills, what text it takes, whether it names
//! the version its sender saw, whose permission it needs, and what it does in a sentence. Routes, screening, the API's
//! document and the client are derived from the row. A context lists its commands with [`commands!`]; the sum of all
//! contexts is [`Command`](crate::command::Command).

use super::entity::EntityId;
use super::kind::vocabulary;

vocabulary! {
    /// Whose permission a command needs. Who has it where is settled before a command comes to a decision.
    Permission {
        /// A source of alarms: a point, an app, another centre's system.
        Source,
        /// 巡逻员: a unit, for itself.
        Patrol,
        /// 接警员.
        CallTaker,
        /// 处警员.
        Dispatcher,
        /// 班长.
        ShiftLead,
        /// 管理员.
        Administrator,
        /// The node itself and nobody else.
        Node,
    }
    /// Whether a body may hold what a person said or typed, which goes apart from the command (D12).
    TextPolicy {
        /// It may not.
        No,
        /// It may.
        May,
        /// It must.
        Must,
    }
}

/// Everything about a command beside what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandRow {
    /// Its name on the wire, in metrics and in logs.
    pub name: &'static str,
    /// Where it is posted to; none where no route leads to it.
    pub route: Option<Route>,
    /// Whether a body may hold `text`.
    pub text: TextPolicy,
    /// Whether a body may hold `caller`, a number or a name.
    pub caller: bool,
    /// The fields that carry versions its sender saw.
    pub seen: &'static [&'static str],
    /// Whether it is a call for help: it has a lane that nothing else can fill.
    pub help: bool,
    /// Whose permission it needs.
    pub permission: Permission,
    /// What it does, in English.
    pub summary: &'static str,
}

/// A path under the API's base: `/collection/{id}/act`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// First part of the path.
    pub collection: &'static str,
    /// The command's field that the path's id fills; none where the path has no id.
    pub id: Option<&'static str>,
    /// Last part of the path; empty when the collection itself is posted to.
    pub act: &'static str,
}

/// A command of a context.
pub trait Ask {
    /// Its row.
    const ROW: CommandRow;

    /// The entity it acts on, where there is one.
    fn on(&self) -> Option<EntityId>;

    /// The fields that carry versions its sender saw, each with the entity it is the version of.
    fn seen(&mut self) -> Vec<(EntityId, &mut Option<u32>)>;
}

/// Declares the commands of a context: a struct and a row each, and a list macro by which the sum over contexts takes
/// them up. The `($)` is a dollar sign for the list macro. A row reads
/// `Name name (post "collection" {id} "act" on id; text May; by Dispatcher; seen expected_version of id)`.
macro_rules! commands {
    (($d:tt) $list:ident $(
        #[doc = $summary:literal] $(#[$doc:meta])*
        $name:ident $wire:ident (
            $( within )? $( post $collection:literal $({ $id:ident })? $($act:literal)? $(on $on:ident)? )? ;
            text $text:ident $(and $caller:ident)? ;
            by $permission:ident $(for $help:ident)?
            $( ; seen $( $seen:ident of $of:ident )and+ )?
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
                    summary: $summary.trim_ascii(),
                };

                fn on(&self) -> Option<crate::kernel::entity::EntityId> {
                    [$($( self.$on.clone().into(), )?)?].into_iter().next()
                }

                fn seen(&mut self) -> Vec<(crate::kernel::entity::EntityId, &mut Option<u32>)> {
                    vec![$($( (self.$of.clone().into(), &mut self.$seen), )+)?]
                }
            }
        )*

        $(
            impl crate::command::Request for $name {
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
                $d then! { [$d($d done)* $( #[doc = $summary] $name $wire )*] $d($d rest)* }
            };
        }
        pub(crate) use $list;
    };
}
pub(crate) use commands;
