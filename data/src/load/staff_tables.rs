//! `organisations.csv`, `desks.csv`, `seats.csv` and `agencies.csv`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    areas::{find, within},
    table::{Form, Lined, Naming, Scope, by_code, code_fault, has},
};
use crate::{
    fault::Rule,
    places::Area,
    staff::{Agency, Desk, Organisation, Seat, SeatRole},
};

const ORGANISATIONS: Form = Form {
    file: "organisations.csv",
    required: &["code", "parent", "area"],
    optional: &[],
    names: Naming::Required,
};
const DESKS: Form = Form {
    file: "desks.csv",
    required: &["code", "parent", "area"],
    optional: &["trunks"],
    names: Naming::Required,
};
const SEATS: Form =
    Form { file: "seats.csv", required: &["code", "desk", "role"], optional: &[], names: Naming::None };
const AGENCIES: Form =
    Form { file: "agencies.csv", required: &["code"], optional: &[], names: Naming::Required };
/// The words of a seat's role.
const ROLES: [(&str, SeatRole); 4] = [
    ("call-taker", SeatRole::CallTaker),
    ("dispatcher", SeatRole::Dispatcher),
    ("shift-lead", SeatRole::ShiftLead),
    ("commander", SeatRole::Commander),
];

/// Reads the organisations, sorted by code.
pub(super) fn organisations(scope: &mut Scope<'_>, areas: &[Area]) -> Vec<Organisation> {
    let rows = scope.table(&ORGANISATIONS, |row| {
        let code = row.code("code");
        let parent = row.optional("parent");
        let area = row.reference("area", "area", |code| find(areas, code).is_some());
        let names = row.names();
        Some(Organisation { code: code?, parent, area: area?, names: names? })
    });
    scope.unique(ORGANISATIONS.file, "code", &rows, |organisation| Some(&organisation.code));
    check_loops(scope, ORGANISATIONS.file, &rows, |organisation| {
        (&organisation.code, organisation.parent.as_deref())
    });
    by_code(rows, |organisation| &organisation.code)
}

/// Reads the desks, sorted by code.
pub(super) fn desks(scope: &mut Scope<'_>, areas: &[Area]) -> Vec<Desk> {
    let rows = scope.table(&DESKS, |row| {
        let code = row.code("code");
        let parent = row.optional("parent");
        let area = row.reference("area", "area", |code| find(areas, code).is_some());
        let trunks = row.list("trunks");
        let names = row.names();
        Some(Desk { code: code?, parent, area: area?, trunks, names: names? })
    });
    scope.unique(DESKS.file, "code", &rows, |desk| Some(&desk.code));
    scope.unique(DESKS.file, "area", &rows, |desk| Some(&desk.area));
    check_loops(scope, DESKS.file, &rows, |desk| (&desk.code, desk.parent.as_deref()));
    check_command(scope, areas, &rows);
    check_trunks(scope, &rows);
    by_code(rows, |desk| &desk.code)
}

/// A desk's area lies within that of the desk above; one desk is above all.
fn check_command(scope: &mut Scope<'_>, areas: &[Area], rows: &[Lined<Desk>]) {
    let path = |desk: &Desk| find(areas, &desk.area).map_or("", |area| &area.path);
    let known: BTreeMap<&str, &Desk> = rows.iter().map(|row| (row.value.code.as_str(), &row.value)).collect();
    let mut root: Option<&str> = None;
    for Lined { line, value: desk } in rows {
        let Some(parent) = &desk.parent else {
            if let Some(first) = root.replace(&desk.code) {
                scope.faults.push(
                    DESKS.file,
                    *line,
                    "parent",
                    Rule::Tree,
                    format!("`{first}` is the root already"),
                );
            }
            continue;
        };
        let above = known.get(parent.as_str()).map(|above| path(above));
        if above.is_some_and(|above| !within(path(desk), above)) {
            let detail = format!("area `{}` is not within that of desk `{parent}`", desk.area);
            scope.faults.push(DESKS.file, *line, "area", Rule::Tree, detail);
        }
    }
    if root.is_none() {
        scope.faults.of_file(DESKS.file, Rule::Tree, "no desk is the root (a row without parent)");
    }
}

/// A trunk is named as codes are, and leads to one desk.
fn check_trunks(scope: &mut Scope<'_>, rows: &[Lined<Desk>]) {
    let mut seen = BTreeSet::new();
    for Lined { line, value: desk } in rows {
        for trunk in &desk.trunks {
            if let Some(why) = code_fault(trunk) {
                scope.faults.push(DESKS.file, *line, "trunks", Rule::Value, why);
            } else if !seen.insert(trunk) {
                let detail = format!("trunk `{trunk}` leads to another desk already");
                scope.faults.push(DESKS.file, *line, "trunks", Rule::Duplicate, detail);
            }
        }
    }
}

/// Reads the agencies, where the package names any, sorted by code.
pub(super) fn agencies(scope: &mut Scope<'_>) -> Vec<Agency> {
    let rows = scope.table(&AGENCIES, |row| {
        let code = row.code("code");
        let names = row.names();
        Some(Agency { code: code?, names: names? })
    });
    scope.unique(AGENCIES.file, "code", &rows, |agency| Some(&agency.code));
    by_code(rows, |agency| &agency.code)
}

/// Reads the seats, sorted by code.
pub(super) fn seats(scope: &mut Scope<'_>, desks: &[Desk]) -> Vec<Seat> {
    let rows = scope.table(&SEATS, |row| {
        let code = row.code("code");
        let desk = row.reference("desk", "desk", |code| has(desks, code, |desk| &desk.code));
        let role = row.word("role", &ROLES);
        Some(Seat { code: code?, desk: desk?, role: role? })
    });
    scope.unique(SEATS.file, "code", &rows, |seat| Some(&seat.code));
    by_code(rows, |seat| &seat.code)
}

/// Every parent exists and no row stands above itself.
fn check_loops<'t, T: 't>(
    scope: &mut Scope<'_>,
    file: &str,
    rows: &'t [Lined<T>],
    link: impl Fn(&'t T) -> (&'t str, Option<&'t str>),
) {
    let parents: BTreeMap<&str, Option<&str>> = rows.iter().map(|row| link(&row.value)).collect();
    for row in rows {
        let (code, parent) = link(&row.value);
        let Some(parent) = parent else { continue };
        if !parents.contains_key(parent) {
            scope.faults.push(file, row.line, "parent", Rule::Reference, format!("there is no `{parent}`"));
            continue;
        }
        let above = std::iter::successors(Some(parent), |at| parents.get(at).copied().flatten());
        if above.take(parents.len()).any(|at| at == code) {
            scope.faults.push(file, row.line, "parent", Rule::Tree, format!("`{code}` stands above itself"));
        }
    }
}
