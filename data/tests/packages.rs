//! The embedded packages are whole, and are what they say they are.

use std::collections::{BTreeMap, BTreeSet};

use region::{ContentHash, Layer, Package, embedded, forces::Duty};

fn package(id: &str) -> Package {
    let files = embedded(id).expect("an embedded package");
    Package::read(&files).unwrap_or_else(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{id}: {}", lines.join("\n"))
    })
}

/// Code of the banner in an area path.
fn banner(package: &Package, area: &str) -> String {
    let path = &package.register.area(area).expect("a known area").path;
    path.split('/').nth(1).expect("an area below the league").to_owned()
}

#[test]
fn both_packages_are_embedded_and_whole() {
    assert_eq!(region::embedded::ids().collect::<Vec<_>>(), ["valparaiso", "xilingol"]);
    for id in region::embedded::ids() {
        assert_eq!(package(id).manifest.id, id);
    }
}

#[test]
fn the_league_has_its_official_areas() {
    let package = package("xilingol");
    let of_level = |level: &str| package.register.areas.iter().filter(|area| area.level == level).count();
    assert_eq!(["league", "banner", "sumu", "gacha"].map(of_level), [1, 13, 99, 1088]);
    assert_eq!(package.base_map.outlines.len(), 12);
    assert!(package.base_map.outlines.iter().all(|outline| outline.code != "152571"));
    assert_eq!(
        package.register.area("152502200200").expect("a gacha").path,
        "1525/152502/152502200/152502200200"
    );
    assert_eq!(package.register.area_class("152502001"), Some("town"));
    assert_eq!(package.register.area_class("152502200200"), Some("open"));
}

#[test]
fn every_cell_of_the_league_is_in_one_beat_of_one_banner() {
    let package = package("xilingol");
    let mut owner = BTreeMap::new();
    for beat in &package.register.beats {
        assert!((1..=60).contains(&beat.cells.len()), "{}: {} cells", beat.code, beat.cells.len());
        assert!(beat.generated);
        let area = package.register.area(&beat.area).expect("its area");
        let codes: Vec<&str> = area.path.split('/').collect();
        let below = |upper: usize, lower: usize| codes[lower].starts_with(codes[upper]);
        assert_eq!((area.level.as_str(), codes.len()), ("gacha", 4), "{}", beat.code);
        assert!(below(1, 2) && below(2, 3), "{}: sumu and gacha are those of its banner", beat.code);
        for cell in beat.cells.iter() {
            assert_eq!(u8::from(cell.resolution()), package.manifest.cell_resolution);
            assert_eq!(owner.insert(cell, &beat.code), None, "{cell} is in two beats");
        }
    }
    assert_eq!(package.register.beats.len(), 2000);
    // An independent count of cells whose centre lies in an outline: ray casting in exact integers.
    let mut inside = 0;
    let mut candidates: BTreeSet<_> = owner.keys().flat_map(|cell| cell.grid_disk::<Vec<_>>(2)).collect();
    candidates.extend(scattered(&package));
    for cell in candidates {
        let centre = region::outline::cell_centre(cell);
        let holds = |rings: &[Vec<region::Coord>]| {
            rings.iter().filter(|ring| crosses_odd(ring, centre)).count() % 2 == 1
        };
        let mut outlines = package.base_map.outlines.iter();
        let home = outlines.find(|outline| outline.polygons.iter().any(|rings| holds(rings)));
        assert_eq!(home.is_some(), owner.contains_key(&cell), "{cell}");
        inside += usize::from(home.is_some());
        if let Some(home) = home {
            let beat = package.register.beat(owner[&cell]).expect("a beat");
            let banner = banner(&package, &beat.area);
            // The management area has no outline of its own: it lies within East Ujimqin's.
            assert!(banner == home.code || (banner == "152571" && home.code == "152525"), "{cell} {banner}");
        }
    }
    assert_eq!(inside, owner.len());
    assert!((49_900..50_500).contains(&inside), "{inside} cells");
}

