//! Units of the league: one to a beat, most of them herders and officers on call at home.

use std::collections::BTreeMap;

use crate::{
    command::{BORDER, row},
    draw::Draw,
    lattice::Spot,
    steppe::{Beat, Steppe},
};

/// What call signs of a banner begin with.
const SIGNS: [(&str, &str); 13] = [
    ("152501", "二"),
    ("152502", "锡"),
    ("152522", "阿"),
    ("152523", "苏左"),
    ("152524", "苏右"),
    ("152525", "东乌"),
    ("152526", "西乌"),
    ("152527", "太"),
    ("152528", "镶"),
    ("152529", "白"),
    ("152530", "蓝"),
    ("152531", "多"),
    ("152571", "乌"),
];
/// A cell's inner radius is about 1 km: draws within this stay in it (degrees of longitude, latitude).
pub const WITHIN_CELL: (f64, f64) = (0.008, 0.006);

/// `units.csv`.
pub fn units(steppe: &Steppe, draw: &mut Draw) -> String {
    let mut table = String::from(
        "code,call_sign,plate,phone,mover,crew,class,capabilities,organisation,desk,beat,home_lon,home_lat,readiness_s,duty\n",
    );
    let mut plates: Vec<usize> = (0..8000).map(|nth| 1000 + nth).collect();
    let mut serials: BTreeMap<&str, usize> = BTreeMap::new();
    let mut order: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for beat in &steppe.beats {
        let known = order.entry(&beat.banner).or_default();
        if !known.contains(&beat.sumu.as_str()) {
            known.push(&beat.sumu);
        }
    }
    let firsts = firsts(steppe);
    for (nth, beat) in steppe.beats.iter().enumerate() {
        let serial = serials.entry(&beat.sumu).or_default();
        *serial += 1;
        let sign = SIGNS.iter().find(|(code, _)| *code == beat.banner).map_or("", |&(_, sign)| sign);
        let sumu =
            order[beat.banner.as_str()].iter().position(|code| *code == beat.sumu).expect("a sumu") + 1;
        let seat_km = steppe.seats[&beat.banner].km(Spot::of(beat.cells[0]));
        let class = firsts.get(&nth).copied().unwrap_or_else(|| class(beat, seat_km, draw));
        let mover = mover(class, seat_km, draw);
        let plate = if matches!(mover, "horse" | "foot") {
            String::new()
        } else {
            let number = plates.swap_remove(draw.below(plates.len()));
            format!("蒙H{number}{}", if class == "police" { "警" } else { "" })
        };
        // No number begins with 000: these ring nowhere.
        let phone = format!("0479-000-{:04}", nth + 1);
        let home = Spot::of(beat.cells[draw.below(beat.cells.len())]);
        let (lon, lat) = (home.lon + draw.around(WITHIN_CELL.0), home.lat + draw.around(WITHIN_CELL.1));
        let (organisation, desk) = posting(beat, class);
        let crew = match mover {
            "engine" => 5,
            "ambulance" => 3,
            "horse" | "foot" | "motorcycle" => 1,
            _ => 2 + draw.below(2),
        };
        let (duty, readiness) = duty(class, seat_km, draw);
        let capabilities = capabilities(class, mover, draw).join(";");
        row(
            &mut table,
            format_args!(
                "U{:04},{sign}{sumu:02}-{serial:02},{plate},{phone},{mover},{crew},{class},{capabilities},{organisation},{desk},{},{lon:.5},{lat:.5},{readiness},{duty}",
                nth + 1,
                beat.code,
            ),
        );
    }
    table
}

/// Every banner has an engine, ambulances and police at its seat, whatever the draw.
fn firsts(steppe: &Steppe) -> BTreeMap<usize, &'static str> {
    let mut firsts = BTreeMap::new();
    for (banner, seat) in &steppe.seats {
        let mut own: Vec<usize> =
            (0..steppe.beats.len()).filter(|&at| steppe.beats[at].banner == *banner).collect();
        own.sort_by(|&a, &b| {
            let km = |at: usize| seat.km(Spot::of(steppe.beats[at].cells[0]));
            km(a).total_cmp(&km(b)).then(a.cmp(&b))
        });
        let kinds = ["police", "fire", "medical", "police", "fire", "medical", "police", "police"];
        firsts.extend(own.into_iter().zip(kinds));
    }
    firsts
}

