//! Cells on a flat sheet: distance in km, splitting into parts, keeping parts connected.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Contains as _, MultiPolygon, Point};
use h3o::{
    CellIndex, LatLng, Resolution,
    geom::{ContainmentMode, TilerBuilder},
};

/// Kilometres in one degree of latitude.
const KM_PER_DEGREE: f64 = 111.195;

/// A place on the sheet, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub lon: f64,
    pub lat: f64,
}

impl Spot {
    pub fn of(cell: CellIndex) -> Self {
        let centre = LatLng::from(cell);
        Self { lon: centre.lng(), lat: centre.lat() }
    }

    /// Distance in km, flat: good to a percent or two over a banner, which is all a sample needs.
    pub fn km(self, other: Self) -> f64 {
        let narrow = f64::midpoint(self.lat, other.lat).to_radians().cos();
        ((self.lon - other.lon) * narrow * KM_PER_DEGREE).hypot((self.lat - other.lat) * KM_PER_DEGREE)
    }
}

/// The cells whose centre lies in `shape`, ascending.
pub fn cells_within(shape: &MultiPolygon, resolution: u8) -> Vec<CellIndex> {
    let resolution = Resolution::try_from(resolution).expect("a resolution from region.toml");
    let mut tiler = TilerBuilder::new(resolution).containment_mode(ContainmentMode::ContainsCentroid).build();
    tiler.add_batch(shape.0.iter().cloned()).expect("a valid outline");
    let mut cells: Vec<_> = tiler
        .into_coverage()
        .filter(|&cell| {
            let Spot { lon, lat } = Spot::of(cell);
            shape.contains(&Point::new(lon, lat))
        })
        .collect();
    cells.sort_unstable();
    cells.dedup();
    cells
}

/// Splits `cells` into `parts` of about equal weight, by halves across the longer side. Every part has from one to
/// `cells_max` cells.
pub fn split(
    mut cells: Vec<CellIndex>,
    parts: usize,
    cells_max: usize,
    weight: &impl Fn(CellIndex) -> f64,
) -> Vec<Vec<CellIndex>> {
    assert!((parts..=parts * cells_max).contains(&cells.len()), "{parts} parts of {} cells", cells.len());
    if parts == 1 {
        cells.sort_unstable();
        return vec![cells];
    }
    let spots: BTreeMap<CellIndex, Spot> = cells.iter().map(|&cell| (cell, Spot::of(cell))).collect();
    let extent = |of: fn(&Spot) -> f64| {
        let values = spots.values().map(of);
        values.clone().fold(f64::MIN, f64::max) - values.fold(f64::MAX, f64::min)
    };
    let narrow = spots[&cells[0]].lat.to_radians().cos();
    let across = extent(|spot| spot.lon) * narrow > extent(|spot| spot.lat);
    let key = |cell: &CellIndex| if across { spots[cell].lon } else { spots[cell].lat };
    cells.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
    let first_parts = parts / 2;
    let total: f64 = cells.iter().map(|&cell| weight(cell)).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand parts")]
    let wanted = total * first_parts as f64 / parts as f64;
    let mut sum = 0.0;
    let cut = cells.iter().take_while(|&&cell| {
        sum += weight(cell);
        sum <= wanted
    });
    let rest_parts = parts - first_parts;
    let least = first_parts.max(cells.len().saturating_sub(rest_parts * cells_max));
    let most = (cells.len() - rest_parts).min(first_parts * cells_max);
    let cut = cut.count().clamp(least, most);
    let rest = cells.split_off(cut);
    let mut split_parts = split(cells, first_parts, cells_max, weight);
    split_parts.extend(split(rest, rest_parts, cells_max, weight));
    split_parts
}

/// Gives every fragment that hangs apart from its part to a neighbouring part of the same group, while that has room.
pub fn reconnect(parts: &mut [Vec<CellIndex>], group: &[usize], cells_max: usize) {
    let mut owner: BTreeMap<CellIndex, usize> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        owner.extend(part.iter().map(|&cell| (cell, at)));
    }
    for _ in 0..8 {
        let mut moved = false;
        for at in 0..parts.len() {
            for fragment in components(&parts[at]).into_iter().skip(1) {
                let neighbours: BTreeSet<usize> = fragment
                    .iter()
                    .flat_map(|cell| cell.grid_disk::<Vec<_>>(1))
                    .filter_map(|cell| owner.get(&cell).copied())
                    .filter(|&other| {
                        other != at
                            && group[other] == group[at]
                            && parts[other].len() + fragment.len() <= cells_max
                    })
                    .collect();
                let Some(&to) = neighbours.iter().min_by_key(|&&other| (parts[other].len(), other)) else {
                    continue;
                };
                parts[at].retain(|cell| !fragment.contains(cell));
                owner.extend(fragment.iter().map(|&cell| (cell, to)));
                parts[to].extend(fragment);
                parts[to].sort_unstable();
                moved = true;
            }
        }
        if !moved {
            return;
        }
    }
}

/// Connected components, the largest first.
pub fn components(cells: &[CellIndex]) -> Vec<BTreeSet<CellIndex>> {
    let mut left: BTreeSet<CellIndex> = cells.iter().copied().collect();
    let mut found = Vec::new();
    while let Some(start) = left.pop_first() {
        let mut component = BTreeSet::from([start]);
        let mut edge = vec![start];
        while let Some(cell) = edge.pop() {
            for next in cell.grid_disk::<Vec<_>>(1) {
                if left.remove(&next) {
                    component.insert(next);
                    edge.push(next);
                }
            }
        }
        found.push(component);
    }
    found.sort_by_key(|component| std::cmp::Reverse(component.len()));
    found
}

/// The spot of `spots` nearest to `at`; the first of equals.
pub fn nearest(at: Spot, spots: impl Iterator<Item = Spot>) -> Option<(usize, f64)> {
    let far = spots.map(|spot| spot.km(at)).enumerate();
    far.fold(None, |best: Option<(usize, f64)>, (index, km)| match best {
        Some((_, least)) if least <= km => best,
        _ => Some((index, km)),
    })
}
