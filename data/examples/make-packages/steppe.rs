//! Cuts the league into sumu and beats, and gives every gacha a place.
//!
//! No public source draws sumu, so each banner's cells go to the nearest sumu centre: a settlement where one bears its
//! name, else a middle of what is left. Beats are cut inside a sumu, smaller near towns.

use std::collections::BTreeMap;

use h3o::CellIndex;

use crate::{
    ground::{Area, Ground},
    lattice::{Spot, cells_within, nearest, reconnect, split},
    sources::is_urban,
};

/// Beats of the league.
pub const BEATS: usize = 2_000;
/// Cells of one beat at most.
const BEAT_CELLS_MAX: usize = 60;
/// Cells of a beat in a town.
const TOWN_CELLS: f64 = 5.0;
/// From a town to where it thins out, and to open country, in km.
const TOWN_KM: f64 = 8.0;
const OPEN_KM: f64 = 60.0;
/// Distance from a seat within which its subdistricts share the cells, and on which their centres stand.
const URBAN_KM: f64 = 9.0;
const RING_KM: f64 = 5.0;
/// The management area without an outline: its banner, size in cells and about where its seat is.
const WITHIN: (&str, &str, usize, Spot) = ("152571", "152525", 1254, Spot { lon: 119.1, lat: 45.95 });
/// Seats that the settlements do not name, approximately.
const SEATS: [(&str, Spot); 1] = [("152527", Spot { lon: 115.28, lat: 41.89 })];

/// A generated beat.
pub struct Beat {
    pub code: String,
    pub banner: String,
    pub sumu: String,
    pub gacha: String,
    pub cells: Vec<CellIndex>,
}

/// The league cut up.
pub struct Steppe {
    pub beats: Vec<Beat>,
    /// Beats of each gacha, by index; at least one.
    pub gacha_beats: BTreeMap<String, Vec<usize>>,
    /// Seat of each banner.
    pub seats: BTreeMap<String, Spot>,
}

impl Steppe {
    pub fn cut(ground: &Ground, resolution: u8) -> Self {
        let banners = banner_cells(ground, resolution);
        let seats: BTreeMap<String, Spot> =
            banners.keys().map(|code| (code.clone(), seat(ground, code))).collect();
        let mut sumu: Vec<(&Area, Vec<CellIndex>)> = Vec::new();
        for (banner, cells) in &banners {
            sumu.extend(sumu_cells(ground, banner, cells, seats[banner]));
        }
        let towns: Vec<Spot> =
            seats.values().copied().chain(ground.towns.iter().map(|&(spot, _)| spot)).collect();
        let (counts, far) = beat_counts(&sumu, &towns);
        let mut parts = Vec::new();
        let mut owners = Vec::new();
        for (at, (count, (_, cells))) in counts.iter().zip(&sumu).enumerate() {
            let cut = split(cells.clone(), *count, BEAT_CELLS_MAX, &|cell| weight(cell, &towns, far));
            owners.extend(cut.iter().map(|_| at));
            parts.extend(cut);
        }
        let codes: Vec<&String> = banners.keys().collect();
        let group =
            |&at: &usize| codes.iter().position(|code| **code == sumu[at].0.parent).expect("a banner");
        let groups: Vec<usize> = owners.iter().map(group).collect();
        reconnect(&mut parts, &groups, BEAT_CELLS_MAX);
        let (beats, gacha_beats) = name_beats(ground, &sumu, &owners, parts);
        Self { beats, gacha_beats, seats }
    }
}

/// Every cell of the league under one banner: the first whose outline holds its centre.
fn banner_cells(ground: &Ground, resolution: u8) -> BTreeMap<String, Vec<CellIndex>> {
    let mut taken = std::collections::BTreeSet::new();
    let mut banners = BTreeMap::new();
    for (code, shape) in &ground.outlines {
        let mut cells = cells_within(shape, resolution);
        cells.retain(|&cell| taken.insert(cell));
        banners.insert(code.clone(), cells);
    }
    let (code, from, size, seat) = WITHIN;
    let around = banners.get_mut(from).expect("the banner it lies in");
    around.sort_by(|&a, &b| seat.km(Spot::of(a)).total_cmp(&seat.km(Spot::of(b))).then(a.cmp(&b)));
    let rest = around.split_off(size);
    let mut inner = std::mem::replace(around, rest);
    around.sort_unstable();
    inner.sort_unstable();
    banners.insert(code.to_owned(), inner);
    banners
}

