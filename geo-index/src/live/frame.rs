//! The lon/lat grid: which cell a place is in, and how near anything in a cell can be.
//!
//! Longitudes are offsets from a *seam* opposite the middle of the units, so that the antimeridian is an
//! ordinary place. The grid covers where most units are; its outermost cells reach to the seam and to the
//! poles, so that every place on the globe has a cell. All bounds are angles on the sphere, true everywhere; nothing is
//! projected.

use crate::coord::Coord;
use crate::number::{float, index, low, nearest_u32, short};
use crate::vector::RADIANS_PER_UNIT;

const TURN: u32 = 3_600_000_000;
const HALF_TURN_I64: i64 = 1_800_000_000;
const POLE_TO_POLE: u32 = 1_800_000_000;
/// Cells along one side of a coarse cell, as a power of two: 8.
pub(super) const COARSE_SHIFT: u32 = 3;
/// No cell is narrower than this (about 1 m): denser units share a cell.
const CELL_MIN: u32 = 100;
/// Units whose places decide the box of a rebuilt grid.
const SAMPLE_MAX: usize = 4_096;

/// One direction of the grid: equal steps over `[low, low + cells * step)`, the ends open to the limit.
#[derive(Clone, Debug)]
struct Axis {
    low: u32,
    /// 2^32 / step, rounded down: dividing by multiplying.
    inverse: u64,
    last: u32,
    /// Offsets at which cells begin; the last one is the limit of the axis.
    edges: Vec<u32>,
}

impl Axis {
    fn new(low_end: u32, width: u32, cells: u32, limit: u32) -> Self {
        let inverse = (u64::from(cells) << 32) / u64::from(width);
        let mut edges: Vec<u32> = (0..cells)
            .map(|cell| {
                let offset = (u64::from(cell) << 32).div_ceil(inverse);
                low((u64::from(low_end) + offset).min(u64::from(limit)))
            })
            .collect();
        edges[0] = 0;
        edges.push(limit);
        Self { low: low_end, inverse, last: cells - 1, edges }
    }

    #[inline]
    fn cell(&self, offset: u32) -> u32 {
        let scaled = (u64::from(offset.saturating_sub(self.low)) * self.inverse) >> 32;
        low(scaled.min(u64::from(self.last)))
    }

    #[inline]
    fn edge(&self, cell: u32) -> u32 {
        self.edges[index(cell)]
    }
}

/// The grid without its content.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    seam: i64,
    columns: Axis,
    rows: Axis,
    /// Smallest cosine of latitude in each row.
    row_cos: Vec<f64>,
}

/// A cell, by its place in the dense arrays of cells and of coarse cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CellAt {
    pub number: usize,
    pub coarse: usize,
}

/// A place as the grid sees it: offsets from seam and south pole, and its cosine of latitude.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub x: u32,
    pub y: u32,
    pub column: u32,
    pub row: u32,
    pub cos: f64,
}

impl Frame {
    /// A grid over the globe, for an empty index.
    pub(super) fn globe() -> Self {
        Self::cover(0, (0, TURN), (0, POLE_TO_POLE), 64)
    }

    /// A grid of about `cells` cells over where these places are.
    pub(super) fn around(places: impl ExactSizeIterator<Item = Coord>, cells: usize) -> Self {
        let stride = places.len().div_ceil(SAMPLE_MAX).max(1);
        let sample: Vec<Coord> = places.step_by(stride).collect();
        if sample.is_empty() {
            return Self::globe();
        }
        let middle = middle_of_longitudes(&sample);
        let seam = wrap(middle + HALF_TURN_I64);
        let xs = core_range(sample.iter().map(|at| offset_from(seam, at.lon)).collect(), TURN);
        let ys = core_range(sample.iter().map(|at| offset_lat(at.lat)).collect(), POLE_TO_POLE);
        Self::cover(seam, xs, ys, cells)
    }

    fn cover(seam: i64, (west, east): (u32, u32), (south, north): (u32, u32), cells: usize) -> Self {
        let (width, height) = ((east - west).max(CELL_MIN), (north - south).max(CELL_MIN));
        let middle_lat = f64::from(south + (north - south) / 2) * RADIANS_PER_UNIT;
        // Sine of the offset from the pole is the cosine of latitude.
        let squeeze = libm::sin(middle_lat).max(0.01);
        let side = (f64::from(width) * squeeze * f64::from(height) / float(cells)).sqrt().max(1.0);
        let rows = whole_coarse(nearest_u32(f64::from(height) / side), cells);
        let columns = whole_coarse(short(cells) / rows, cells);
        let (width, height) = (width.max(columns * CELL_MIN), height.max(rows * CELL_MIN));
        let columns = Axis::new(west, width, columns, TURN);
        let rows = Axis::new(south, height, rows, POLE_TO_POLE);
        let cos_at = |y: u32| libm::sin(f64::from(y) * RADIANS_PER_UNIT).max(0.0);
        let row_cos = rows.edges.windows(2).map(|pair| cos_at(pair[0]).min(cos_at(pair[1]))).collect();
        Self { seam, columns, rows, row_cos }
    }