/// The cells at the knots of a lattice of 0.05 degrees over the whole region: no hole that is wider stays unseen.
fn scattered(package: &Package) -> impl Iterator<Item = h3o::CellIndex> {
    let outlines = package.base_map.outlines.iter();
    let corners: Vec<region::Coord> =
        outlines.flat_map(|outline| outline.polygons.concat().concat()).collect();
    let span = |of: fn(&region::Coord) -> i32| {
        let all = || corners.iter().map(of);
        all().min().expect("a corner")..=all().max().expect("a corner")
    };
    let (lons, lats) = (span(|at| at.lon), span(|at| at.lat));
    let resolution = h3o::Resolution::try_from(package.manifest.cell_resolution).expect("checked on reading");
    lons.step_by(500_000).flat_map(move |lon| lats.clone().step_by(500_000).map(move |lat| (lon, lat))).map(
        move |(lon, lat)| {
            let at = region::Coord { lon, lat };
            h3o::LatLng::new(at.lat_deg(), at.lon_deg()).expect("on the earth").to_cell(resolution)
        },
    )
}

/// Whether a ray from `at` to the east crosses the ring an odd number of times.
fn crosses_odd(ring: &[region::Coord], at: region::Coord) -> bool {
    let crossings = ring.windows(2).filter(|edge| {
        let (a, b) = if edge[0].lat <= edge[1].lat { (edge[0], edge[1]) } else { (edge[1], edge[0]) };
        let side = |of: region::Coord| (i128::from(of.lon), i128::from(of.lat));
        let ((ax, ay), (bx, by), (x, y)) = (side(a), side(b), side(at));
        ay <= y && y < by && (x - ax) * (by - ay) < (bx - ax) * (y - ay)
    });
    crossings.count() % 2 == 1
}

#[test]
fn beats_are_denser_around_towns_and_nearly_all_connected() {
    let package = package("xilingol");
    let town = package.base_map.settlements.iter().find(|place| place.area.as_deref() == Some("152502"));
    let town = town.expect("the league's seat").place;
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for beat in package.register.beats.iter().filter(|beat| banner(&package, &beat.area) == "152502") {
        let side = if beat.centre.distance_dm(town) < 150_000 { &mut near } else { &mut far };
        side.push(beat.cells.len());
    }
    let mean = |sizes: &[usize]| sizes.iter().sum::<usize>() / sizes.len();
    assert!(mean(&near) * 2 < mean(&far), "{} near, {} far", mean(&near), mean(&far));
    let beats = &package.register.beats;
    let whole = beats.iter().filter(|beat| region::outline::dissolve(&beat.cells).len() == 1).count();
    assert!(whole * 100 >= beats.len() * 98, "{whole} of {} are connected", beats.len());
}

#[test]
fn the_league_has_its_forces_points_and_desks() {
    let package = package("xilingol");
    let register = &package.register;
    assert_eq!((register.units.len(), register.points.len(), register.desks.len()), (2000, 6000, 113));
    let homes: BTreeSet<_> = register.units.iter().filter_map(|unit| unit.beat.as_deref()).collect();
    assert_eq!(homes.len(), 2000, "every beat is the home of one unit");
    let on_call = register.units.iter().filter(|unit| unit.duty == Duty::OnCall).count();
    let patrolling = register.units.iter().filter(|unit| unit.duty == Duty::Patrolling).count();
    assert!(on_call > 1400 && (50..500).contains(&patrolling), "{on_call} on call, {patrolling} patrolling");
    for class in &register.classes {
        assert!(
            register.units.iter().any(|unit| unit.class == class.code),
            "no unit of class {}",
            class.code
        );
    }
    let gacha: BTreeSet<_> = register.points.iter().map(|point| point.area.as_str()).collect();
    assert_eq!(gacha.len(), 1088, "every gacha has a point");
    assert!(register.points.iter().all(|point| point.keeper.is_some() && !point.neighbours.is_empty()));
    for banner in register.areas.iter().filter(|area| area.level == "banner") {
        for class in ["police", "fire", "medical"] {
            let own = |desk: &str| desk.starts_with(&banner.code);
            assert!(
                register.units.iter().any(|unit| unit.class == class && own(&unit.desk)),
                "{class} {}",
                banner.code
            );
        }
    }
    assert_eq!(register.desk_of("1525/152502/152502200/152502200200").expect("a desk").code, "152502200");
    let unit = &register.units[0];
    let bits: Vec<u32> = unit.capabilities.iter().filter_map(|code| register.kind_bit(code)).collect();
    assert_eq!(register.unit_mask(unit).count_ones() as usize, bits.len() + 1);
}

