//! The generated parts of the package `xilingol`.

use std::{collections::BTreeMap, error::Error, path::Path};

use h3o::CellIndex;
use region::cells::CellSet;

use crate::{
    alarm_points, command,
    draw::Draw,
    fleet,
    ground::Ground,
    lattice::{Spot, nearest},
    steppe::Steppe,
};

/// The seed of the samples.
const SEED: u64 = 1525;
/// As in `region.toml`.
const RESOLUTION: u8 = 7;
/// Cells whose surroundings rise by more are hills.
const HILL_M: i32 = 220;
/// A settlement covers this, a lake shore wets this, in km.
const TOWN_KM: f64 = 3.5;
const SHORE_KM: f64 = 2.5;
/// The Otindag sands, schematically: an ellipse (centre, half axes in degrees).
const SANDS: (Spot, f64, f64) = (Spot { lon: 114.9, lat: 42.95 }, 1.9, 0.35);
/// Groups of cells to a row of `terrain.csv`.
const GROUPS_PER_ROW: usize = 20;

/// The generated files by name, from the files of the package that are not generated.
pub fn generate(package: &Path) -> Result<BTreeMap<&'static str, String>, Box<dyn Error>> {
    let ground = Ground::read(package)?;
    let steppe = Steppe::cut(&ground, RESOLUTION);
    let mut draw = Draw::new(SEED);
    Ok(BTreeMap::from([
        ("beats.csv", beats(&steppe)?),
        ("terrain.csv", terrain(&ground, &steppe)?),
        ("organisations.csv", command::organisations(&ground)),
        ("desks.csv", command::desks(&ground)),
        ("seats.csv", command::seats(&ground)),
        ("agencies.csv", command::agencies()),
        ("units.csv", fleet::units(&steppe, &mut draw)),
        ("points.csv", alarm_points::points(&ground, &steppe, &mut draw)),
    ]))
}

fn beats(steppe: &Steppe) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("code,area,cells\n");
    for beat in &steppe.beats {
        let cells = CellSet::new(beat.cells.iter().copied())?;
        command::row(&mut table, format_args!("{},{},{cells}", beat.code, beat.gacha));
    }
    Ok(table)
}

fn terrain(ground: &Ground, steppe: &Steppe) -> Result<String, Box<dyn Error>> {
    let mut classes: BTreeMap<&str, Vec<CellIndex>> = BTreeMap::new();
    for &cell in steppe.beats.iter().flat_map(|beat| &beat.cells) {
        if let Some(class) = class(ground, steppe, Spot::of(cell)) {
            classes.entry(class).or_default().push(cell);
        }
    }
    let mut table = String::from("class,cells\n");
    for (class, cells) in classes {
        let written = CellSet::new(cells)?.to_string();
        let groups: Vec<&str> = written.split(' ').collect();
        for groups in groups.chunks(GROUPS_PER_ROW) {
            command::row(&mut table, format_args!("{class},{}", groups.join(" ")));
        }
    }
    Ok(table)
}

/// The terrain of a place; `None` is steppe.
fn class(ground: &Ground, steppe: &Steppe, at: Spot) -> Option<&'static str> {
    let towns = ground.towns.iter().map(|&(spot, _)| spot).chain(steppe.seats.values().copied());
    let near =
        |spots: &mut dyn Iterator<Item = Spot>, km: f64| nearest(at, spots).is_some_and(|(_, far)| far <= km);
    let (centre, wide, high) = SANDS;
    if near(&mut { towns }, TOWN_KM) {
        Some("town")
    } else if near(&mut ground.shores.iter().copied(), SHORE_KM) {
        Some("wetland")
    } else if ((at.lon - centre.lon) / wide).powi(2) + ((at.lat - centre.lat) / high).powi(2) <= 1.0 {
        Some("sand")
    } else {
        (ground.relief_m(at) > HILL_M).then_some("hill")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generating_again_gives_the_committed_bytes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (id, files) in
            [("xilingol", generate(&root.join("xilingol"))), ("valparaiso", crate::city::generate())]
        {
            for (name, text) in files.expect("the package can be generated") {
                let committed = std::fs::read_to_string(root.join(id).join(name)).expect("it is committed");
                assert!(committed == text, "{id}/{name} differs from what the generator makes");
            }
        }
    }
}
