//! What a package says about itself: the head of `region.toml`.

use serde::{Deserialize, Serialize};

use crate::names::Names;

/// The version of the package format this loader reads.
pub const FORMAT_VERSION: u32 = 1;

/// The head of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version; always [`FORMAT_VERSION`] once read.
    pub format: u32,
    /// Package id: lower case ASCII letters, digits and `-`.
    pub id: String,
    /// The package's own version, free text such as `2026.1`.
    pub version: String,
    /// Name of the region.
    pub names: Names,
    /// IANA time zone, checked to exist.
    pub zone: String,
    /// Language a name falls back to; every name has it.
    pub default_language: String,
    /// Languages the package has names in, the default first.
    pub languages: Vec<String>,
    /// H3 resolution of cells (7 for Xilingol).
    pub cell_resolution: u8,
    /// H3 resolution of the stream's tiles, coarser than the cells'.
    pub tile_resolution: u8,
    /// Parts that are generated samples rather than the real register, as `beats`; screens say so.
    pub generated: Vec<String>,
    /// One line naming the sources, to be shown on the map.
    pub attribution: String,
}
