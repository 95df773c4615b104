//! The loader: files in; a whole package or every fault out.
//!
//! Each part has a file here that reads it and checks it against the parts read before. A part at fault is still
//! handed on as far as it could be read, so that one run shows as many faults as it can.
//! Leaves out: where the bytes come from.

mod areas;
mod beats;
mod elevation;
mod faults;
mod features;
mod kinds;
mod map_layers;
mod points;
mod response_rules;
mod settings;
mod staff_tables;
mod table;
mod units;

use self::faults::Faults;
use crate::{
    fault::{Fault, Rule},
    package::{ContentHash, Files, Package},
    register::Register,
};

/// Largest file of a package, in bytes.
pub(crate) const FILE_BYTES_MAX: usize = 16 << 20;
/// Largest package, in bytes.
const PACKAGE_BYTES_MAX: usize = 64 << 20;

/// Files that a package must have.
const REQUIRED: [&str; 9] = [
    "region.toml",
    "areas.csv",
    "organisations.csv",
    "desks.csv",
    "seats.csv",
    "beats.csv",
    "units.csv",
    "points.csv",
    "SOURCES.md",
];
/// Files that it may have.
const OPTIONAL: [&str; 9] = [
    "agencies.csv",
    "areas.geojson",
    "rivers.geojson",
    "lakes.geojson",
    "border.geojson",
    "places.geojson",
    "elevation.asc",
    "terrain.csv",
    "README.md",
];

/// Reads and checks a package.
pub(crate) fn read(files: &Files) -> Result<Package, Vec<Fault>> {
    let mut faults = Faults::default();
    check_files(files, &mut faults);
    let settings = settings::read(files, &mut faults);
    let Some(settings) = settings.filter(|_| faults.is_empty()) else {
        return Err(faults.into_sorted());
    };
    let package = read_parts(files, settings, &mut faults);
    if faults.is_empty() { Ok(package) } else { Err(faults.into_sorted()) }
}

fn read_parts(files: &Files, settings: settings::Settings, faults: &mut Faults) -> Package {
    let settings::Settings { manifest, kinds, movers, readiness, rules } = settings;
    let mut scope = table::Scope { files, manifest: &manifest, faults };
    let areas = areas::read(&mut scope, &kinds);
    let organisations = staff_tables::organisations(&mut scope, &areas);
    let desks = staff_tables::desks(&mut scope, &areas);
    let seats = staff_tables::seats(&mut scope, &desks);
    let agencies = staff_tables::agencies(&mut scope);
    let base_map = map_layers::read(&mut scope, &areas);
    let terrain = beats::terrain(&mut scope, &kinds);
    let beats = beats::read(&mut scope, &areas, &base_map.outlines);
    let units = units::read(
        &mut scope,
        &units::Known {
            kinds: &kinds,
            movers: &movers,
            readiness,
            organisations: &organisations,
            desks: &desks,
            beats: &beats,
        },
    );
    let points = points::read(&mut scope, &kinds, &areas, &organisations);
    let rules = rules.check(&kinds, &areas, scope.faults);
    let sources = scope.text("SOURCES.md").unwrap_or_default().to_owned();
    let register = Register {
        levels: kinds.levels,
        area_classes: kinds.area_classes,
        areas,
        organisations,
        desks,
        seats,
        agencies,
        posts: kinds.posts,
        classes: kinds.classes,
        capabilities: kinds.capabilities,
        terrain_classes: kinds.terrain,
        terrain,
        movers,
        readiness,
        beats,
        units,
        points,
        types: rules.types,
        run_cards: rules.run_cards,
        timers: rules.timers,
        thresholds: rules.thresholds,
    };
    Package { hash: ContentHash::of(files), manifest, register, base_map, sources }
}

/// Every required file is there, none is unknown, all are within the limits.
fn check_files(files: &Files, faults: &mut Faults) {
    for name in REQUIRED {
        if !files.contains_key(name) {
            faults.of_file(name, Rule::MissingFile, "every package has this file");
        }
    }
    for (name, bytes) in files {
        if !REQUIRED.contains(&name.as_str()) && !OPTIONAL.contains(&name.as_str()) {
            faults.of_file(
                name,
                Rule::UnknownFile,
                "the format has no such file; see docs/region-package.md",
            );
        }
        if bytes.len() > FILE_BYTES_MAX {
            faults.of_file(name, Rule::Limit, format!("a file has at most {FILE_BYTES_MAX} bytes"));
        }
    }
    if files.values().map(Vec::len).sum::<usize>() > PACKAGE_BYTES_MAX {
        faults.of_file("", Rule::Limit, format!("a package has at most {PACKAGE_BYTES_MAX} bytes"));
    }
}