fn seat(ground: &Ground, banner: &str) -> Spot {
    let first_town = format!("{banner}100");
    let known = ground.seat(banner).or_else(|| ground.seat(&first_town));
    let about = || SEATS.iter().find(|(code, _)| *code == banner).map(|&(_, spot)| spot);
    let within = || (banner == WITHIN.0).then_some(WITHIN.3);
    let duolun = || ground.below(banner).iter().find_map(|sumu| ground.seat(&sumu.code));
    known.or_else(about).or_else(within).or_else(duolun).expect("every banner has a seat")
}

/// The cells of each sumu of a banner.
fn sumu_cells<'g>(
    ground: &'g Ground,
    banner: &'g str,
    cells: &[CellIndex],
    seat: Spot,
) -> Vec<(&'g Area, Vec<CellIndex>)> {
    let all = ground.below(banner);
    let (urban, rural): (Vec<&Area>, Vec<&Area>) = all.iter().partition(|sumu| is_urban(&sumu.name));
    let rural_centres = rural_centres(ground, &rural, cells, seat);
    let urban_centres = ring(seat, urban.len());
    let mut shares: Vec<Vec<CellIndex>> = vec![Vec::new(); rural.len() + urban.len()];
    for &cell in cells {
        let spot = Spot::of(cell);
        let (country, country_km) =
            nearest(spot, rural_centres.iter().copied()).expect("a sumu in every banner");
        let town = nearest(spot, urban_centres.iter().copied()).filter(|_| seat.km(spot) <= URBAN_KM);
        match town.filter(|&(_, km)| km <= country_km || rural.is_empty()) {
            Some((at, _)) => shares[rural.len() + at].push(cell),
            None => shares[country].push(cell),
        }
    }
    rural
        .into_iter()
        .chain(urban)
        .zip(shares)
        .inspect(|(sumu, share)| assert!(!share.is_empty(), "{sumu:?}"))
        .collect()
}

/// Centres of town parts, evenly on a ring about the seat.
fn ring(seat: Spot, count: usize) -> Vec<Spot> {
    #[expect(clippy::cast_precision_loss, reason = "a dozen subdistricts")]
    let angle = |at: usize| at as f64 / count as f64 * std::f64::consts::TAU;
    let degrees = RING_KM / 111.195;
    let narrow = seat.lat.to_radians().cos();
    let on_ring = |at| Spot {
        lon: seat.lon + angle(at).cos() * degrees / narrow,
        lat: seat.lat + angle(at).sin() * degrees,
    };
    (0..count).map(on_ring).collect()
}

/// Known centres stay; each other begins in the cell furthest from all centres and then moves to the middle of its own.
fn rural_centres(ground: &Ground, rural: &[&Area], cells: &[CellIndex], seat: Spot) -> Vec<Spot> {
    let spots: Vec<Spot> = cells.iter().map(|&cell| Spot::of(cell)).collect();
    // The first town of a banner is its seat, unless the settlements name another.
    let named = rural
        .iter()
        .any(|sumu| [&sumu.code, &sumu.parent].iter().any(|code| ground.seat(code) == Some(seat)));
    let first = |sumu: &Area| (!named && sumu.code == rural[0].code).then_some(seat);
    let known = |sumu: &&Area| ground.seat(&sumu.code).or_else(|| first(sumu));
    let fixed: Vec<Option<Spot>> = rural.iter().map(known).collect();
    let mut centres: Vec<Option<Spot>> = fixed.clone();
    for at in 0..centres.len() {
        if centres[at].is_none() {
            let distance =
                |spot: &Spot| nearest(*spot, centres.iter().flatten().copied()).map_or(0.0, |(_, km)| km);
            let far = spots.iter().max_by(|a, b| distance(a).total_cmp(&distance(b)));
            centres[at] = far.copied();
        }
    }
    let mut centres: Vec<Spot> = centres.into_iter().flatten().collect();
    for _ in 0..12 {
        let mut sums = vec![(0.0, 0.0, 0.0); centres.len()];
        for &spot in &spots {
            let (at, _) = nearest(spot, centres.iter().copied()).expect("a centre");
            sums[at] = (sums[at].0 + spot.lon, sums[at].1 + spot.lat, sums[at].2 + 1.0);
        }
        for ((centre, fixed), (lon, lat, count)) in centres.iter_mut().zip(&fixed).zip(sums) {
            if fixed.is_none() && count > 0.0 {
                *centre = Spot { lon: lon / count, lat: lat / count };
            }
        }
    }
    centres
}