#[test]
fn the_city_differs_in_everything_a_region_may_differ_in() {
    let package = package("valparaiso");
    let levels: Vec<&str> = package.register.levels.iter().map(|level| level.code.as_str()).collect();
    assert_eq!(levels, ["city", "district", "street-area"]);
    assert_eq!(
        (package.manifest.zone.as_str(), package.manifest.default_language.as_str()),
        ("America/Santiago", "es")
    );
    assert_eq!(
        (package.register.beats.len(), package.register.units.len(), package.register.points.len()),
        (10, 20, 30)
    );
    assert!(package.register.units.iter().all(|unit| unit.home.lon < 0 && unit.home.lat < 0));
}

#[test]
fn a_register_survives_being_written_down() {
    for id in region::embedded::ids() {
        let register = package(id).register;
        let text = serde_json::to_string(&register).expect("it serialises");
        assert_eq!(serde_json::from_str::<region::Register>(&text).expect("it reads back"), register);
    }
}

#[test]
fn the_hash_is_of_names_and_bytes() {
    let files = embedded("valparaiso").expect("an embedded package");
    let hash = ContentHash::of(&files);
    assert_eq!(hash, ContentHash::of(&files.clone()));
    assert_eq!(package("valparaiso").hash, hash);
    let mut renamed = files.clone();
    let notes = renamed.remove("SOURCES.md").expect("sources");
    renamed.insert("README.md".to_owned(), notes);
    let mut changed = files.clone();
    changed.get_mut("units.csv").expect("units").push(b'\n');
    assert_ne!(ContentHash::of(&renamed), hash);
    assert_ne!(ContentHash::of(&changed), hash);
}

#[test]
fn every_layer_is_a_feature_collection_of_what_there_is() {
    let package = package("xilingol");
    let counts = Layer::ALL.map(|layer| {
        let value: serde_json::Value = serde_json::from_str(&package.layer(layer)).expect("JSON");
        assert_eq!(value["type"], "FeatureCollection");
        (layer.word(), value["features"].as_array().expect("features").len())
    });
    let map = &package.base_map;
    let expected = [
        ("areas", 12),
        ("beats", 2000),
        ("lakes", map.lakes.len()),
        ("rivers", map.rivers.len()),
        ("border", map.border.len()),
        ("places", 90),
    ];
    assert_eq!(counts, expected);
    assert!(map.lakes.len() >= 8 && map.rivers.len() > 20 && map.border.len() == 14);
    let heights = map.elevation.as_ref().expect("heights");
    assert_eq!((heights.columns, heights.rows, heights.heights_m.len()), (110, 67, 7370));
}

#[test]
fn a_package_is_small_enough_to_embed() {
    let files = embedded("xilingol").expect("an embedded package");
    let bytes: usize = files.values().map(Vec::len).sum();
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

#[test]
fn the_folder_and_the_binary_hold_the_same_package() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for id in region::embedded::ids() {
        let files = region::read_directory(&folder.join(id)).expect("the package's folder");
        assert!(Some(&files) == embedded(id).as_ref(), "{id} differs");
    }
    assert!(region::read_directory(&folder.join("nowhere")).is_err());
}
