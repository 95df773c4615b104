//! `areas.csv`: the jurisdiction tree.

use std::collections::BTreeMap;

use super::{
    kinds::Kinds,
    table::{Form, Lined, Naming, Scope, by_code},
};
use crate::{fault::Rule, places::Area};

const FORM: Form = Form {
    file: "areas.csv",
    required: &["code", "parent", "level"],
    optional: &["class"],
    names: Naming::Required,
};

/// Reads the areas, sorted by code, each with its path.
pub(super) fn read(scope: &mut Scope<'_>, kinds: &Kinds) -> Vec<Area> {
    let rows = scope.table(&FORM, |row| {
        let code = row.code("code");
        let parent = row.optional("parent");
        let known = |code: &str| kinds.levels.iter().any(|level| level.code == code);
        let level = row.reference("level", "level", known);
        let known = |code: &str| kinds.area_classes.iter().any(|class| class.code == code);
        let class = row.optional_reference("class", "area class", known);
        let names = row.names();
        Some(Area { code: code?, parent, level: level?, class, names: names?, path: String::new() })
    });
    scope.unique(FORM.file, "code", &rows, |area| Some(&area.code));
    check_tree(scope, kinds, &rows);
    let mut areas = by_code(rows, |area| &area.code);
    areas.dedup_by(|a, b| a.code == b.code);
    for at in 0..areas.len() {
        areas[at].path = path(&areas, at);
    }
    areas
}

/// One root of the first level; every other area under one of a level above its own, which rules out loops.
fn check_tree(scope: &mut Scope<'_>, kinds: &Kinds, rows: &[Lined<Area>]) {
    let rank = |area: &Area| kinds.levels.iter().position(|level| level.code == area.level);
    let known: BTreeMap<&str, &Area> = rows.iter().map(|row| (row.value.code.as_str(), &row.value)).collect();
    let mut root: Option<&str> = None;
    for Lined { line, value: area } in rows {
        let fault = match &area.parent {
            None if rank(area) != Some(0) => {
                Some((Rule::Tree, "only an area of the first level has no parent".into()))
            }
            None => {
                root.replace(&area.code).map(|first| (Rule::Tree, format!("`{first}` is the root already")))
            }
            Some(parent) => match known.get(parent.as_str()) {
                None => Some((Rule::Reference, format!("there is no area `{parent}`"))),
                Some(above) if rank(above) >= rank(area) => {
                    let detail = format!("a {} cannot stand under a {}", area.level, above.level);
                    Some((Rule::Tree, detail))
                }
                Some(_) => None,
            },
        };
        if let Some((rule, detail)) = fault {
            scope.faults.push(FORM.file, *line, "parent", rule, detail);
        }
    }
    if root.is_none() {
        scope.faults.of_file(FORM.file, Rule::Tree, "no area is the root (a row without parent)");
    }
}

/// The codes from the root down. A broken tree ends the path early; its fault is noted elsewhere.
fn path(areas: &[Area], at: usize) -> String {
    let mut codes = vec![areas[at].code.as_str()];
    let mut parent = areas[at].parent.as_deref();
    while let Some(code) = parent.filter(|code| !codes.contains(code)) {
        codes.push(code);
        let above = areas.binary_search_by(|area| area.code.as_str().cmp(code)).ok();
        parent = above.and_then(|above| areas[above].parent.as_deref());
    }
    codes.reverse();
    codes.join("/")
}

/// Whether `path` is `above` or lies below it.
pub(super) fn within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The area with this code.
pub(super) fn find<'a>(areas: &'a [Area], code: &str) -> Option<&'a Area> {
    areas.binary_search_by(|area| area.code.as_str().cmp(code)).ok().map(|at| &areas[at])
}