fn class(beat: &Beat, seat_km: f64, draw: &mut Draw) -> &'static str {
    let border = BORDER.contains(&beat.banner.as_str());
    let die = draw.below(100);
    match (seat_km < 15.0, border) {
        (true, _) if die < 45 => "police",
        (true, _) if die < 80 => "auxiliary",
        (true, _) if die < 84 => "fire",
        (true, _) if die < 88 => "medical",
        (false, _) if die < 18 => "police",
        (false, _) if die < 40 => "auxiliary",
        (false, _) if die < 42 => "medical",
        (false, _) if die < 44 => "fire",
        (false, _) if die < 50 => "militia",
        (false, true) if die < 54 => "border",
        (false, true) if die < 66 => "border-guard",
        _ => "joint",
    }
}

fn mover(class: &str, seat_km: f64, draw: &mut Draw) -> &'static str {
    match class {
        "fire" => "engine",
        "medical" => "ambulance",
        "police" | "auxiliary" if seat_km < 15.0 => draw.one(&["car", "car", "car", "motorcycle", "foot"]),
        "police" | "border" => "offroad",
        "border-guard" => draw.one(&["horse", "motorcycle", "offroad"]),
        _ if draw.percent(72) => "offroad",
        _ => draw.one(&["motorcycle", "motorcycle", "horse"]),
    }
}

/// Who employs it, and the desk that commands it: calls are taken and units sent at banner level.
fn posting(beat: &Beat, class: &str) -> (String, String) {
    let Beat { banner, sumu, .. } = beat;
    match class {
        "fire" | "medical" | "border" => (format!("{banner}-{class}"), banner.clone()),
        "police" | "auxiliary" => (format!("{sumu}-police"), banner.clone()),
        _ => (format!("{sumu}-joint"), banner.clone()),
    }
}

/// Usual duty and turnout time in seconds.
fn duty(class: &str, seat_km: f64, draw: &mut Draw) -> (&'static str, usize) {
    match class {
        "fire" | "medical" => ("on-call", 60 + 30 * draw.below(5)),
        "police" if draw.percent(35) => ("patrolling", 60 * (2 + draw.below(4))),
        "auxiliary" if draw.percent(15) => ("patrolling", 60 * (3 + draw.below(4))),
        "police" if seat_km < 15.0 => ("on-call", 60 * (2 + draw.below(4))),
        "joint" | "militia" if draw.percent(12) => ("reserve", 60 * (15 + draw.below(16))),
        _ => ("on-call", 60 * (5 + draw.below(11))),
    }
}

fn capabilities(class: &str, mover: &str, draw: &mut Draw) -> Vec<&'static str> {
    let mut chances: Vec<(&'static str, usize)> = vec![("mongolian-speaker", 70), ("first-aid", 25)];
    chances.extend(match mover {
        "offroad" => vec![("offroad", 100), ("winch", 35), ("satellite-phone", 12)],
        "horse" => vec![("horse", 100)],
        "motorcycle" => vec![("offroad", 40)],
        _ => vec![],
    });
    chances.extend(match class {
        "police" => vec![
            ("firearm", 55),
            ("shield", 60),
            ("traffic", 45),
            ("breath-test", 35),
            ("female-officer", 15),
            ("forensics", 6),
            ("negotiator", 4),
            ("drone", 8),
        ],
        "auxiliary" => vec![("traffic", 50), ("shield", 30), ("drone", 4)],
        "fire" => vec![
            ("water-pump", 100),
            ("rescue-tools", 90),
            ("fire-beater", 80),
            ("hazmat", 20),
            ("boat", 15),
            ("thermal-camera", 30),
        ],
        "medical" => vec![("medic", 100), ("stretcher", 100), ("defibrillator", 75)],
        "border" => vec![("firearm", 90), ("thermal-camera", 40), ("drone", 25), ("search-dog", 15)],
        "border-guard" => vec![("thermal-camera", 8)],
        _ => vec![("fire-beater", 45), ("veterinary", 6), ("snow-plough", 8), ("drone", 3)],
    });
    let mut capabilities: Vec<_> =
        chances.into_iter().filter(|&(_, percent)| draw.percent(percent)).map(|(code, _)| code).collect();
    capabilities.sort_unstable();
    capabilities.dedup();
    capabilities
}
