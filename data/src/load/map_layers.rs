//! The base map: `areas.geojson`, `rivers.geojson`, `lakes.geojson`, `border.geojson`, `places.geojson`, heights.

use std::collections::BTreeSet;

use geo::Validation as _;
use serde::Deserialize;

use super::{
    areas::find,
    elevation,
    features::{self, Feature, Geometry, coord, path},
    table::Scope,
};
use crate::{
    base_map::{BaseMap, Lake, Line, Outline, Ring, Settlement},
    fault::Rule,
    names::Names,
    outline::to_geo,
    places::Area,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaProperties {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineProperties {
    rank: u8,
    #[serde(default)]
    names: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LakeProperties {
    #[serde(default)]
    names: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceProperties {
    names: Names,
    #[serde(default)]
    population: u32,
    area: Option<String>,
    #[serde(default)]
    inside: bool,
}

/// Reads every layer that is there.
pub(super) fn read(scope: &mut Scope<'_>, areas: &[Area]) -> BaseMap {
    BaseMap {
        outlines: outlines(scope, areas),
        rivers: lines(scope, "rivers.geojson"),
        lakes: lakes(scope),
        border: lines(scope, "border.geojson"),
        settlements: settlements(scope, areas),
        elevation: elevation::read(scope),
    }
}

fn outlines(scope: &mut Scope<'_>, areas: &[Area]) -> Vec<Outline> {
    let file = "areas.geojson";
    let mut seen = BTreeSet::new();
    let mut outlines = Vec::new();
    for Feature { line, properties: AreaProperties { code }, geometry } in features::read(scope, file) {
        if find(areas, &code).is_none() {
            scope.faults.push(file, line, "code", Rule::Reference, format!("there is no area `{code}`"));
        }
        if !seen.insert(code.clone()) {
            scope.faults.push(
                file,
                line,
                "code",
                Rule::Duplicate,
                format!("`{code}` has an outline already"),
            );
        }
        if let Some(polygons) = polygons(scope, file, line, geometry) {
            outlines.push(Outline { code, polygons });
        }
    }
    outlines.sort_by(|a, b| a.code.cmp(&b.code));
    outlines
}

fn lakes(scope: &mut Scope<'_>) -> Vec<Lake> {
    let file = "lakes.geojson";
    let mut lakes = Vec::new();
    for Feature { line, properties: LakeProperties { names }, geometry } in features::read(scope, file) {
        for rings in polygons(scope, file, line, geometry).unwrap_or_default() {
            lakes.push(Lake { names: names.clone(), rings });
        }
    }
    lakes
}

fn lines(scope: &mut Scope<'_>, file: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for Feature { line, properties: LineProperties { rank, names }, geometry } in features::read(scope, file)
    {
        if let Geometry::LineString(positions) = geometry
            && positions.len() >= 2
        {
            lines.extend(path(scope, file, line, &positions).map(|path| Line { rank, names, path }));
        } else {
            scope.faults.push(file, line, "geometry", Rule::Value, "a LineString of at least 2 positions");
        }
    }
    lines
}

fn settlements(scope: &mut Scope<'_>, areas: &[Area]) -> Vec<Settlement> {
    let file = "places.geojson";
    let mut settlements = Vec::new();
    for Feature { line, properties, geometry } in features::read::<PlaceProperties>(scope, file) {
        let PlaceProperties { names, population, area, inside } = properties;
        if names.is_empty() {
            scope.faults.push(file, line, "names", Rule::Missing, "a settlement has a name");
        }
        if let Some(code) = area.as_ref().filter(|code| find(areas, code).is_none()) {
            scope.faults.push(file, line, "area", Rule::Reference, format!("there is no area `{code}`"));
        }
        if let Geometry::Point(at) = geometry {
            let place = coord(scope, file, line, at);
            settlements.extend(place.map(|place| Settlement { names, place, population, area, inside }));
        } else {
            scope.faults.push(file, line, "geometry", Rule::Value, "a settlement is a Point");
        }
    }
    settlements
}

/// The polygons of a feature, each ring closed and the whole valid.
fn polygons(scope: &mut Scope<'_>, file: &str, line: u64, geometry: Geometry) -> Option<Vec<Vec<Ring>>> {
    let raw = match geometry {
        Geometry::Polygon(rings) => vec![rings],
        Geometry::MultiPolygon(polygons) => polygons,
        Geometry::Point(_) | Geometry::LineString(_) => {
            scope.faults.push(file, line, "geometry", Rule::Value, "a Polygon or MultiPolygon");
            return None;
        }
    };
    let mut polygons = Vec::new();
    for rings in raw {
        let rings: Vec<Ring> =
            rings.iter().map(|ring| path(scope, file, line, ring)).collect::<Option<_>>()?;
        if rings.is_empty() || rings.iter().any(|ring| ring.len() < 4 || ring.first() != ring.last()) {
            let detail = "a ring has at least 4 positions, the last being the first again";
            scope.faults.push(file, line, "geometry", Rule::Polygon, detail);
            return None;
        }
        polygons.push(rings);
    }
    if let Err(error) = to_geo(&polygons).check_validation() {
        scope.faults.push(file, line, "geometry", Rule::Polygon, error.to_string());
        return None;
    }
    Some(polygons)
}
