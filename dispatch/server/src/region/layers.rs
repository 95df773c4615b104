//! What is drawn under everything else, encoded once when the region is read.

use std::collections::BTreeMap;

use region::{Layer, Package};
use serde_json::json;

/// Name of the heights, which are a grid rather than features.
const ELEVATION: &str = "elevation";

/// Every layer as bytes.
#[derive(Debug)]
pub struct Layers {
    by_name: BTreeMap<&'static str, Vec<u8>>,
}

impl Layers {
    /// Of a package.
    pub fn of(package: &Package) -> Self {
        let mut by_name: BTreeMap<_, _> =
            Layer::ALL.iter().map(|layer| (name(*layer), package.layer(*layer).into_bytes())).collect();
        if let Some(grid) = &package.base_map.elevation {
            let heights = json!({
                "columns": grid.columns,
                "rows": grid.rows,
                "step": grid.step,
                "south_west": {"lon": grid.south_west.lon, "lat": grid.south_west.lat},
                "heights_m": grid.heights_m,
            });
            by_name.insert(ELEVATION, heights.to_string().into_bytes());
        }
        Self { by_name }
    }

    /// A layer's bytes.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.by_name.get(name).map(Vec::as_slice)
    }

    /// The layers this region has, in the order a map draws them.
    pub fn names(&self) -> Vec<String> {
        let all = std::iter::once(ELEVATION).chain(Layer::ALL.iter().map(|layer| name(*layer)));
        all.filter(|name| self.by_name.contains_key(name)).map(str::to_owned).collect()
    }
}

/// The name on the wire: a package says `areas` where a map has their outlines.
fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Areas => "outlines",
        other => other.word(),
    }
}
