//! `elevation.asc`: heights as an ESRI ASCII grid, `xllcenter` form, whole metres.

use super::table::Scope;
use geo_index::Coord;

use crate::{base_map::Elevation, fault::Rule};

const FILE: &str = "elevation.asc";
/// The header, in the order it is written.
const HEADER: [&str; 6] = ["ncols", "nrows", "xllcenter", "yllcenter", "cellsize", "NODATA_value"];
/// Samples of a grid at most.
const SAMPLES_MAX: u32 = 4_000_000;

/// Reads the grid; `None` when it is not there or, with a fault, cannot be read.
pub(super) fn read(scope: &mut Scope<'_>) -> Option<Elevation> {
    let text = scope.text(FILE)?;
    match grid(text) {
        Ok(grid) => Some(grid),
        Err(Wrong { line, field, detail }) => {
            scope.faults.push(FILE, line, field, Rule::Value, detail);
            None
        }
    }
}

struct Wrong {
    line: u64,
    field: &'static str,
    detail: String,
}

fn grid(text: &str) -> Result<Elevation, Wrong> {
    let mut lines = (1..).zip(text.lines());
    let mut header = [""; 6];
    for (value, field) in header.iter_mut().zip(HEADER) {
        let wrong = |line| Wrong { line, field, detail: format!("here stands `{field}` and its value") };
        let (line, text) = lines.next().ok_or_else(|| wrong(0))?;
        let (name, found) = text.split_once(char::is_whitespace).ok_or_else(|| wrong(line))?;
        if !name.eq_ignore_ascii_case(field) {
            return Err(wrong(line));
        }
        *value = found.trim();
    }
    let wrong =
        |at: usize, detail: &str| Wrong { line: at as u64 + 1, field: HEADER[at], detail: detail.to_owned() };
    let count = |at: usize| header[at].parse::<u32>().ok().filter(|count| (2..=SAMPLES_MAX).contains(count));
    let columns = count(0).ok_or_else(|| wrong(0, "not a number of columns"))?;
    let rows = count(1).ok_or_else(|| wrong(1, "not a number of rows"))?;
    if columns.checked_mul(rows).is_none_or(|samples| samples > SAMPLES_MAX) {
        return Err(wrong(1, "too many samples"));
    }
    let degrees = |at: usize| header[at].parse().unwrap_or(f64::NAN);
    let south_west =
        Coord::from_degrees(degrees(2), degrees(3)).map_err(|error| wrong(2, &error.to_string()))?;
    // A step is an angle like a longitude, and rounds like one.
    let step = Coord::from_degrees(degrees(4), 0.0).map_or(0, |step| step.lon);
    if !(1..100_000_000).contains(&step) {
        return Err(wrong(4, "a step is more than 0 and less than 10 degrees"));
    }
    let mut heights_m = Vec::new();
    let mut end = HEADER.len() as u64;
    for (line, row) in lines {
        end = line;
        let samples: Option<Vec<_>> =
            row.split_ascii_whitespace().map(|text| height(text, header[5])).collect();
        let samples = samples.filter(|samples| samples.len() == columns as usize).ok_or_else(|| Wrong {
            line,
            field: "",
            detail: format!("a row is {columns} whole numbers of metres"),
        })?;
        heights_m.extend(samples);
    }
    if heights_m.len() != columns as usize * rows as usize {
        return Err(Wrong { line: end, field: "nrows", detail: format!("the grid has {rows} rows") });
    }
    Ok(Elevation { columns, rows, south_west, step, heights_m })
}

/// One height; the outer `None` is not a height at all.
#[expect(clippy::option_option, reason = "the grid itself has a word for an unknown height")]
fn height(text: &str, nodata: &str) -> Option<Option<i16>> {
    if text == nodata {
        return Some(None);
    }
    text.parse().ok().filter(|height| (-500..=9000).contains(height)).map(Some)
}
