//! A way from one place to another. The region has no roads, so a way is a winding line as long as the mover's detour
//! says: the travel model and the crew then agree on the mean, and no two crews drive the same line.

use dispatch_core::Coord;

use crate::chance::Chance;
use crate::ground::{apart, heading, metres, offset};
use crate::number::{index, size};

/// Longest straight piece, m.
const PIECE_M: f64 = 400.0;
/// Most pieces of a way.
const PIECES_MAX: usize = 400;
/// Bends of different length laid over one another.
const BENDS: usize = 6;
/// No way is longer than this many times the straight line.
const DETOUR_MAX: f64 = 1.8;

/// A way as a line of places with the metres driven at each.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    places: Vec<Coord>,
    driven: Vec<f64>,
}

impl Route {
    /// A winding way, `detour` times as long as the straight line (1 is straight).
    pub fn winding(from: Coord, to: Coord, detour: f64, chance: &mut Chance) -> Self {
        let (east, north) = apart(from, to);
        let straight = east.hypot(north);
        let pieces = index((straight / PIECE_M).ceil().max(1.0), PIECES_MAX + 1).max(1);
        let bends: Vec<(f64, f64)> = (1..=BENDS)
            .map(|bend| (chance.normal() / size(bend).powf(1.3), size(bend) * std::f64::consts::PI))
            .collect();
        // Sideways offset along the way, in straight lengths; nothing at both ends.
        let aside: Vec<f64> = (0..=pieces)
            .map(|at| size(at) / size(pieces))
            .map(|share| bends.iter().map(|(height, turns)| height * (turns * share).sin()).sum())
            .collect();
        let scale = scale_for(&aside, detour.clamp(1.0, DETOUR_MAX));
        let place = |(at, aside): (usize, &f64)| {
            let (along, aside) = (size(at) / size(pieces), aside * scale);
            offset(from, along * east - aside * north, along * north + aside * east)
        };
        let mut places: Vec<Coord> = aside.iter().enumerate().map(place).collect();
        places[0] = from;
        places[pieces] = to;
        let mut driven = vec![0.0];
        for pair in places.windows(2) {
            driven.push(driven[driven.len() - 1] + metres(pair[0], pair[1]));
        }
        Self { places, driven }
    }

    /// Its length, m.
    pub fn length(&self) -> f64 {
        self.driven[self.driven.len() - 1]
    }

    /// The place `driven` metres along the way, and the heading there (degrees from north).
    pub fn at(&self, driven: f64) -> (Coord, f64) {
        let last = self.places.len() - 1;
        let piece = self.driven.partition_point(|&metres| metres <= driven).clamp(1, last) - 1;
        let (from, to) = (self.places[piece], self.places[piece + 1]);
        let (east, north) = apart(from, to);
        if driven >= self.length() {
            return (to, heading(east, north));
        }
        let length = self.driven[piece + 1] - self.driven[piece];
        let share = if length > 0.0 { ((driven - self.driven[piece]) / length).clamp(0.0, 1.0) } else { 1.0 };
        (offset(from, east * share, north * share), heading(east, north))
    }
}

/// How much the offsets must be stretched for the line to be `detour` times as long, by bisection.
fn scale_for(aside: &[f64], detour: f64) -> f64 {
    let step = 1.0 / size(aside.len() - 1);
    let length =
        |scale: f64| -> f64 { aside.windows(2).map(|pair| step.hypot((pair[1] - pair[0]) * scale)).sum() };
    let (mut low, mut high) = (0.0, 1.0);
    while length(high) < detour && high < 64.0 {
        high *= 2.0;
    }
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        if length(middle) < detour { low = middle } else { high = middle }
    }
    if length(low) > detour * 1.01 { 0.0 } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> (Coord, Coord) {
        (Coord::from_degrees(116.0, 44.0).unwrap(), Coord::from_degrees(116.3, 44.2).unwrap())
    }

    #[test]
    fn a_way_is_as_long_as_the_detour_says() {
        let (from, to) = ends();
        for (seed, detour) in [(1, 1.0), (2, 1.2), (3, 1.4), (4, 1.6)] {
            let way = Route::winding(from, to, detour, &mut Chance::new(seed, 0));
            let ratio = way.length() / metres(from, to);
            assert!((ratio - detour).abs() < 0.02, "{ratio} for {detour}");
            assert_eq!(way.at(0.0).0, from);
            assert_eq!(way.at(way.length()).0, to);
        }
    }

    #[test]
    fn a_way_has_no_jump() {
        let (from, to) = ends();
        let way = Route::winding(from, to, 1.3, &mut Chance::new(9, 0));
        let (mut driven, mut before) = (0.0, from);
        while driven < way.length() {
            driven += 10.0;
            let (here, _) = way.at(driven);
            assert!(metres(before, here) < 10.5, "{}", metres(before, here));
            before = here;
        }
    }

    #[test]
    fn a_way_to_the_same_place_is_no_way() {
        let (from, _) = ends();
        let way = Route::winding(from, from, 1.4, &mut Chance::new(9, 0));
        assert!(way.length() < 1.0);
        assert_eq!(way.at(5.0).0, from);
    }
}
