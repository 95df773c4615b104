//! Every kind of fault is reported where it is.

use region::{Fault, Files, Package, Rule, embedded};

fn city() -> Files {
    embedded("valparaiso").expect("an embedded package")
}

/// The package with the first `from` in a file replaced, and the line on which that stood.
fn mutated(file: &str, from: &str, to: &str) -> (Files, u64) {
    let mut files = city();
    let text = String::from_utf8(files[file].clone()).expect("text");
    let at = text.find(from).unwrap_or_else(|| panic!("{file} has no `{from}`"));
    let line = text[..at].matches('\n').count() as u64 + 1;
    files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    (files, line)
}

fn faults(files: &Files) -> Vec<Fault> {
    Package::read(files).expect_err("a fault")
}

/// A mutation and what must be said of it, at the line where it was made.
struct Case {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    field: &'static str,
    rule: Rule,
}

const fn case(
    file: &'static str,
    from: &'static str,
    to: &'static str,
    field: &'static str,
    rule: Rule,
) -> Case {
    Case { file, from, to, field, rule }
}

const CASES: [Case; 33] = [
    case("units.csv", ",-33.", ",91.", "home_lat", Rule::Coordinate),
    case("points.csv", ",-71.", ",-181.", "lon", Rule::Coordinate),
    case("points.csv", ",PUE-1,", ",PUE-9,", "area", Rule::Reference),
    case("points.csv", "\nQ01,", "\nQ00,", "code", Rule::Duplicate),
    case("points.csv", ",Q01\n", ",Q99\n", "neighbours", Rule::Reference),
    case("points.csv", "+56322900001", "+56x", "number", Rule::Value),
    case("units.csv", "code,call_sign", "code,call_name", "call_name", Rule::Unknown),
    case("units.csv", "code,call_sign", "code,call_name", "call_sign", Rule::Missing),
    case("units.csv", "\nV02,", "\nV 02,", "code", Rule::Value),
    case("units.csv", "firearm", "airship", "capabilities", Rule::Reference),
    case("units.csv", ",car,2,", ",car,0,", "crew", Rule::Value),
    case("units.csv", ",car,2,", ",car,2,,", "", Rule::Syntax),
    case("units.csv", "patrolling", "sleeping", "duty", Rule::Value),
    case("areas.csv", "\nVAP,,city", "\nVAP,PUE,city", "parent", Rule::Tree),
    case("areas.csv", "\nALE,VAP,district", "\nALE,VAX,district", "parent", Rule::Reference),
    case("areas.csv", "PUE-1,PUE,street-area", "PUE-1,PUE,region", "level", Rule::Reference),
    case("desks.csv", "\nPUE,VAP,PUE", "\nPUE,PUE,PUE", "parent", Rule::Tree),
    case("desks.csv", "133;132;131", "133;132;133", "trunks", Rule::Duplicate),
    case("desks.csv", "133;132;131", "13 3", "trunks", Rule::Value),
    case("agencies.csv", "\nwater,", "\nport,", "code", Rule::Duplicate),
    case("seats.csv", "call-taker", "call-maker", "role", Rule::Value),
    case("beats.csv", ":", ":zz", "cells", Rule::Cell),
    case("areas.geojson", "-71.", "-271.", "geometry", Rule::Coordinate),
    case("areas.geojson", "MultiPolygon", "Polygram", "", Rule::Value),
    case("areas.geojson", "\"code\":\"PUE\"", "\"cod\":\"PUE\"", "", Rule::Unknown),
    case("areas.geojson", "\"properties\"", "properties", "", Rule::Syntax),
    case("places.geojson", "\"area\":\"PUE\"", "\"area\":\"XXX\"", "area", Rule::Reference),
    case("region.toml", "format = 1", "format = 2", "format", Rule::Format),
    case("region.toml", "zone = \"America/Santiago\"", "zone = \"America/Nowhere\"", "zone", Rule::Value),
    case("region.toml", "format = 1", "colour = 1\nformat = 1", "colour", Rule::Unknown),
    case("region.toml", "version = ", "version ", "", Rule::Syntax),
    case("region.toml", "priority = 1\nweapon", "priority = 7\nweapon", "priority", Rule::Value),
    case("region.toml", "hill-street = 20, ", "", "speeds_kmh", Rule::Missing),
];

