//! `beats.csv` and `terrain.csv`: sets of cells.

use std::collections::BTreeMap;

use geo::{Contains as _, MultiPolygon, Point};
use h3o::{CellIndex, LatLng};

use super::{
    areas::find,
    kinds::Kinds,
    table::{Form, Lined, Naming, Row, Scope, by_code},
};
use geo_index::Coord;

use crate::{
    base_map::Outline,
    cells::CellSet,
    fault::Rule,
    outline::{cell_centre, to_geo},
    places::{Area, Beat, TerrainCells},
};

const BEATS: Form =
    Form { file: "beats.csv", required: &["code", "area", "cells"], optional: &[], names: Naming::None };
const TERRAIN: Form =
    Form { file: "terrain.csv", required: &["class", "cells"], optional: &[], names: Naming::None };
/// Cells of one beat at most.
const BEAT_CELLS_MAX: usize = 1000;

/// Reads the beats, sorted by code. A cell is in one beat at most, and its centre lies in the nearest area above the
/// beat that has an outline.
pub(super) fn read(scope: &mut Scope<'_>, areas: &[Area], outlines: &[Outline]) -> Vec<Beat> {
    let generated = scope.manifest.generated.iter().any(|part| part == "beats");
    let resolution = scope.manifest.cell_resolution;
    let rows = scope.table(&BEATS, |row| {
        let code = row.code("code");
        let area = row.reference("area", "area", |code| find(areas, code).is_some());
        let cells = cells(row, resolution)?;
        if cells.len() > BEAT_CELLS_MAX {
            row.fault("cells", Rule::Limit, format!("{} cells; at most {BEAT_CELLS_MAX}", cells.len()));
        }
        let centre = centre(&cells)?;
        Some(Beat { code: code?, area: area?, cells, centre, generated })
    });
    scope.unique(BEATS.file, "code", &rows, |beat| Some(&beat.code));
    check_overlap(
        scope,
        BEATS.file,
        rows.iter().map(|row| (row.line, row.value.code.as_str(), &row.value.cells)),
    );
    check_outlines(scope, areas, outlines, &rows);
    by_code(rows, |beat| &beat.code)
}

/// Reads the terrain, one entry per class in order of class.
pub(super) fn terrain(scope: &mut Scope<'_>, kinds: &Kinds) -> Vec<TerrainCells> {
    let resolution = scope.manifest.cell_resolution;
    let rows = scope.table(&TERRAIN, |row| {
        let known = |code: &str| kinds.terrain.iter().any(|class| class.code == code);
        let class = row.reference("class", "terrain class", known);
        let cells = cells(row, resolution)?;
        Some(TerrainCells { class: class?, cells })
    });
    check_overlap(
        scope,
        TERRAIN.file,
        rows.iter().map(|row| (row.line, row.value.class.as_str(), &row.value.cells)),
    );
    let mut classes: BTreeMap<String, Vec<CellIndex>> = BTreeMap::new();
    for Lined { value, .. } in rows {
        classes.entry(value.class).or_default().extend(value.cells.iter());
    }
    classes
        .into_iter()
        .filter_map(|(class, cells)| Some(TerrainCells { class, cells: CellSet::new(cells).ok()? }))
        .collect()
}

fn cells(row: &mut Row<'_>, resolution: u8) -> Option<CellSet> {
    let set: CellSet = match row.long("cells").parse() {
        Ok(set) => set,
        Err(error) => {
            row.fault("cells", Rule::Cell, error.to_string());
            return None;
        }
    };
    if set.resolution() != Some(resolution) {
        let found =
            set.resolution().map_or("no cells".to_owned(), |found| format!("cells of resolution {found}"));
        row.fault("cells", Rule::Cell, format!("{found}; region.toml says {resolution}"));
        return None;
    }
    Some(set)
}

/// No cell is in two sets.
fn check_overlap<'t>(
    scope: &mut Scope<'_>,
    file: &str,
    sets: impl Iterator<Item = (u64, &'t str, &'t CellSet)>,
) {
    let mut owner: BTreeMap<CellIndex, &str> = BTreeMap::new();
    for (line, code, cells) in sets {
        if let Some((cell, first)) =
            cells.iter().find_map(|cell| owner.insert(cell, code).map(|first| (cell, first)))
        {
            scope.faults.push(
                file,
                line,
                "cells",
                Rule::Cell,
                format!("cell {cell} is in `{first}` already"),
            );
        }
    }
}

fn check_outlines(scope: &mut Scope<'_>, areas: &[Area], outlines: &[Outline], rows: &[Lined<Beat>]) {
    let shapes: BTreeMap<&str, MultiPolygon> =
        outlines.iter().map(|outline| (outline.code.as_str(), to_geo(&outline.polygons))).collect();
    for Lined { line, value: beat } in rows {
        let path = find(areas, &beat.area).map_or("", |area| &area.path);
        let Some((code, shape)) = path.rsplit('/').find_map(|code| shapes.get_key_value(code)) else {
            continue;
        };
        let outside = beat.cells.iter().find(|&cell| {
            let centre = LatLng::from(cell);
            !shape.contains(&Point::new(centre.lng(), centre.lat()))
        });
        if let Some(cell) = outside {
            let detail = format!("the centre of cell {cell} lies outside the outline of area `{code}`");
            scope.faults.push(BEATS.file, *line, "cells", Rule::Cell, detail);
        }
    }
}

/// The centre of the cell nearest to the mean of all centres (beats are small: a flat mean will do).
fn centre(cells: &CellSet) -> Option<Coord> {
    let centres: Vec<Coord> = cells.iter().map(cell_centre).collect();
    let count = i64::try_from(centres.len()).unwrap_or(1).max(1);
    let mean = |of: fn(&Coord) -> i32| centres.iter().map(|at| i64::from(of(at))).sum::<i64>() / count;
    let (lon, lat) = (mean(|at| at.lon), mean(|at| at.lat));
    let square =
        |at: &Coord| i128::from(i64::from(at.lon) - lon).pow(2) + i128::from(i64::from(at.lat) - lat).pow(2);
    centres.iter().copied().min_by_key(square)
}
