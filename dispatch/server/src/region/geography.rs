//! The ground of a package: outlines, terrain and paces, in the units of the core's field.

use std::collections::BTreeMap;

use dispatch_core::field::{FixRules, Geography};
use geo_index::cells::Resolution;
use geo_index::geo::{Coord, LineString, MultiPolygon, Polygon};
use geo_index::travel::{Pace, Terrain};
use region::Package;
use region::base_map::{Outline, Ring};

use super::adoption::path;

/// Of a package.
pub(super) fn of(package: &Package) -> Geography {
    let register = &package.register;
    let class_index = |code: &str| register.terrain_classes.iter().position(|class| class.code == code);
    let mut classes = BTreeMap::new();
    for cells in &register.terrain {
        let index = class_index(&cells.class).and_then(|index| u8::try_from(index).ok()).unwrap_or(0);
        classes.extend(cells.cells.indexes().map(|cell| (cell, index)));
    }
    let outlines = &package.base_map.outlines;
    let areas = outlines
        .iter()
        .filter_map(|outline| Some((path(&register.area(&outline.code)?.path), polygons(outline))))
        .collect();
    let paces = register
        .movers
        .iter()
        .map(|mover| {
            let pace = |code: &str| Pace {
                speed_cm_s: cm_s(mover.speeds_m_per_h.get(code).copied().unwrap_or(0)),
                detour_per_mille: mover.detour_percent * 10,
            };
            register.terrain_classes.iter().map(|class| pace(&class.code)).collect()
        })
        .collect();
    let jump_m_per_h = register.thresholds.fix_speed_max_m_per_h;
    Geography {
        region: package.hash.to_string(),
        areas,
        terrain: Terrain {
            resolution: Resolution::try_from(package.manifest.cell_resolution).unwrap_or(Resolution::Seven),
            classes,
            default: 0,
        },
        paces,
        rules: FixRules { jump_m_per_h, ..FixRules::default() },
    }
}

/// Centimetres per second of metres per hour, rounded to the nearest.
pub(super) fn cm_s(m_per_h: u32) -> u32 {
    u32::try_from((u64::from(m_per_h) * 100 + 1_800) / 3_600).unwrap_or(u32::MAX)
}

fn polygons(outline: &Outline) -> MultiPolygon<f64> {
    let polygon = |rings: &Vec<Ring>| {
        let mut rings = rings.iter().map(ring);
        Polygon::new(rings.next().unwrap_or_else(|| LineString::new(Vec::new())), rings.collect())
    };
    MultiPolygon::new(outline.polygons.iter().map(polygon).collect())
}

fn ring(ring: &Ring) -> LineString<f64> {
    ring.iter().map(|at| Coord { x: at.lon_deg(), y: at.lat_deg() }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn speeds_are_rounded() {
        assert_eq!(super::cm_s(36_000), 1_000);
        assert_eq!(super::cm_s(50_000), 1_389);
    }
}
