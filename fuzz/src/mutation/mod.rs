//! Mutations that keep the form of an input. Of a region package, what chance changes is a field, a row, a column, a member of a
//! document, and the table or document is written whole again, so that what is tried comes past the readers of the form
//! to the checks behind them. A byte that is changed in a file of 5 KB mostly ends at the first of these.
//!
//! Of what is written in lines of JSON it is a member of a document, or of a document that stands in a text of it.
//!
//! The outermost check of a package, the name of a package by its content, is no hindrance: the target works it out for what it made.

mod chance;
mod grid;
mod lines;
mod table;
mod tree;

use region::Files;

use self::chance::Chance;
use crate::region_package::{SMALL, input, package};

/// Changes at a time, at most.
const CHANGES_MAX: usize = 4;
/// How the name of a table ends.
const TABLE: &str = "csv";
/// Files in the forms that a package may have beside those of the small region.
const MORE: [&[u8]; 5] = [
    include_bytes!("../../kept/region-package/rivers-geojson"),
    include_bytes!("../../kept/region-package/lakes-geojson"),
    include_bytes!("../../kept/region-package/border-geojson"),
    include_bytes!("../../kept/region-package/elevation-asc"),
    include_bytes!("../../kept/region-package/terrain-csv"),
];

/// An input that is another package than this one, no longer than asked for; none where the input is no package of files,
/// or what was made is too long.
pub fn package_of(bytes: &[u8], seed: u32, longest: usize) -> Option<Vec<u8>> {
    let mut chance = Chance::of(seed);
    let mut files = package(bytes)?;
    for _ in 0..=chance.below(CHANGES_MAX) {
        if chance.one_in(12) {
            files.extend(
                package(chance.of_these(&MORE)?)?
                    .into_iter()
                    .filter(|file| SMALL.get(&file.0) != Some(&file.1)),
            );
        } else {
            change(&mut files, &mut chance);
        }
    }
    Some(input(&files)).filter(|made| made != bytes && made.len() <= longest)
}

/// An input of lines of JSON that is another than this one, no longer than asked for.
pub fn lines_of(bytes: &[u8], seed: u32, longest: usize) -> Option<Vec<u8>> {
    let mut chance = Chance::of(seed);
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    for _ in 0..=chance.below(CHANGES_MAX) {
        text = lines::changed(&text, &mut chance)?;
    }
    Some(text.into_bytes()).filter(|made| made != bytes && made.len() <= longest)
}

/// Changes one file.
fn change(files: &mut Files, chance: &mut Chance) -> Option<()> {
    // What an input changed already, half the time: it was kept because that led somewhere.
    let again = chance.one_in(2);
    let made = |file: &(&String, &Vec<u8>)| SMALL.get(file.0) != Some(file.1);
    let mut names: Vec<&String> =
        files.iter().filter(|file| again && made(file)).map(|(name, _)| name).collect();
    if names.is_empty() {
        names = files.keys().collect();
    }
    let name = (*chance.of_these(&names)?).clone();
    let text = std::str::from_utf8(files.get(&name)?).ok()?;
    let (_, form) = name.rsplit_once('.')?;
    let made = match form {
        TABLE => table::changed(text, &codes(files, chance), chance),
        "geojson" => tree::json(text, &codes(files, chance), chance),
        "toml" => tree::toml(text, &codes(files, chance), chance),
        "asc" => Some(grid::changed(text, chance)),
        _ => None,
    }?;
    files.insert(name, made.into_bytes());
    Some(())
}

/// What stands first in the rows of one of the tables: codes, which other files refer to.
fn codes(files: &Files, chance: &mut Chance) -> Vec<String> {
    let is_table = |name: &str| name.rsplit_once('.').is_some_and(|(_, form)| form == TABLE);
    let tables: Vec<&Vec<u8>> =
        files.iter().filter(|(name, _)| is_table(name)).map(|(_, bytes)| bytes).collect();
    let bytes = chance.of_these(&tables).map_or(&[][..], |bytes| &bytes[..]);
    let text = String::from_utf8_lossy(bytes);
    text.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}