#[test]
fn each_mutation_is_found_at_its_line() {
    for Case { file, from, to, field, rule } in CASES {
        let (files, mut line) = mutated(file, from, to);
        // A mutation that begins with the line break before it is made on the next line.
        line += u64::from(from.starts_with('\n'));
        let found = faults(&files);
        let wanted = found.iter().any(|fault| {
            fault.file == file && fault.line == line && fault.field == field && fault.rule == rule
        });
        let said: Vec<String> = found.iter().take(5).map(ToString::to_string).collect();
        assert!(wanted, "{file}:{line} [{field}] {rule:?} not among\n{}", said.join("\n"));
    }
}

#[test]
fn a_ring_that_crosses_itself_or_is_open_is_no_polygon() {
    let feature = |ring: &str| {
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[\n{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}\n]}}\n"
        )
    };
    for ring in ["[[0,0],[1,1],[1,0],[0,1],[0,0]]", "[[0,0],[1,0],[1,1],[0,1]]", "[[0,0],[1,0],[0,0]]"] {
        let mut files = city();
        files.insert("lakes.geojson".to_owned(), feature(ring).into_bytes());
        let found = faults(&files);
        assert_eq!((found.len(), found[0].line, found[0].rule), (1, 2, Rule::Polygon), "{ring}");
    }
    let mut files = city();
    files.insert("lakes.geojson".to_owned(), feature("[[0,0],[1,0],[1,1],[0,0]]").into_bytes());
    assert_eq!(Package::read(&files).expect("a whole package").base_map.lakes.len(), 1);
}

#[test]
fn a_cell_in_two_beats_and_a_beat_outside_its_district_are_found() {
    let mut files = city();
    let text = String::from_utf8(files["beats.csv"].clone()).expect("text");
    let rows: Vec<&str> = text.lines().collect();
    let cells = rows[1].rsplit(',').next().expect("cells");
    let added = format!("{text}B-X,PLA-1,{cells}\n");
    files.insert("beats.csv".to_owned(), added.into_bytes());
    let line = rows.len() as u64 + 1;
    let found = faults(&files);
    assert!(found.iter().all(|fault| fault.line == line && fault.rule == Rule::Cell), "{found:?}");
    assert!(found.iter().any(|fault| fault.detail.contains("is in `B-PUE-1` already")), "{found:?}");
    assert!(
        found.iter().any(|fault| fault.detail.contains("outside the outline of area `PLA`")),
        "{found:?}"
    );
}

#[test]
fn one_capability_too_many_is_found_at_its_own_line() {
    let mut files = city();
    let mut text = String::from_utf8(files["region.toml"].clone()).expect("text");
    // Four classes and five capabilities are there; 31 more fit.
    for nth in 0..32 {
        text +=
            &["\n[[capabilities]]\ncode = \"extra-", &nth.to_string(), "\"\nnames = { es = \"Extra\" }\n"]
                .concat();
    }
    let last = text.lines().position(|line| line.contains("\"extra-31\"")).expect("the last") as u64 + 1;
    files.insert("region.toml".to_owned(), text.into_bytes());
    let found = faults(&files);
    assert_eq!((found.len(), found[0].line, found[0].rule), (1, last, Rule::Limit), "{found:?}");
}

#[test]
fn missing_unknown_and_oversized_files_are_found() {
    let mut files = city();
    files.remove("units.csv");
    files.insert("notes.txt".to_owned(), Vec::new());
    files.insert("README.md".to_owned(), vec![b' '; (16 << 20) + 1]);
    let found: Vec<(String, Rule)> =
        faults(&files).into_iter().map(|fault| (fault.file, fault.rule)).collect();
    let wanted =
        [("README.md", Rule::Limit), ("notes.txt", Rule::UnknownFile), ("units.csv", Rule::MissingFile)];
    assert_eq!(found, wanted.map(|(file, rule)| (file.to_owned(), rule)));
}

#[test]
fn a_fault_reads_as_file_line_field_rule() {
    let (files, line) = mutated("units.csv", ",-33.", ",91.");
    let said = faults(&files)[0].to_string();
    assert!(said.starts_with(&format!("units.csv:{line} [home_lat] coordinate: `91.")), "{said}");
}
