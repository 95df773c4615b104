//! `GeoJSON` feature collections (RFC 7946), each feature with the line it begins on.
//!
//! Positions have two numbers, WGS84. Unknown members are faults, as unknown columns are.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::table::{Scope, line_at};
use geo_index::Coord;

use crate::{base_map::Ring, fault::Rule};

/// Features of one file at most.
const FEATURES_MAX: usize = 20_000;
/// Positions of one feature at most.
const POSITIONS_MAX: usize = 200_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collection<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    features: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureJson<P> {
    r#type: String,
    properties: P,
    geometry: Geometry,
}

/// A geometry in degrees, as written.
#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates", deny_unknown_fields)]
pub(super) enum Geometry {
    Point([f64; 2]),
    LineString(Vec<[f64; 2]>),
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

/// One feature.
pub(super) struct Feature<P> {
    pub(super) line: u64,
    pub(super) properties: P,
    pub(super) geometry: Geometry,
}

/// Reads a collection; empty when the file is not there or cannot be read.
pub(super) fn read<P: DeserializeOwned>(scope: &mut Scope<'_>, file: &str) -> Vec<Feature<P>> {
    let Some(text) = scope.text(file) else { return Vec::new() };
    let collection: Collection<'_> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            scope.faults.push(file, error.line() as u64, "", rule_of(&error), error.to_string());
            return Vec::new();
        }
    };
    if collection.r#type != "FeatureCollection" {
        scope.faults.push(file, 1, "type", Rule::Value, "the file is one FeatureCollection");
    }
    if collection.features.len() > FEATURES_MAX {
        scope.faults.of_file(file, Rule::Limit, format!("a file has at most {FEATURES_MAX} features"));
        return Vec::new();
    }
    collection.features.iter().filter_map(|raw| feature(scope, file, text, raw)).collect()
}

fn feature<P: DeserializeOwned>(
    scope: &mut Scope<'_>,
    file: &str,
    text: &str,
    raw: &RawValue,
) -> Option<Feature<P>> {
    // The raw value borrows from the text, so the distance of the two is where it begins.
    let offset = raw.get().as_ptr().addr() - text.as_ptr().addr();
    let line = line_at(text.as_bytes(), offset);
    let feature: FeatureJson<P> = match serde_json::from_str(raw.get()) {
        Ok(feature) => feature,
        Err(error) => {
            let line = line + error.line() as u64 - 1;
            scope.faults.push(file, line, "", rule_of(&error), error.to_string());
            return None;
        }
    };
    if feature.r#type != "Feature" {
        scope.faults.push(file, line, "type", Rule::Value, "a collection holds features");
    }
    if feature.geometry.positions() > POSITIONS_MAX {
        let detail = format!("a feature has at most {POSITIONS_MAX} positions");
        scope.faults.push(file, line, "geometry", Rule::Limit, detail);
        return None;
    }
    Some(Feature { line, properties: feature.properties, geometry: feature.geometry })
}

fn rule_of(error: &serde_json::Error) -> Rule {
    let message = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data if message.starts_with("unknown field") => Rule::Unknown,
        serde_json::error::Category::Data if message.starts_with("missing field") => Rule::Missing,
        serde_json::error::Category::Data => Rule::Value,
        _ => Rule::Syntax,
    }
}

impl Geometry {
    fn positions(&self) -> usize {
        match self {
            Self::Point(_) => 1,
            Self::LineString(line) => line.len(),
            Self::Polygon(rings) => rings.iter().map(Vec::len).sum(),
            Self::MultiPolygon(polygons) => polygons.iter().flatten().map(Vec::len).sum(),
        }
    }
}

/// One position; a fault when it is not on the earth.
pub(super) fn coord(scope: &mut Scope<'_>, file: &str, line: u64, at: [f64; 2]) -> Option<Coord> {
    let coord = Coord::from_degrees(at[0], at[1]).ok();
    if coord.is_none() {
        let detail = format!("[{}, {}] is not a longitude within 180 and a latitude within 90", at[0], at[1]);
        scope.faults.push(file, line, "geometry", Rule::Coordinate, detail);
    }
    coord
}

/// The positions of a line or ring; `None`, with a fault, when one of them is not on the earth.
pub(super) fn path(scope: &mut Scope<'_>, file: &str, line: u64, path: &[[f64; 2]]) -> Option<Ring> {
    path.iter().map(|&at| coord(scope, file, line, at)).collect()
}
