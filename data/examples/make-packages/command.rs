//! Desks, seats, organisations and agencies of the league: one shape at every level.

use std::fmt::Write as _;

use crate::{ground::Ground, sources::is_urban};

/// Banners on the border of the country.
pub const BORDER: [&str; 5] = ["152501", "152522", "152523", "152524", "152525"];
/// League-wide organisations: suffix of the code, Chinese and English name.
const LEAGUE: [(&str, &str, &str); 4] = [
    ("police", "锡林郭勒盟公安局", "Xilingol Public Security Bureau"),
    ("fire", "锡林郭勒盟消防救援支队", "Xilingol Fire and Rescue"),
    ("medical", "锡林郭勒盟急救中心", "Xilingol Emergency Medical Centre"),
    ("border", "锡林郭勒边境管理支队", "Xilingol Border Management"),
];
/// The same in a banner.
const BANNER: [(&str, &str, &str); 4] = [
    ("police", "公安局", "Public Security Bureau"),
    ("fire", "消防救援大队", "Fire and Rescue"),
    ("medical", "人民医院急救站", "Hospital Ambulance Station"),
    ("border", "边境管理大队", "Border Management"),
];

/// `organisations.csv`.
pub fn organisations(ground: &Ground) -> String {
    let mut table = String::from("code,parent,area,name:zh,name:en\n");
    for (kind, zh, en) in LEAGUE {
        row(&mut table, format_args!("1525-{kind},,1525,{zh},{en}"));
    }
    for banner in ground.of_level("banner") {
        let (code, name, english) = (&banner.code, &banner.name, &banner.english);
        for (kind, zh, en) in BANNER {
            if kind != "border" || BORDER.contains(&code.as_str()) {
                row(&mut table, format_args!("{code}-{kind},1525-{kind},{code},{name}{zh},{english} {en}"));
            }
        }
        for sumu in ground.below(code) {
            let (sumu, name, english) = (&sumu.code, &sumu.name, &sumu.english);
            let office = if is_urban(name) { "社区治理办公室" } else { "综合治理办公室" };
            row(
                &mut table,
                format_args!("{sumu}-police,{code}-police,{sumu},{name}派出所,{english} Police Station"),
            );
            row(
                &mut table,
                format_args!("{sumu}-joint,,{sumu},{name}{office},{english} Joint Defence Office"),
            );
        }
    }
    table
}

/// `desks.csv`. A desk's code is its area's: it begins the numbers people read out.
pub fn desks(ground: &Ground) -> String {
    let mut table = String::from("code,parent,area,trunks,name:zh,name:en\n");
    for area in ground.areas.iter().filter(|area| area.level != "gacha") {
        let (code, parent, name, english) = (&area.code, &area.parent, &area.name, &area.english);
        let trunks = match area.level.as_str() {
            "league" => "110".to_owned(),
            "banner" => format!("110-{code}"),
            _ => String::new(),
        };
        let (zh, en) = if area.level == "sumu" {
            ("指挥室", "Command Room")
        } else {
            ("指挥中心", "Command Centre")
        };
        row(&mut table, format_args!("{code},{parent},{code},{trunks},{name}{zh},{english} {en}"));
    }
    table
}

/// Whom incidents are transferred to: code, Chinese and English name.
const AGENCIES: [(&str, &str, &str); 8] = [
    ("chifeng", "赤峰市指挥中心", "Chifeng command centre"),
    ("grassland", "林业和草原部门", "Forestry and grassland"),
    ("heating", "供热抢修", "Heating repair"),
    ("hotline", "12345 政务服务热线", "12345 public service hotline"),
    ("livestock", "农牧部门", "Agriculture and animal husbandry"),
    ("power", "供电抢修", "Power repair"),
    ("rail", "铁路公安", "Railway police"),
    ("water", "供水抢修", "Water repair"),
];

/// `agencies.csv`.
pub fn agencies() -> String {
    let mut table = String::from("code,name:zh,name:en\n");
    for (code, zh, en) in AGENCIES {
        row(&mut table, format_args!("{code},{zh},{en}"));
    }
    table
}

/// `seats.csv`: many at the league, a pair at a sumu.
pub fn seats(ground: &Ground) -> String {
    let mut table = String::from("code,desk,role\n");
    for area in ground.areas.iter().filter(|area| area.level != "gacha") {
        let roles: &[(&str, &str, usize)] = match area.level.as_str() {
            "league" => &[
                ("J", "call-taker", 4),
                ("C", "dispatcher", 4),
                ("B", "shift-lead", 1),
                ("Z", "commander", 1),
            ],
            "banner" => &[
                ("J", "call-taker", 2),
                ("C", "dispatcher", 2),
                ("B", "shift-lead", 1),
                ("Z", "commander", 1),
            ],
            _ => &[("C", "dispatcher", 1), ("Z", "commander", 1)],
        };
        for &(letter, role, count) in roles {
            for nth in 1..=count {
                row(&mut table, format_args!("{}-{letter}{nth},{},{role}", area.code, area.code));
            }
        }
    }
    table
}

/// Adds a line.
pub fn row(table: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(table, "{line}").expect("a string takes every line");
}