/// What a cell counts towards a beat: one over the cells a beat has there.
fn weight(cell: CellIndex, towns: &[Spot], far: f64) -> f64 {
    let km = nearest(Spot::of(cell), towns.iter().copied()).map_or(OPEN_KM, |(_, km)| km);
    let thin = ((km - TOWN_KM) / (OPEN_KM - TOWN_KM)).clamp(0.0, 1.0);
    1.0 / (TOWN_CELLS + (far - TOWN_CELLS) * thin)
}

/// Beats of each sumu, [`BEATS`] in all, and the cells of a beat in open country that this makes.
fn beat_counts(sumu: &[(&Area, Vec<CellIndex>)], towns: &[Spot]) -> (Vec<usize>, f64) {
    let weights = |far: f64| -> Vec<f64> {
        sumu.iter().map(|(_, cells)| cells.iter().map(|&cell| weight(cell, towns, far)).sum()).collect()
    };
    #[expect(clippy::cast_precision_loss, reason = "two thousand beats")]
    let wanted = BEATS as f64;
    let far = (20..55).map(f64::from).find(|&far| weights(far).iter().sum::<f64>() <= wanted).unwrap_or(55.0);
    let weights = weights(far);
    let scale = wanted / weights.iter().sum::<f64>();
    let least = |at: usize| sumu[at].1.len().div_ceil(BEAT_CELLS_MAX * 3 / 4).max(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of two thousand")]
    let mut counts: Vec<usize> = weights
        .iter()
        .enumerate()
        .map(|(at, weight)| ((weight * scale) as usize).max(least(at)).min(sumu[at].1.len()))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "two thousand beats")]
    let lack = |counts: &[usize], at: usize| weights[at] * scale - counts[at] as f64;
    while counts.iter().sum::<usize>() != BEATS {
        let more = counts.iter().sum::<usize>() < BEATS;
        let order = |&a: &usize, &b: &usize| lack(&counts, a).total_cmp(&lack(&counts, b)).then(b.cmp(&a));
        let open = 0..counts.len();
        if more {
            let at = open.filter(|&at| counts[at] < sumu[at].1.len()).max_by(order).expect("room");
            counts[at] += 1;
        } else {
            let at = open.filter(|&at| counts[at] > least(at)).min_by(order).expect("something to take");
            counts[at] -= 1;
        }
    }
    (counts, far)
}

/// Codes and gacha. Where a sumu has fewer beats than gacha, several gacha lie in one beat, which carries the first.
fn name_beats(
    ground: &Ground,
    sumu: &[(&Area, Vec<CellIndex>)],
    owners: &[usize],
    mut parts: Vec<Vec<CellIndex>>,
) -> (Vec<Beat>, BTreeMap<String, Vec<usize>>) {
    let mut order: Vec<usize> = (0..sumu.len()).collect();
    order.sort_by_key(|&at| &sumu[at].0.code);
    let mut beats = Vec::new();
    let mut gacha_beats: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in order {
        let area = sumu[at].0;
        let gacha = ground.below(&area.code);
        let own: Vec<usize> =
            (0..owners.len()).filter(|&part| owners[part] == at && !parts[part].is_empty()).collect();
        let first = beats.len();
        for (nth, &part) in own.iter().enumerate() {
            let code = format!("{}-{:02}", area.code, nth + 1);
            let (banner, sumu) = (area.parent.clone(), area.code.clone());
            let gacha = gacha[nth * gacha.len() / own.len()].code.clone();
            gacha_beats.entry(gacha.clone()).or_default().push(first + nth);
            beats.push(Beat { code, banner, sumu, gacha, cells: std::mem::take(&mut parts[part]) });
        }
        for (nth, gacha) in gacha.iter().enumerate() {
            let shared = first + nth * own.len() / ground.below(&area.code).len();
            gacha_beats.entry(gacha.code.clone()).or_insert_with(|| vec![shared]);
        }
    }
    (beats, gacha_beats)
}
