//! The package `valparaiso`: hills above a port, all of it generated.
//!
//! Districts are the cells nearest to a rough centre; street areas halve them, and each street area is a beat.

use std::{collections::BTreeMap, error::Error};

use h3o::{CellIndex, LatLng, Resolution};
use region::{cells::CellSet, outline::dissolve};
use serde_json::json;

use crate::{
    command::row,
    draw::Draw,
    lattice::{Spot, nearest, split},
    sources::{collection, collection_line},
};

/// The seed of the samples.
const SEED: u64 = 2340;
/// Cells of a district reach this far from its centre, in km.
const REACH_KM: f64 = 1.1;
/// The shore, roughly: north of it is the bay.
const SHORE_LAT: f64 = -33.032;
/// Districts with rough centres.
const DISTRICTS: [(&str, &str, Spot); 5] = [
    ("PUE", "Barrio Puerto", Spot { lon: -71.6305, lat: -33.0385 }),
    ("ALE", "Cerro Alegre y Concepción", Spot { lon: -71.6275, lat: -33.0435 }),
    ("ALM", "El Almendral", Spot { lon: -71.6100, lat: -33.0475 }),
    ("BAR", "Cerro Barón", Spot { lon: -71.5960, lat: -33.0440 }),
    ("PLA", "Playa Ancha", Spot { lon: -71.6460, lat: -33.0330 }),
];
/// Street areas, and beats, of a district.
const SECTORS: usize = 2;
/// Cells of a street area at most.
const CELLS_MAX: usize = 60;
/// Points of a street area.
const POINTS: usize = 3;
/// Units of each street area and what they are: class, mover, crew, capabilities.
const UNITS: [(&str, &str, usize, &str); 4] = [
    ("police", "car", 2, "firearm"),
    ("municipal", "motorcycle", 1, "steep-streets"),
    ("fire", "engine", 6, "ladder;water-pump"),
    ("medical", "car", 3, "medic"),
];

struct Sector {
    code: String,
    district: &'static str,
    cells: Vec<CellIndex>,
}

/// The generated files by name.
pub fn generate() -> Result<BTreeMap<&'static str, String>, Box<dyn Error>> {
    let mut draw = Draw::new(SEED);
    let sectors = sectors()?;
    let (organisations, desks, seats) = command();
    Ok(BTreeMap::from([
        ("areas.csv", areas(&sectors)),
        ("areas.geojson", outlines(&sectors)?),
        ("places.geojson", places()),
        ("organisations.csv", organisations),
        ("desks.csv", desks),
        ("seats.csv", seats),
        ("agencies.csv", agencies()),
        ("beats.csv", beats(&sectors)?),
        ("units.csv", units(&sectors, &mut draw)),
        ("points.csv", points(&sectors, &mut draw)),
    ]))
}

