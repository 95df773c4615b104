//! Tables: fields, rows and columns. Every row keeps as many fields as the header has, most of the time.

use super::chance::Chance;

/// Columns that a table may have, beside those it has.
const COLUMNS: [&str; 12] = [
    "class",
    "plate",
    "phone",
    "capabilities",
    "beat",
    "readiness_s",
    "square",
    "keeper_post",
    "neighbours",
    "name:es",
    "name:en",
    "name:zh",
];

/// A table with one thing changed; none where it cannot be read as one.
pub(super) fn changed(text: &str, codes: &[String], chance: &mut Chance) -> Option<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let records: Result<Vec<csv::StringRecord>, _> = reader.records().collect();
    let mut rows: Vec<Vec<String>> =
        records.ok()?.iter().map(|record| record.iter().map(str::to_owned).collect()).collect();
    let width = rows.first()?.len();
    match chance.below(10) {
        0 => row(&mut rows, chance)?,
        1 => column(&mut rows, width, chance)?,
        2 => another(&mut rows, chance)?,
        _ => field(&mut rows, width, codes, chance)?,
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows.iter().filter(|row| !row.is_empty()) {
        writer.write_record(row).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// A field of a row otherwise.
fn field(rows: &mut [Vec<String>], width: usize, codes: &[String], chance: &mut Chance) -> Option<()> {
    let at = 1 + chance.below(rows.len() - 1);
    let column = chance.below(width);
    let other = 1 + chance.below(rows.len() - 1);
    let other = rows.get(other)?.get(column)?.clone();
    let old = rows.get(at)?.get(column)?.clone();
    let near = chance.number(&old).filter(|_| chance.one_in(2));
    *rows.get_mut(at)?.get_mut(column)? = match chance.below(7) {
        _ if near.is_some() => near?,
        0 | 1 => other,
        2 => String::new(),
        3 => chance.of_these(codes)?.clone(),
        4 => format!("{old};{other}"),
        5 => format!("{old};{}", chance.of_these(codes)?),
        _ => chance.text(&old),
    };
    Some(())
}

/// A row away, twice, or in another place.
fn row(rows: &mut Vec<Vec<String>>, chance: &mut Chance) -> Option<()> {
    let (at, other) = (chance.below(rows.len()), chance.below(rows.len()));
    match chance.below(4) {
        0 => drop(rows.remove(at)),
        1 => rows.swap(at, other),
        2 => rows.truncate(at + 1),
        _ => rows.insert(at, rows.get(other)?.clone()),
    }
    Some(())
}

/// One row more, of fields of two others, with what must be its own made its own: its code and what else stands once.
fn another(rows: &mut Vec<Vec<String>>, chance: &mut Chance) -> Option<()> {
    let (one, two) = (1 + chance.below(rows.len() - 1), 1 + chance.below(rows.len() - 1));
    let (one, two) = (rows.get(one)?, rows.get(two)?);
    let made: Vec<String> = one
        .iter()
        .zip(two)
        .enumerate()
        .map(|(nth, (one, two))| {
            let stands_once =
                !one.is_empty() && rows.iter().filter(|row| row.get(nth) == Some(one)).count() == 1;
            if stands_once && one.parse::<f64>().map_or(true, |number| number.abs() > 1_000.0) {
                format!("{one}{}", chance.below(10))
            } else {
                (*chance.of_these(&[one, two]).unwrap_or(&one)).clone()
            }
        })
        .collect();
    rows.push(made);
    Some(())
}

/// A column away, in another place, or one more.
fn column(rows: &mut [Vec<String>], width: usize, chance: &mut Chance) -> Option<()> {
    let (at, other) = (chance.below(width), chance.below(width));
    let kind = chance.below(3);
    let name = *chance.of_these(&COLUMNS)?;
    for (nth, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.len() == width) {
        match kind {
            0 => drop(row.remove(at)),
            1 => row.swap(at, other),
            _ => row.push(if nth == 0 { name.to_owned() } else { String::new() }),
        }
    }
    Some(())
}
