//! Who may import whom inside a crate: its folders are rooms, and the table says which rooms a room may see. What lies
//! at the top of the crate (`lib.rs`, a list of the rooms, samples, tests) sees all of them. A room is kept to its row
//! from the day its folder exists; a folder that has no row is a leaf.
//!
//! Read are `use` and every path that begins with `crate`, `super` or `self`, in macros too. Other crates are the
//! business of `arrows`.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tree::{File, Tree};
use crate::{imports, product};

/// A crate with rooms.
struct House {
    /// Its sources.
    sources: &'static str,
    /// Files at the top that every room but the lowest may import from: the sums over the rooms, which a room is handed.
    sums: &'static [&'static str],
    /// For each room, the rooms it may import from beside itself.
    rooms: &'static [(&'static str, &'static [&'static str])],
    /// Where every other folder may import from, a leaf: nothing imports it, and it knows no other leaf.
    leaf: &'static [&'static str],
    /// Folders that are no rooms: they stand above all of them, or are tests.
    above: &'static [&'static str],
}

const HOUSES: &[House] = &[House {
    sources: "dispatch/core/src/",
    sums: &["apply", "command", "contexts", "decide", "event", "state", "view"],
    rooms: &[
        ("kernel", &[]),
        ("register", &["kernel"]),
        ("response", &["kernel", "register"]),
        ("seek", &["kernel", "register", "response"]),
    ],
    leaf: &["kernel", "register", "response"],
    above: &["clock", "sample", "tests"],
}];

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in product::files(tree) {
        for house in HOUSES {
            let Some(inside) = file.path.strip_prefix(house.sources) else { continue };
            let first = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            if house.above.contains(&first) || !tree.holds(&format!("{}{first}", house.sources)) {
                continue;
            }
            let room = house.rooms.iter().find(|(room, _)| *room == first);
            let may = room.map_or(house.leaf, |(_, may)| *may);
            let sums = if may.is_empty() { &[] } else { house.sums };
            check(file, inside, first, &[may, sums].concat(), &mut faults);
        }
    }
    faults
}

fn check(file: &File, inside: &str, room: &str, may: &[&str], faults: &mut Vec<String>) {
    let mut seen: Vec<_> =
        named(file, inside).into_iter().map(|(line, path)| (line, path[0].clone())).collect();
    seen.dedup();
    for (line, to) in seen {
        if to != room && !may.contains(&to.as_str()) {
            faults.push(format!("{}:{line}: `{room}` must not import from `{to}`", file.path));
        }
    }
}

/// What the product names of its own crate in a file: lines, and paths from the root of the crate.
pub fn named(file: &File, inside: &str) -> Vec<(usize, Vec<String>)> {
    let Some(syntax) = file.syntax() else { return Vec::new() };
    let mut module: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    module.pop_if(|last| last == "mod");
    let mut walker = Walker { module, seen: Vec::new() };
    walker.visit_file(syntax);
    walker.seen.sort();
    walker.seen.dedup();
    walker.seen
}

struct Walker {
    /// Where the walk is, from the root of the crate.
    module: Vec<String>,
    /// Lines, and what is named there, from the root of the crate.
    seen: Vec<(usize, Vec<String>)>,
}

impl Walker {
    /// Notes where a path leads that begins with `crate`, `super` or `self`.
    fn name(&mut self, path: &[String], line: usize) {
        let mut at = match path.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("super" | "self") => self.module.clone(),
            _ => return,
        };
        for segment in path {
            match segment.as_str() {
                "crate" | "self" => {}
                "super" => drop(at.pop()),
                other => at.push(other.to_owned()),
            }
        }
        // `crate` and `super` alone say who may see an item, not what is imported.
        if !at.is_empty() && path.len() > 1 {
            self.seen.push((line, at));
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.name(&std::mem::take(&mut path), line);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.name(&std::mem::take(&mut path), line);
                    self.tokens(group.stream());
                    colons = 0;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.name(&std::mem::take(&mut path), line);
                    colons = 0;
                }
            }
        }
        self.name(&path, line);
    }
}

impl<'ast> Visit<'ast> for Walker {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !product::is_test(product::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for import in imports::leaves(&item.tree) {
            self.name(&import.path, import.line);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(&segments, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tree::Tree;

    /// Faults of one file beside a house with all its rooms.
    fn of(path: &str, text: &str) -> Vec<String> {
        faults(&Tree::of(&[
            ("dispatch/core/src/kernel/time.rs", ""),
            ("dispatch/core/src/shift/offer.rs", ""),
            ("dispatch/core/src/words/record.rs", ""),
            (path, text),
        ]))
    }

    fn rooms(path: &str, text: &str) -> Vec<String> {
        let cut = |fault: String| fault.rsplit('`').nth(1).unwrap_or_default().to_owned();
        of(path, text).into_iter().map(cut).collect()
    }

    #[test]
    fn allowed_arrows_pass() {
        let text = "use crate::kernel::{Time, id::*}; use crate::register::Unit; use crate::response::alarm::Alarm;
            use super::offer; use self::offer::Offer; use geo_index::Coord; pub(crate) fn f(_: crate::kernel::Id) {}";
        assert_eq!(of("dispatch/core/src/shift/accept.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_leaf_knows_no_other_leaf_nor_seek() {
        let text = "use crate::{words::Record, seek::{live, examine}};";
        assert_eq!(rooms("dispatch/core/src/shift/accept.rs", text), ["seek", "words"]);
    }

    #[test]
    fn kernel_imports_nothing_of_ours_whatever_the_form() {
        let path = "dispatch/core/src/kernel/id.rs";
        for text in [
            "use crate::register::Unit;",
            "use super::super::register::Unit;",
            "use crate as core; fn f() { crate::register::f() }",
            "fn f(_: &crate::register::Unit) {}",
            "fn f() { g!(1, [crate::register::Unit::new()]); }",
            "mod inner { use super::super::super::register::Unit; }",
            "macro_rules! g { () => { $crate::register::f() } }",
            "impl crate::register::Named for Id {}",
        ] {
            assert_eq!(rooms(path, text), ["register"], "{text}");
        }
        assert_eq!(rooms(path, "use crate::*;"), ["*"]);
        assert_eq!(rooms(path, "use crate::contexts::Event;"), ["contexts"]);
    }

    #[test]
    fn a_fault_names_file_and_line() {
        let found = of("dispatch/core/src/register/unit.rs", "\n\nuse crate::response::Order;");
        let expected = "dispatch/core/src/register/unit.rs:3: `register` must not import from `response`";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn the_file_that_opens_a_room_belongs_to_it() {
        assert_eq!(rooms("dispatch/core/src/kernel.rs", "use super::seek;"), ["seek"]);
        assert_eq!(rooms("dispatch/core/src/kernel/mod.rs", "use super::seek;"), ["seek"]);
    }

    #[test]
    fn the_top_and_tests_may_import_everything() {
        let text = "use crate::seek::examine; use crate::words::Record;";
        for path in ["lib.rs", "reactions.rs", "sample/ground.rs", "tests/alarm.rs", "kernel/tests.rs"] {
            assert_eq!(of(&format!("dispatch/core/src/{path}"), text), Vec::<String>::new(), "{path}");
        }
        let inner = "#[cfg(test)] mod tests { use crate::seek::examine; }";
        assert_eq!(of("dispatch/core/src/kernel/id.rs", inner), Vec::<String>::new());
    }

    #[test]
    fn a_file_named_like_a_room_without_its_folder_is_left_alone() {
        assert_eq!(of("dispatch/core/src/register.rs", "use crate::seek::examine;"), Vec::<String>::new());
    }
}