fn sectors() -> Result<Vec<Sector>, Box<dyn Error>> {
    let mut districts: Vec<Vec<CellIndex>> = vec![Vec::new(); DISTRICTS.len()];
    let middle = LatLng::new(-33.0415, -71.62)?.to_cell(Resolution::Nine);
    for cell in middle.grid_disk::<Vec<_>>(14) {
        let spot = Spot::of(cell);
        let (at, km) = nearest(spot, DISTRICTS.iter().map(|&(_, _, centre)| centre)).ok_or("no district")?;
        let ashore = spot.lat < SHORE_LAT || DISTRICTS[at].0 == "PLA";
        if km <= REACH_KM && ashore {
            districts[at].push(cell);
        }
    }
    let cut = |(&(district, _, _), cells): (&(&'static str, &str, Spot), Vec<CellIndex>)| {
        let parts = split(cells, SECTORS, CELLS_MAX, &|_| 1.0).into_iter().enumerate();
        let sectors = parts.map(move |(nth, cells)| Sector {
            code: format!("{district}-{}", nth + 1),
            district,
            cells,
        });
        sectors.collect::<Vec<_>>()
    };
    Ok(DISTRICTS.iter().zip(districts).flat_map(cut).collect())
}

fn areas(sectors: &[Sector]) -> String {
    let mut table = String::from("code,parent,level,name:es,name:en\n");
    row(&mut table, format_args!("VAP,,city,Valparaíso,Valparaíso"));
    for (code, name, _) in DISTRICTS {
        row(&mut table, format_args!("{code},VAP,district,{name},"));
    }
    for (nth, Sector { code, district, .. }) in sectors.iter().enumerate() {
        let number = nth % SECTORS + 1;
        row(&mut table, format_args!("{code},{district},street-area,Sector {number},Sector {number}"));
    }
    table
}

fn outlines(sectors: &[Sector]) -> Result<String, Box<dyn Error>> {
    let mut features = Vec::new();
    for (code, _, _) in DISTRICTS {
        let cells =
            sectors.iter().filter(|sector| sector.district == code).flat_map(|sector| sector.cells.clone());
        let polygons: Vec<Vec<Vec<[f64; 2]>>> = dissolve(&CellSet::new(cells)?)
            .iter()
            .map(|rings| {
                rings
                    .iter()
                    .map(|ring| ring.iter().map(|at| five(at.lon_deg(), at.lat_deg())).collect())
                    .collect()
            })
            .collect();
        let geometry = json!({"type": "MultiPolygon", "coordinates": polygons});
        features.push(collection_line(&json!({"code": code}), &geometry));
    }
    Ok(collection(features.into_iter()))
}

/// Degrees to five decimals, about a metre.
fn five(lon: f64, lat: f64) -> [f64; 2] {
    [lon, lat].map(|degrees| (degrees * 1e5).round() / 1e5)
}

fn places() -> String {
    collection(DISTRICTS.into_iter().map(|(code, name, Spot { lon, lat })| {
        let properties = json!({"names": {"es": name}, "inside": true, "area": code});
        collection_line(&properties, &json!({"type": "Point", "coordinates": [lon, lat]}))
    }))
}

fn command() -> (String, String, String) {
    let mut organisations = String::from("code,parent,area,name:es,name:en\n");
    for (code, es, en) in [
        ("police", "Prefectura", "Police prefecture"),
        ("municipal", "Dirección de seguridad", "Municipal safety office"),
        ("fire", "Cuerpo de Bomberos", "Fire brigade"),
        ("medical", "SAMU", "Ambulance service"),
        ("boards", "Juntas de vecinos", "Neighbourhood boards"),
    ] {
        row(&mut organisations, format_args!("{code},,VAP,{es} de Valparaíso,{en} of Valparaíso"));
    }
    let mut desks = String::from("code,parent,area,trunks,name:es,name:en\n");
    row(&mut desks, format_args!("VAP,,VAP,133;132;131,Central Valparaíso,Valparaíso centre"));
    let mut seats = String::from("code,desk,role\n");
    for (code, role) in [("1", "call-taker"), ("2", "dispatcher"), ("3", "shift-lead"), ("4", "commander")] {
        row(&mut seats, format_args!("VAP-{code},VAP,{role}"));
    }
    for (code, name, _) in DISTRICTS {
        row(&mut desks, format_args!("{code},VAP,{code},,Puesto {name},{name} post"));
        row(&mut seats, format_args!("{code}-1,{code},dispatcher"));
    }
    (organisations, desks, seats)
}

fn agencies() -> String {
    let mut table = String::from("code,name:es,name:en\n");
    for (code, es, en) in [
        ("port", "Autoridad portuaria", "Port authority"),
        ("power", "Emergencias eléctricas", "Power repair"),
        ("water", "Emergencias sanitarias", "Water repair"),
    ] {
        row(&mut table, format_args!("{code},{es},{en}"));
    }
    table
}

fn beats(sectors: &[Sector]) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("code,area,cells\n");
    for Sector { code, cells, .. } in sectors {
        row(&mut table, format_args!("B-{code},{code},{}", CellSet::new(cells.iter().copied())?));
    }
    Ok(table)
}

fn units(sectors: &[Sector], draw: &mut Draw) -> String {
    let mut table = String::from(
        "code,call_sign,plate,phone,mover,crew,class,capabilities,organisation,desk,beat,home_lon,home_lat,readiness_s,duty\n",
    );
    for (nth, sector) in sectors.iter().enumerate() {
        for half in 0..2 {
            let number = nth * 2 + half;
            let (class, mover, crew, capabilities) = UNITS[number % UNITS.len()];
            let at = Spot::of(sector.cells[draw.below(sector.cells.len())]);
            let (district, letter) = (sector.district, class[..1].to_uppercase());
            let duty = if half == 0 { "patrolling" } else { "on-call" };
            row(
                &mut table,
                format_args!(
                    "V{:02},{letter}-{:02},MU{:04},+56 32 000 {:04},{mover},{crew},{class},{capabilities},{class},{district},B-{},{:.5},{:.5},{},{duty}",
                    number + 1,
                    number + 1,
                    1000 + draw.below(90) * 100 + number,
                    number + 1,
                    sector.code,
                    at.lon,
                    at.lat,
                    60 + 15 * draw.below(5),
                ),
            );
        }
    }
    table
}

fn points(sectors: &[Sector], draw: &mut Draw) -> String {
    let mut table = String::from(
        "code,number,lon,lat,area,kind,keeper_post,keeper_serial,keeper_organisation,neighbours\n",
    );
    for (nth, sector) in sectors.iter().enumerate() {
        for place in 0..POINTS {
            let at = Spot::of(sector.cells[draw.below(sector.cells.len())]);
            let number = nth * POINTS + place;
            let neighbour = nth * POINTS + (place + 1) % POINTS;
            let kind = ["phone", "button", "camera"][place];
            row(
                &mut table,
                format_args!(
                    "Q{number:02},+56322{:06},{:.5},{:.5},{},{kind},board,{},boards,Q{neighbour:02}",
                    900_000 + number,
                    at.lon,
                    at.lat,
                    sector.code,
                    place + 1,
                ),
            );
        }
    }
    table
}
