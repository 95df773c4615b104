//! What the journal records is made of nothing that state may change: an event holds types of the kernel, of event
//! modules, and of the few modules that are declared for it alone. A struct of state or a view cannot get into an event
//! unseen, where every change of it would be a migration of the journal.

use crate::tree::{File, Tree};
use crate::{product, rooms};

const CORE: &str = "dispatch/core/src/";

/// Modules beside those of the events that hold what is recorded, and nothing else.
const RECORDED: &[&[&str]] = &[&["register", "recorded"], &["response", "recommended", "examined"]];

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in product::files(tree) {
        let Some(inside) = file.path.strip_prefix(CORE).filter(|inside| is_recorded_file(inside)) else {
            continue;
        };
        check(file, inside, &mut faults);
    }
    faults
}

fn check(file: &File, inside: &str, faults: &mut Vec<String>) {
    for (line, path) in rooms::named(file, inside) {
        if !may_be_recorded(&path) {
            let name = path.join("::");
            faults.push(format!("{}:{line}: what is recorded must not hold `{name}`", file.path));
        }
    }
}

/// An event module of a context, or a module of [`RECORDED`].
fn is_recorded_file(inside: &str) -> bool {
    let is_listed = |module: &&[&str]| inside == format!("{}.rs", module.join("/"));
    inside.ends_with("/event.rs") || RECORDED.iter().any(is_listed)
}

fn may_be_recorded(path: &[String]) -> bool {
    let is_event = path.iter().skip(1).any(|segment| segment == "event");
    let is_listed = |module: &&[&str]| path.iter().take(module.len()).eq(*module);
    matches!(path[0].as_str(), "kernel" | "contexts") || is_event || RECORDED.iter().any(is_listed)
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tree::Tree;

    /// What is named of one file and must not be.
    fn of(path: &str, text: &str) -> Vec<String> {
        let found = faults(&Tree::of(&[(&format!("dispatch/core/src/{path}"), text)]));
        found.into_iter().map(|fault| fault.rsplit('`').nth(1).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn events_hold_what_is_recorded() {
        let text = "use crate::contexts::events; use crate::kernel::{id::OrderId, place::Place};
            use crate::response::order::event::Stamp; use crate::register::recorded::{Register, Timers};
            use crate::response::recommended::examined::Examined; use serde::Serialize;";
        assert_eq!(of("response/incident/event.rs", text), Vec::<String>::new());
        assert_eq!(of("register/recorded.rs", "use crate::kernel::place::AreaPath;"), Vec::<String>::new());
    }

    #[test]
    fn state_and_views_get_into_no_event_whatever_the_form() {
        let path = "response/order/event.rs";
        assert_eq!(of(path, "use crate::register::Register;"), ["register::Register"]);
        assert_eq!(
            of(path, "use super::{Order, view::OrderView};"),
            ["response::order::Order", "response::order::view::OrderView"]
        );
        assert_eq!(of(path, "use crate::event::Record;"), ["event::Record"]);
        assert_eq!(of(path, "use crate::response::incident::*;"), ["response::incident::*"]);
        let row = "events! { OrderCreated \"order_created\" { order: Box<crate::response::order::Order> } }";
        assert_eq!(of(path, row), ["response::order::Order"]);
        assert_eq!(
            of("register/recorded.rs", "use super::state::RegisterState;"),
            ["register::state::RegisterState"]
        );
    }

    #[test]
    fn other_modules_hold_what_they_like() {
        for path in ["event.rs", "response/order/apply.rs", "register.rs", "response/recommended/shown.rs"] {
            assert_eq!(of(path, "use crate::state::State;"), Vec::<String>::new(), "{path}");
        }
    }
}
