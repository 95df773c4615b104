//! A command is one row: where it is posted to, which field the path's id fills, what text it takes, whether it names
//! the version its sender saw, whose permission it needs and over what, and what it does in a sentence. Routes, screening, the API's
//! document and the client are derived from the row. A context lists its commands with [`commands!`]; the sum of all
//! contexts is [`Command`](crate::command::Command).

use super::ground::{Ground, Over};
use super::id::EntityId;
use super::kind::vocabulary;

vocabulary! {
    /// The permission a command needs. Who holds it, and where, is checked before a command is decided.
    Permission {
        /// A source of alarms: a point, an app, another centre's system.
        Source,
        /// 巡逻员: a unit, for itself.
        Patrol,
        /// 接警员: answers alarms and saves what callers say.
        CallTaker,
        /// 处警员: works incidents and gives orders.
        Dispatcher,
        /// 班长: leads the shift, reviews results, grants support, shelves technical alarms.
        ShiftLead,
        /// 管理员: keeps the register and erases words.
        Administrator,
        /// The node itself and nobody else.
        Node,
    }
    /// Whether a body may hold what a person said or typed, which goes apart from the command (D12).
    TextPolicy {
        /// It may not hold words.
        No,
        /// It may hold words, and may leave them out.
        May,
        /// It must hold words; they are what the command is for.
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
    /// Whether it is a call for help, which has a lane that nothing else can fill.
    pub help: bool,
    /// Whose permission it needs.
    pub permission: Permission,
    /// Over what its sender needs authority, all of it. A row that does not say so does not compile.
    pub over: &'static [Over],
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
    /// How the command is sent, by whom, and on what.
    const ROW: CommandRow;

    /// The entity it acts on, where there is one.
    fn on(&self) -> Option<EntityId>;

    /// Over what its sender needs authority, with the values of its fields.
    fn grounds(&self) -> Vec<Ground<'_>>;

    /// The fields that carry versions its sender saw, each with the entity it is the version of.
    fn seen(&mut self) -> Vec<(EntityId, &mut Option<u32>)>;
}
