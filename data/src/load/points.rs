//! `points.csv`: fixed places that can raise an alarm.

use std::collections::BTreeSet;

use super::{
    areas::find,
    kinds::Kinds,
    table::{Form, Naming, Row, Scope, by_code, has},
};
use crate::{
    fault::Rule,
    places::{Area, Keeper, Point, PointKind},
    staff::Organisation,
};

const FORM: Form = Form {
    file: "points.csv",
    required: &["code", "number", "lon", "lat", "area", "kind"],
    optional: &["square", "keeper_post", "keeper_serial", "keeper_organisation", "neighbours"],
    names: Naming::Optional,
};
/// The words of a point's kind.
const KINDS: [(&str, PointKind); 4] = [
    ("phone", PointKind::Phone),
    ("button", PointKind::Button),
    ("sensor", PointKind::Sensor),
    ("camera", PointKind::Camera),
];
/// Neighbours of one point at most.
const NEIGHBOURS_MAX: usize = 8;

/// Reads the alarm points, sorted by code.
pub(super) fn read(
    scope: &mut Scope<'_>,
    kinds: &Kinds,
    areas: &[Area],
    organisations: &[Organisation],
) -> Vec<Point> {
    let generated = scope.manifest.generated.iter().any(|part| part == "points");
    let rows = scope.table(&FORM, |row| {
        let code = row.code("code");
        let number = number(row);
        let place = row.coord("lon", "lat");
        let area = row.reference("area", "area", |code| find(areas, code).is_some());
        let kind = row.word("kind", &KINDS);
        let square = row.optional_integer("square", 1..=255).and_then(|square| u8::try_from(square).ok());
        let keeper = keeper(row, kinds, organisations);
        let neighbours = row.list("neighbours");
        if neighbours.len() > NEIGHBOURS_MAX {
            row.fault("neighbours", Rule::Limit, format!("a point has at most {NEIGHBOURS_MAX} neighbours"));
        }
        let names = row.names()?;
        Some(Point {
            code: code?,
            number: number?,
            place: place?,
            area: area?,
            kind: kind?,
            square,
            keeper,
            neighbours,
            names,
            generated,
        })
    });
    scope.unique(FORM.file, "code", &rows, |point| Some(&point.code));
    scope.unique(FORM.file, "number", &rows, |point| Some(&point.number));
    let codes: BTreeSet<&str> = rows.iter().map(|row| row.value.code.as_str()).collect();
    for row in &rows {
        for code in &row.value.neighbours {
            if *code == row.value.code || !codes.contains(code.as_str()) {
                let detail = format!("there is no other point `{code}`");
                scope.faults.push(FORM.file, row.line, "neighbours", Rule::Reference, detail);
            }
        }
    }
    by_code(rows, |point| &point.code)
}

/// A telephone number: digits, perhaps behind a `+`.
fn number(row: &mut Row<'_>) -> Option<String> {
    let number = row.text("number")?;
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if !(3..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        row.fault("number", Rule::Value, format!("`{number}` is not 3 to 15 digits"));
        return None;
    }
    Some(number)
}

/// The keeper: all of its columns, or none.
fn keeper(row: &mut Row<'_>, kinds: &Kinds, organisations: &[Organisation]) -> Option<Keeper> {
    let columns = ["keeper_post", "keeper_serial", "keeper_organisation"];
    if columns.iter().all(|column| row.optional(column).is_none()) {
        return None;
    }
    let post = row.reference("keeper_post", "post", |code| kinds.posts.iter().any(|post| post.code == code));
    let serial = row.integer("keeper_serial", 1..=u32::from(u16::MAX));
    let organisation = row.reference("keeper_organisation", "organisation", |code| {
        has(organisations, code, |entry| &entry.code)
    });
    Some(Keeper { post: post?, serial: u16::try_from(serial?).ok()?, organisation: organisation? })
}
