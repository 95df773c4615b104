//! Alarm points of the league: a sample of the phones of its information squares.

use std::collections::BTreeMap;

use crate::{command::row, draw::Draw, fleet::WITHIN_CELL, ground::Ground, lattice::Spot, steppe::Steppe};

/// Points of the league.
pub const POINTS: usize = 6_000;
/// Information squares to a gacha.
const SQUARES: usize = 8;
/// Points beside a point that its keeper's neighbours keep.
const NEIGHBOURS: usize = 2;

struct Point {
    banner: String,
    gacha: String,
    square: usize,
    at: Spot,
}

/// `points.csv`.
pub fn points(ground: &Ground, steppe: &Steppe, draw: &mut Draw) -> String {
    let gacha: Vec<_> = ground.of_level("gacha").collect();
    let mut points = Vec::new();
    for (nth, area) in gacha.iter().enumerate() {
        // The points that do not divide evenly go to every so many gacha.
        let count = POINTS * (nth + 1) / gacha.len() - POINTS * nth / gacha.len();
        let beats = &steppe.gacha_beats[&area.code];
        for place in 0..count {
            let cells = &steppe.beats[beats[place % beats.len()]].cells;
            let cell = Spot::of(cells[draw.below(cells.len())]);
            let at = Spot {
                lon: cell.lon + draw.around(WITHIN_CELL.0),
                lat: cell.lat + draw.around(WITHIN_CELL.1),
            };
            let banner = area.parent[..6].to_owned();
            points.push(Point { banner, gacha: area.code.clone(), square: place % SQUARES + 1, at });
        }
    }
    table(ground, &points, draw)
}

fn table(ground: &Ground, points: &[Point], draw: &mut Draw) -> String {
    let names: BTreeMap<&str, &str> =
        ground.areas.iter().map(|area| (area.code.as_str(), area.name.as_str())).collect();
    let mut banners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (nth, point) in points.iter().enumerate() {
        banners.entry(&point.banner).or_default().push(nth);
    }
    let mut table = String::from(
        "code,number,lon,lat,area,kind,square,keeper_post,keeper_serial,keeper_organisation,neighbours\n",
    );
    for (nth, point) in points.iter().enumerate() {
        let kind = match draw.below(100) {
            0..88 => "phone",
            88..97 => "button",
            97..99 => "sensor",
            _ => "camera",
        };
        let sumu = &point.gacha[..9];
        let community = ["居委会", "社区"].iter().any(|end| names[point.gacha.as_str()].ends_with(end));
        let post = if community { "community-keeper" } else { "gacha-keeper" };
        let neighbours: Vec<String> = beside(points, &banners[point.banner.as_str()], nth)
            .into_iter()
            .map(|at| format!("P{:04}", at + 1))
            .collect();
        row(
            &mut table,
            format_args!(
                "P{:04},0479{:07},{:.5},{:.5},{},{kind},{},{post},{},{sumu}-joint,{}",
                nth + 1,
                8_000_000 + nth,
                point.at.lon,
                point.at.lat,
                point.gacha,
                point.square,
                point.square,
                neighbours.join(";"),
            ),
        );
    }
    table
}

/// The nearest points of the same banner.
fn beside(points: &[Point], banner: &[usize], nth: usize) -> Vec<usize> {
    let mut others: Vec<(f64, usize)> =
        banner.iter().filter(|&&at| at != nth).map(|&at| (points[at].at.km(points[nth].at), at)).collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    others.into_iter().take(NEIGHBOURS).map(|(_, at)| at).collect()
}
