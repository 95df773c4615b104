//! The base map as `GeoJSON` text, ready to be served.
//!
//! Degrees are written with five decimals (about a metre). Leaves out: styles, zoom levels and tiles.

use serde_json::{Value, json};

use crate::base_map::{Line, Ring};
use crate::outline::dissolve;
use crate::{Coord, Names, Package};

/// A layer of the base map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Outlines of areas: `code`, `level`, `names`.
    Areas,
    /// Rivers: `rank`, `names`.
    Rivers,
    /// Lakes, with the property `names`.
    Lakes,
    /// Border of the country: `rank`, `names`.
    Border,
    /// Settlements: `names`, `population`, `inside`, `area` where it is the seat of one.
    Places,
    /// Dissolved outlines of beats: `code`, `area`, `centre`, `generated`. The costly one: keep the text.
    Beats,
}

impl Layer {
    /// Every layer, in the order they are drawn.
    pub const ALL: [Self; 6] =
        [Self::Areas, Self::Beats, Self::Lakes, Self::Rivers, Self::Border, Self::Places];

    /// The word for the layer, as in a file name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Areas => "areas",
            Self::Rivers => "rivers",
            Self::Lakes => "lakes",
            Self::Border => "border",
            Self::Places => "places",
            Self::Beats => "beats",
        }
    }
}

impl Package {
    /// One layer as a `GeoJSON` feature collection.
    pub fn layer(&self, layer: Layer) -> String {
        let map = &self.base_map;
        let features: Vec<Value> = match layer {
            Layer::Areas => map
                .outlines
                .iter()
                .map(|outline| self.area_feature(&outline.code, &outline.polygons))
                .collect(),
            Layer::Rivers => map.rivers.iter().map(line_feature).collect(),
            Layer::Border => map.border.iter().map(line_feature).collect(),
            Layer::Lakes => map
                .lakes
                .iter()
                .map(|lake| feature(&json!({"names": lake.names}), "Polygon", &polygon(&lake.rings)))
                .collect(),
            Layer::Places => map
                .settlements
                .iter()
                .map(|place| {
                    let mut properties =
                        json!({"names": place.names, "population": place.population, "inside": place.inside});
                    if let Some(area) = &place.area {
                        properties["area"] = json!(area);
                    }
                    feature(&properties, "Point", &position(place.place))
                })
                .collect(),
            Layer::Beats => self
                .register
                .beats
                .iter()
                .map(|beat| {
                    let properties = json!({
                        "code": beat.code,
                        "area": beat.area,
                        "centre": position(beat.centre),
                        "generated": beat.generated,
                    });
                    let polygons: Vec<Value> =
                        dissolve(&beat.cells).iter().map(|rings| polygon(rings)).collect();
                    feature(&properties, "MultiPolygon", &json!(polygons))
                })
                .collect(),
        };
        json!({"type": "FeatureCollection", "features": features}).to_string()
    }

    fn area_feature(&self, code: &str, polygons: &[Vec<Ring>]) -> Value {
        let area = self.register.area(code);
        let (level, names) =
            area.map_or(("", Names::default()), |area| (area.level.as_str(), area.names.clone()));
        let polygons: Vec<Value> = polygons.iter().map(|rings| polygon(rings)).collect();
        feature(&json!({"code": code, "level": level, "names": names}), "MultiPolygon", &json!(polygons))
    }
}

fn line_feature(line: &Line) -> Value {
    let path: Vec<Value> = line.path.iter().map(|&at| position(at)).collect();
    feature(&json!({"rank": line.rank, "names": line.names}), "LineString", &json!(path))
}

fn feature(properties: &Value, kind: &str, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}})
}

fn polygon(rings: &[Ring]) -> Value {
    rings.iter().map(|ring| ring.iter().map(|&at| position(at)).collect::<Value>()).collect()
}

fn position(at: Coord) -> Value {
    json!([at.lon_deg(), at.lat_deg()].map(|degrees| (degrees * 1e5).round() / 1e5))
}
