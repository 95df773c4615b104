//! The ground of a package: outlines, spots inside areas, terrain and paces, in the units of the core's live map.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::AreaCode;
use dispatch_core::seek::live_map::{FixRules, Geography};
use geo_index::cells::Resolution;
use geo_index::geo::{Coord, LineString, MultiPolygon, Polygon};
use geo_index::middle::Middle;
use geo_index::travel::{Pace, Terrain};
use region::Package;
use region::base_map::{Outline, Ring};

use crate::area_path::area_path;

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
        .filter_map(|outline| Some((area_path(&register.area(&outline.code)?.path), polygons(outline))))
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
        middles: middles(package),
        terrain: Terrain {
            resolution: Resolution::try_from(package.manifest.cell_resolution).unwrap_or(Resolution::Seven),
            classes,
            default: 0,
        },
        paces,
        rules: FixRules { jump_m_per_h, ..FixRules::default() },
    }
}

/// A spot inside every area: by its outline; without one by the cells of the beats in it, without beats by its alarm
/// points.
fn middles(package: &Package) -> BTreeMap<AreaCode, Middle> {
    let register = &package.register;
    let outlines = package.base_map.outlines.iter();
    let mut middles: BTreeMap<&str, Middle> = outlines
        .filter_map(|outline| Some((&*outline.code, Middle::of_outline(&polygons(outline))?)))
        .collect();
    let cells = register.beats.iter().flat_map(|beat| {
        let centres = beat.cells.iter().map(region::outline::cell_centre);
        centres.map(|centre| (&*beat.area, centre))
    });
    let points = register.points.iter().map(|point| (&*point.area, point.place));
    add_spots(&mut middles, register, cells);
    add_spots(&mut middles, register, points);
    middles.into_iter().map(|(code, middle)| (code.into(), middle)).collect()
}

/// Adds the areas that have no middle yet and hold one of these spots.
fn add_spots<'a>(
    middles: &mut BTreeMap<&'a str, Middle>,
    register: &'a region::Register,
    spots: impl Iterator<Item = (&'a str, region::Coord)>,
) {
    let mut known: BTreeMap<&str, Vec<region::Coord>> = BTreeMap::new();
    for (area, spot) in spots {
        let path = register.area(area).map_or("", |area| &area.path);
        for code in path.split('/').filter(|code| !middles.contains_key(code)) {
            known.entry(code).or_default().push(spot);
        }
    }
    middles.extend(known.into_iter().filter_map(|(code, spots)| Some((code, Middle::of_spots(&spots)?))));
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
    use super::super::Region;

    #[test]
    fn every_area_has_a_spot_inside_it() {
        for id in region::embedded::ids() {
            let region = Region::find(id).unwrap();
            let register = &region.package().register;
            let geography = region.geography();
            let live_map = dispatch_core::LiveMap::new(geography.clone()).unwrap();
            for area in &register.areas {
                let middle = geography.middles[&area.code.as_str().into()];
                let around = live_map.locate(middle.at);
                let path = super::area_path(&area.path);
                // What has no outline, nor anything above it, lies on the map in that of a neighbour.
                let outlines = &region.package().base_map.outlines;
                let is_drawn = |code: &dispatch_core::kernel::id::AreaCode| {
                    outlines.iter().any(|one| *one.code == *code.as_str())
                };
                let drawn = path.0.iter().rposition(is_drawn).unwrap_or_default();
                let above = dispatch_core::kernel::place::AreaPath(path.0[..=drawn].to_vec());
                assert!(
                    above.is_within(&around) || around.is_within(&above),
                    "{id} {}: {around:?}",
                    area.code
                );
                assert!(middle.reach_dm > 0 || area.parent.is_some(), "{id} {}", area.code);
            }
        }
    }

    #[test]
    fn speeds_are_rounded() {
        assert_eq!(super::cm_s(36_000), 1_000);
        assert_eq!(super::cm_s(50_000), 1_389);
    }
}
