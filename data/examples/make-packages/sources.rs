//! The geography of Xilingol: third-party files into the package's own form.
//!
//! What is done to each file is recorded in the package's `SOURCES.md`. Leaves out: everything generated.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use geo::{LineString, Simplify as _};
use serde_json::{Value, json};

/// Lines keep their shape to within this many degrees, about 200 m.
const TOLERANCE: f64 = 0.002;
/// Official codes and English names of the league, its banners and sumu.
const ENGLISH: &str = include_str!("xilingol_names.csv");
/// Settlements that `GeoNames` spells otherwise than the official list.
const SPELLINGS: [(&str, &str); 1] = [("多伦淖尔镇", "多伦诺尔镇")];
/// Settlements that are the seat of an area of another name.
const SEATS: [(&str, &str); 2] = [("Erenhot", "152501"), ("Xilinhot", "152502")];

/// Name and code of a sumu.
type Named = (String, String);

/// Imports every file of `source` into `package`.
pub fn import(source: &Path, package: &Path) -> Result<(), Box<dyn Error>> {
    let read = |name: &str| fs::read_to_string(source.join(name)).map_err(|error| format!("{name}: {error}"));
    let (areas, sumu) = areas(&read("divisions.csv")?)?;
    fs::write(package.join("areas.csv"), areas)?;
    let banners: Value = serde_json::from_str(&read("banners.geojson")?)?;
    let outlines = features(&banners).map(|feature| {
        collection_line(&json!({"code": feature["properties"]["code"]}), &feature["geometry"])
    });
    fs::write(package.join("areas.geojson"), collection(outlines))?;
    let waters: Value = serde_json::from_str(&read("rivers.geojson")?)?;
    fs::write(package.join("rivers.geojson"), collection(rivers(&waters)))?;
    fs::write(package.join("lakes.geojson"), collection(lakes(&waters)))?;
    let border: Value = serde_json::from_str(&read("borders.geojson")?)?;
    let border = features(&border).map(|feature| {
        collection_line(
            &json!({"rank": 1}),
            &line("LineString", &simplified(&feature["geometry"]["coordinates"])),
        )
    });
    fs::write(package.join("border.geojson"), collection(border))?;
    let places: Value = serde_json::from_str(&read("places.geojson")?)?;
    fs::write(
        package.join("places.geojson"),
        collection(features(&places).map(|place| settlement(place, &sumu))),
    )?;
    fs::write(package.join("elevation.asc"), read("elevation-5min.asc")?)?;
    Ok(())
}

/// `areas.csv`, and the names and codes of sumu to find settlements by.
fn areas(divisions: &str) -> Result<(String, Vec<Named>), Box<dyn Error>> {
    let english = |code: &str| {
        ENGLISH
            .lines()
            .find_map(|line| line.split_once(',').filter(|(known, _)| *known == code))
            .map(|(_, name)| name)
    };
    let mut table = String::from("code,parent,level,class,name:zh,name:en,name:mn-Cyrl\n");
    table.push_str("1525,,league,open,锡林郭勒盟,Xilingol League,Шилийн гол аймаг\n");
    let mut sumu = Vec::new();
    for row in csv::Reader::from_reader(divisions.as_bytes()).records() {
        let row = row?;
        let (code, level, name, parent) = (&row[0], &row[1], &row[2], &row[3]);
        let name = name.replace("管委会", "");
        let class = if is_urban(&name) { "town" } else { "" };
        let class = if level == "sumu" { class } else { "" };
        let english = english(code).unwrap_or_default();
        writeln!(table, "{code},{parent},{level},{class},{name},{english},")?;
        if level == "sumu" {
            sumu.push((name, code.to_owned()));
        }
    }
    Ok((table, sumu))
}

/// Whether a sumu-level area is part of a town rather than open country.
pub fn is_urban(name: &str) -> bool {
    ["街道", "管理局", "合作区", "经济技术开发区", "经济开发区"].iter().any(|end| name.ends_with(end))
}

fn rivers(waters: &Value) -> impl Iterator<Item = String> {
    let lines = features(waters).filter(|feature| feature["properties"]["lv"] != 0);
    lines.filter_map(|feature| {
        let path = simplified(&feature["geometry"]["coordinates"]);
        // The source marks where rivers cross its own sheets by lines of one repeated point.
        let real = path.first() != path.last() || path.len() > 3;
        let rank = feature["properties"]["lv"].as_u64().unwrap_or(1).saturating_sub(1).max(1);
        real.then(|| collection_line(&json!({"rank": rank}), &line("LineString", &path)))
    })
}

fn lakes(waters: &Value) -> impl Iterator<Item = String> {
    let rings = features(waters).filter(|feature| feature["properties"]["lv"] == 0);
    rings.map(|feature| {
        let mut ring = positions(&feature["geometry"]["coordinates"]);
        // A lake cut by a sheet edge comes as two open halves.
        if ring.first() != ring.last() {
            ring.push(ring[0]);
        }
        collection_line(&json!({}), &json!({"type": "Polygon", "coordinates": [ring]}))
    })
}

fn settlement(place: &Value, sumu: &[Named]) -> String {
    let own = &place["properties"];
    let (zh, en) = (own["zh"].as_str().unwrap_or_default(), own["en"].as_str().unwrap_or_default());
    let official = SPELLINGS.iter().find(|(from, _)| *from == zh).map_or(zh, |&(_, to)| to);
    let inside = own["in"] == true;
    let seat = SEATS.iter().find(|(name, _)| *name == en).map(|&(_, code)| code);
    let area =
        sumu.iter().find(|(name, _)| name == official).map(|(_, code)| code.as_str()).filter(|_| inside);
    let mut properties = json!({"names": {"en": en}, "inside": inside});
    if !zh.is_ascii() {
        properties["names"]["zh"] =
            if seat == Some("152501") { "二连浩特市".into() } else { official.into() };
    }
    if let Some(population) = own["pop"].as_u64().filter(|&population| population > 0) {
        properties["population"] = population.into();
    }
    if let Some(area) = seat.or(area) {
        properties["area"] = area.into();
    }
    collection_line(&properties, &place["geometry"])
}

fn features(collection: &Value) -> impl Iterator<Item = &Value> {
    collection["features"].as_array().into_iter().flatten()
}

fn positions(coordinates: &Value) -> Vec<[f64; 2]> {
    serde_json::from_value(coordinates.clone()).expect("a line of positions")
}

fn simplified(coordinates: &Value) -> Vec<[f64; 2]> {
    let path: LineString = positions(coordinates).into_iter().map(|[lon, lat]| (lon, lat)).collect();
    path.simplify(TOLERANCE).0.iter().map(|at| [at.x, at.y]).collect()
}

fn line(kind: &str, path: &[[f64; 2]]) -> Value {
    json!({"type": kind, "coordinates": path})
}

/// One feature on one line, so that a fault's line is the feature's.
pub fn collection_line(properties: &Value, geometry: &Value) -> String {
    json!({"type": "Feature", "properties": properties, "geometry": geometry}).to_string()
}

/// A collection with one feature to a line.
pub fn collection(features: impl Iterator<Item = String>) -> String {
    let features: Vec<_> = features.collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}