    /// From a cell to the one north of it.
    #[inline]
    pub(super) fn stride(&self) -> usize {
        index(self.columns.last + 1)
    }

    pub(super) fn cell_count(&self) -> usize {
        index(self.columns.last + 1) * index(self.rows.last + 1)
    }

    pub(super) fn coarse_columns(&self) -> u32 {
        (self.columns.last + 1) >> COARSE_SHIFT
    }

    #[inline]
    pub(super) fn cell_at(&self, column: u32, row: u32) -> usize {
        index(row) * index(self.columns.last + 1) + index(column)
    }

    #[inline]
    pub(super) fn coarse_at(&self, column: u32, row: u32) -> usize {
        index(row) * index(self.coarse_columns()) + index(column)
    }

    /// The 64 cells of a coarse cell.
    pub(super) fn cells_of_coarse(&self, coarse: usize) -> impl Iterator<Item = usize> + use<> {
        let width = index(self.columns.last + 1);
        let coarse_width = width >> COARSE_SHIFT;
        let corner = ((coarse / coarse_width) * width + coarse % coarse_width) << COARSE_SHIFT;
        (0..8).flat_map(move |row| (0..8).map(move |column| corner + row * width + column))
    }

    #[inline]
    pub(super) fn cell_of(&self, at: Coord) -> CellAt {
        let column = self.columns.cell(offset_from(self.seam, at.lon));
        let row = self.rows.cell(offset_lat(at.lat));
        CellAt {
            number: self.cell_at(column, row),
            coarse: self.coarse_at(column >> COARSE_SHIFT, row >> COARSE_SHIFT),
        }
    }

    /// Whether a place lies in the box that the cells divide evenly, not in the open ends.
    pub(super) fn inside_box(&self, at: Coord) -> bool {
        let inside = |axis: &Axis, offset: u32| {
            offset >= axis.low && (u64::from(offset - axis.low) * axis.inverse) >> 32 <= u64::from(axis.last)
        };
        inside(&self.columns, offset_from(self.seam, at.lon)) && inside(&self.rows, offset_lat(at.lat))
    }

    pub(super) fn spot(&self, at: Coord, cos: f64) -> Spot {
        let (x, y) = (offset_from(self.seam, at.lon), offset_lat(at.lat));
        Spot { x, y, column: self.columns.cell(x), row: self.rows.cell(y), cos }
    }

    /// Inclusive ranges of columns that a span of longitudes touches: two when it crosses the seam.
    pub(super) fn column_ranges(&self, west: i32, east: i32) -> [Option<(u32, u32)>; 2] {
        if i64::from(east) - i64::from(west) >= i64::from(TURN) {
            return [Some((0, self.columns.last)), None];
        }
        let (from, to) = (offset_from(self.seam, west), offset_from(self.seam, east));
        let (first, last) = (self.columns.cell(from), self.columns.cell(to));
        if from <= to {
            [Some((first, last)), None]
        } else if last < first {
            [Some((0, last)), Some((first, self.columns.last))]
        } else {
            [Some((0, self.columns.last)), None]
        }
    }

    /// Inclusive range of rows that a span of latitudes touches.
    pub(super) fn row_range(&self, south: i32, north: i32) -> (u32, u32) {
        (self.rows.cell(offset_lat(south)), self.rows.cell(offset_lat(north)))
    }

    /// Least squared chord to anything east of `column`; infinite when nothing is.
    pub(super) fn east_of(&self, spot: &Spot, column: u32) -> f64 {
        if column == self.columns.last {
            return f64::INFINITY;
        }
        let edge = self.columns.edge(column + 1);
        across_meridian(spot, around(spot.x, edge).min(around(spot.x, 0)))
    }

    /// Least squared chord to anything west of `column`.
    pub(super) fn west_of(&self, spot: &Spot, column: u32) -> f64 {
        if column == 0 {
            return f64::INFINITY;
        }
        across_meridian(spot, around(spot.x, self.columns.edge(column)).min(around(spot.x, 0)))
    }

    /// Least squared chord to anything north of `row`.
    pub(super) fn north_of(&self, spot: &Spot, row: u32) -> f64 {
        if row == self.rows.last {
            return f64::INFINITY;
        }
        chord2_floor(self.rows.edge(row + 1).saturating_sub(spot.y))
    }

    /// Least squared chord to anything south of `row`.
    pub(super) fn south_of(&self, spot: &Spot, row: u32) -> f64 {
        if row == 0 {
            return f64::INFINITY;
        }
        chord2_floor(spot.y.saturating_sub(self.rows.edge(row)))
    }

