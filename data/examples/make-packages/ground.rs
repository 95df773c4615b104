//! What the generator knows of a region before it begins: the files of the package that are not generated.

use std::{collections::BTreeMap, error::Error, fs, path::Path};

use geo::{MultiPolygon, Polygon};
use serde_json::Value;

use crate::lattice::Spot;

/// An area as `areas.csv` has it.
#[derive(Clone, Debug)]
pub struct Area {
    pub code: String,
    pub parent: String,
    pub level: String,
    /// Name in the default language.
    pub name: String,
    /// English name, or the default one.
    pub english: String,
}

/// The geography of a package.
pub struct Ground {
    pub areas: Vec<Area>,
    pub outlines: BTreeMap<String, MultiPolygon>,
    /// Settlements inside the region with the area they are the seat of, if any.
    pub towns: Vec<(Spot, Option<String>)>,
    /// Lake shores.
    pub shores: Vec<Spot>,
    heights: Heights,
}

struct Heights {
    south_west: Spot,
    step: f64,
    /// Rows from north to south.
    rows: Vec<Vec<i32>>,
}

impl Ground {
    pub fn read(package: &Path) -> Result<Self, Box<dyn Error>> {
        let read =
            |name: &str| fs::read_to_string(package.join(name)).map_err(|error| format!("{name}: {error}"));
        let features = |name: &str| -> Result<Vec<Value>, Box<dyn Error>> {
            let collection: Value = serde_json::from_str(&read(name)?)?;
            Ok(collection["features"].as_array().cloned().unwrap_or_default())
        };
        let mut areas = Vec::new();
        for row in csv::Reader::from_reader(read("areas.csv")?.as_bytes()).records() {
            let row = row?;
            let text = |at: usize| row[at].to_owned();
            let english = if row[5].is_empty() { text(4) } else { text(5) };
            let (code, parent, level) = (text(0), text(1), text(2));
            areas.push(Area { code, parent, level, name: text(4), english });
        }
        let mut outlines = BTreeMap::new();
        for feature in features("areas.geojson")? {
            let rings: Vec<Vec<(f64, f64)>> =
                serde_json::from_value(feature["geometry"]["coordinates"].clone())?;
            let mut rings = rings.into_iter().map(Into::into);
            let outer = rings.next().ok_or("an outline without a ring")?;
            let code = feature["properties"]["code"].as_str().ok_or("an outline without a code")?;
            outlines.insert(code.to_owned(), MultiPolygon::new(vec![Polygon::new(outer, rings.collect())]));
        }
        let mut towns = Vec::new();
        for place in features("places.geojson")? {
            if place["properties"]["inside"] == true {
                let [lon, lat]: [f64; 2] = serde_json::from_value(place["geometry"]["coordinates"].clone())?;
                towns.push((Spot { lon, lat }, place["properties"]["area"].as_str().map(str::to_owned)));
            }
        }
        let mut shores = Vec::new();
        for lake in features("lakes.geojson")? {
            let rings: Vec<Vec<[f64; 2]>> = serde_json::from_value(lake["geometry"]["coordinates"].clone())?;
            shores.extend(rings.into_iter().flatten().map(|[lon, lat]| Spot { lon, lat }));
        }
        Ok(Self { areas, outlines, towns, shores, heights: Heights::parse(&read("elevation.asc")?)? })
    }

    /// The areas of a level in order of code.
    pub fn of_level<'a>(&'a self, level: &'a str) -> impl Iterator<Item = &'a Area> + 'a {
        self.areas.iter().filter(move |area| area.level == level)
    }

    /// The areas right below another, in order of code.
    pub fn below<'a>(&'a self, parent: &'a str) -> Vec<&'a Area> {
        self.areas.iter().filter(|area| area.parent == parent).collect()
    }

    /// The seat of an area, where a settlement names one.
    pub fn seat(&self, code: &str) -> Option<Spot> {
        self.towns.iter().find(|(_, area)| area.as_deref() == Some(code)).map(|&(spot, _)| spot)
    }

    /// Metres between the highest and the lowest of the samples around a spot.
    pub fn relief_m(&self, at: Spot) -> i32 {
        self.heights.relief_m(at)
    }
}

impl Heights {
    fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let number = |line: usize| -> Result<f64, Box<dyn Error>> {
            let line = text.lines().nth(line).ok_or("a short header")?;
            Ok(line.split_whitespace().nth(1).ok_or("a header line without value")?.parse()?)
        };
        let rows = text.lines().skip(6).map(|row| row.split_whitespace().map(str::parse).collect());
        let rows = rows.collect::<Result<_, _>>()?;
        Ok(Self { south_west: Spot { lon: number(2)?, lat: number(3)? }, step: number(4)?, rows })
    }

    fn relief_m(&self, at: Spot) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "a grid of some thousand samples")]
        let index = |degrees: f64| (degrees / self.step).round() as i64;
        let last = i64::try_from(self.rows.len()).expect("a small grid") - 1;
        let (column, row) = (index(at.lon - self.south_west.lon), last - index(at.lat - self.south_west.lat));
        let sample = |row: i64, column: i64| -> Option<i32> {
            self.rows.get(usize::try_from(row).ok()?)?.get(usize::try_from(column).ok()?).copied()
        };
        let around = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (row + down, column + right)));
        let heights: Vec<i32> = around.filter_map(|(row, column)| sample(row, column)).collect();
        heights.iter().max().zip(heights.iter().min()).map_or(0, |(high, low)| high - low)
    }
}
