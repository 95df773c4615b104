//! Where things are: live units, standing points and areas, cells, and how long a way takes.
//!
//! | module | what it answers |
//! |---|---|
//! | [`live`] | which units that match are nearest, within a circle, within a polygon, counted by cell |
//! | [`points`], [`areas`] | the same for what stands still: alarm points, places, jurisdictions, zones |
//! | [`cells`] | H3 cells: beats, tiles, aggregation |
//! | [`middle`] | a spot inside an area, for what is known by its area alone |
//! | [`travel`] | how long a leg takes, with a lower bound that makes searches exact |
//! | [`stale`] | how far a unit may be from its last fix |
//!
//! What is absent, on purpose: input and output, clocks, threads, randomness, unordered maps (D1). Ids are
//! plain integers; what a unit, an order or an area *means* is the business of the crates above.
//! Coordinates are WGS84 integers of 1e-7 degree and distances integer decimetres (D5); floating point
//! stays inside, with operations that give the same bits on every platform, so that answers replay.

pub mod areas;
pub mod cells;
mod coord;
mod filter;
pub mod live;
pub mod middle;
mod number;
pub mod points;
pub mod stale;
pub mod travel;
mod vector;

pub use coord::{Coord, CoordError};
pub use filter::Filter;
pub use live::{Fix, Hit, LiveUnits, Moved, Ranked, Slot, Snapshot};

/// The geometry types that [`areas`] and [`LiveUnits::within_polygon`] take: degrees, x = longitude.
pub use geo;