    /// The part of a cell's least squared chord that its rows decide, and the factor of the other part:
    /// haversine, 4 sin^2(dlat/2) + cos cos' 4 sin^2(dlon/2).
    pub(super) fn row_part(&self, spot: &Spot, first: u32, last: u32) -> (f64, f64) {
        let (south, north) = (self.rows.edge(first), self.rows.edge(last + 1));
        let gap = south.saturating_sub(spot.y).max(spot.y.saturating_sub(north));
        // Cosine has one hump between the poles: its least value over a span of rows is at an end.
        let cos = self.row_cos[index(first)].min(self.row_cos[index(last)]);
        (chord2_floor(gap), spot.cos * cos)
    }

    /// Least 4 sin^2(dlon/2) to anything in these columns.
    #[inline]
    pub(super) fn column_part(&self, spot: &Spot, first: u32, last: u32) -> f64 {
        let (west, east) = (self.columns.edge(first), self.columns.edge(last + 1));
        if west <= spot.x && spot.x <= east {
            return 0.0;
        }
        chord2_floor(around(spot.x, west).min(around(spot.x, east)))
    }
}

/// The shorter way round between two offsets.
#[inline]
fn around(a: u32, b: u32) -> u32 {
    let gap = a.abs_diff(b);
    gap.min(TURN - gap)
}

/// 4 sin^2(a/2) from below: a^2 - a^4/12, since sin t >= t - t^3/6. Held constant past 2.4 rad, where the
/// polynomial would fall again.
#[inline]
fn chord2_floor(units: u32) -> f64 {
    let angle = (f64::from(units) * RADIANS_PER_UNIT).min(2.4);
    let square = angle * angle;
    square - square * square * (1.0 / 12.0)
}

/// Least squared chord from a spot to a meridian `units` of longitude away, at whatever latitude: the
/// great circle's cross-track distance, sin = cos(lat) sin(dlon), and a chord is never below that sine.
#[inline]
fn across_meridian(spot: &Spot, units: u32) -> f64 {
    let angle = (f64::from(units) * RADIANS_PER_UNIT).min(1.2);
    let square = angle * angle;
    spot.cos * spot.cos * (square - square * square * (1.0 / 3.0))
}

#[inline]
fn offset_from(seam: i64, lon: i32) -> u32 {
    low(wrapped(i64::from(lon) - seam).unsigned_abs())
}

/// Into `0..TURN`, for numbers less than two turns away.
#[inline]
fn wrapped(value: i64) -> i64 {
    let turn = i64::from(TURN);
    let value = if value < 0 { value + turn } else { value };
    if value >= turn { value - turn } else { value }
}

fn wrap(value: i64) -> i64 {
    let turned = value.rem_euclid(i64::from(TURN));
    if turned >= HALF_TURN_I64 { turned - i64::from(TURN) } else { turned }
}

#[inline]
fn offset_lat(lat: i32) -> u32 {
    low((i64::from(lat) + HALF_TURN_I64 / 2).clamp(0, HALF_TURN_I64).unsigned_abs())
}

/// A multiple of eight that leaves at least eight for the other direction.
fn whole_coarse(cells: u32, total: usize) -> u32 {
    let most = (short(total) >> COARSE_SHIFT).clamp(8, 1 << 14);
    cells.clamp(8, most).div_ceil(8) * 8
}

/// The middle of the shortest arc that holds all longitudes.
fn middle_of_longitudes(sample: &[Coord]) -> i64 {
    let mut lons: Vec<i64> = sample.iter().map(|at| i64::from(at.lon)).collect();
    lons.sort_unstable();
    let (first, last) = (lons[0], lons[lons.len() - 1]);
    let mut widest = (first + i64::from(TURN) - last, last);
    for pair in lons.windows(2) {
        let gap = pair[1] - pair[0];
        if gap > widest.0 {
            widest = (gap, pair[0]);
        }
    }
    wrap(widest.1 + widest.0 / 2 + HALF_TURN_I64)
}

/// Where the sampled offsets are: all of them, or without the outermost fiftieth when a few stray far.
fn core_range(mut offsets: Vec<u32>, limit: u32) -> (u32, u32) {
    offsets.sort_unstable();
    let count = offsets.len();
    let (first, last) = (offsets[0], offsets[count - 1]);
    let (inner_first, inner_last) = (offsets[count / 50], offsets[count - 1 - count / 50]);
    let (from, to) = if (last - first) / 2 > inner_last - inner_first && count >= 50 {
        (inner_first, inner_last)
    } else {
        (first, last)
    };
    let margin = (to - from) / 64 + 1;
    (from.saturating_sub(margin), to.saturating_add(margin).min(limit))
}
