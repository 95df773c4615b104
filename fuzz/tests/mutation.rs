//! Mutations keep the form of an input, and come past the readers of that form.

use std::collections::BTreeSet;

use dispatch_fuzz::mutation::{lines_of, package_of};
use dispatch_fuzz::region_package::{SMALL, package};
use region::{Package, Rule};
use serde_json::Value;

/// Longest input of the target.
const LONGEST: usize = 32_768;

#[test]
fn chance_is_the_same_each_time() {
    for seed in 0..50 {
        assert_eq!(package_of(b"", seed, LONGEST), package_of(b"", seed, LONGEST));
    }
}

#[test]
fn what_is_made_comes_past_the_readers_of_the_form() {
    let (mut whole, mut deep, mut rules, mut made_of) = (0, 0, BTreeSet::new(), BTreeSet::new());
    let tried = 600;
    for seed in 0..tried {
        let Some(made) = package_of(b"", seed, LONGEST) else { continue };
        let files = package(&made).unwrap();
        made_of.extend(
            files.iter().filter(|file| SMALL.get(file.0) != Some(file.1)).map(|(name, _)| name.clone()),
        );
        match Package::read(&files) {
            Ok(_) => whole += 1,
            Err(faults) => {
                let of_form = |rule| matches!(rule, Rule::Syntax | Rule::MissingFile | Rule::UnknownFile);
                deep += u32::from(!faults.iter().any(|fault| of_form(fault.rule)));
                rules.extend(faults.iter().map(|fault| format!("{:?}", fault.rule)));
            }
        }
    }
    assert!(whole >= tried / 10, "{whole} of {tried} are whole");
    assert!(whole + deep >= tried / 2, "{whole} and {deep} of {tried} come past the readers of the form");
    let files = SMALL.keys().map(String::as_str).chain(["rivers.geojson", "elevation.asc", "terrain.csv"]);
    let missed: Vec<_> = files.filter(|name| *name != "SOURCES.md" && !made_of.contains(*name)).collect();
    assert!(missed.is_empty(), "never changed: {missed:?}");
    assert!(rules.len() >= 8, "{rules:?}");
}

#[test]
fn what_is_no_package_of_files_is_left() {
    assert_eq!(package_of(b"kept\nabc", 1, LONGEST), None);
    assert_eq!(package_of(b"packed\nabc", 1, LONGEST), None);
}

#[test]
fn a_document_in_a_text_of_another_is_changed_within() {
    let input = br#"{"name":"order_advanced","payload":"{\"order\":\"a\",\"stamp\":{\"at\":17}}"}"#;
    let payload = |bytes: &[u8]| -> Option<Value> {
        let row: Value = serde_json::from_slice(bytes).ok()?;
        serde_json::from_str(row["payload"].as_str()?).ok()
    };
    let made = (0..200).filter_map(|seed| payload(&lines_of(input, seed, LONGEST)?));
    let changed = made.filter(|made| Some(made) != payload(input).as_ref()).count();
    assert!(changed >= 20, "{changed} of 200");
}

#[test]
fn what_stands_before_a_document_stays() {
    for seed in 0..50 {
        let Some(made) = lines_of(b"/alarms VAP-1\n{\"place\":\"PUE\"}", seed, LONGEST) else { continue };
        assert!(made.starts_with(b"/alarms VAP-1\n"), "{}", String::from_utf8_lossy(&made));
    }
    assert_eq!(lines_of(b"~\n-0", 1, LONGEST), None);
}
