//! Region packages: everything that is particular to a place, as data.
//!
//! A package is a folder of TOML, CSV and `GeoJSON` (`docs/region-package.md` describes every file). [`Package::read`]
//! checks the whole of it and either returns plain typed structs or every fault with its file and line.
//! Coordinates are integers of 1e-7 degrees, durations milliseconds, speeds metres per hour: nothing read from a
//! package into the register is a floating point number.
//!
//! ```
//! let files = region::embedded("xilingol").expect("compiled in");
//! let league = region::Package::read(&files).expect("a whole package");
//! let beat = &league.register.beats[0];
//! let area = league.register.area(&beat.area).expect("checked on reading");
//! assert!(area.path.starts_with("1525/152501/"));
//! ```
//!
//! Leaves out: what the centre does with a region. This crate knows no command, event or policy.

pub mod base_map;
pub mod cells;
pub mod directory;
pub mod embedded;
pub mod fault;
pub mod forces;
pub mod layers;
mod load;
pub mod manifest;
pub mod names;
pub mod outline;
pub mod package;
pub mod places;
pub mod register;
pub mod response;
pub mod staff;

pub use directory::read_directory;
pub use embedded::embedded;
pub use fault::{Fault, Rule};
pub use layers::Layer;
pub use manifest::Manifest;
pub use names::Names;
pub use package::{ContentHash, Files, Package};
pub use register::Register;

pub use geo_index::Coord;
