//! A region package: read from bytes, checked as a whole, named by its content.
//!
//! Leaves out: directories and the embedded packages ([`crate::directory`], [`crate::embedded`]); this is pure.

use std::{collections::BTreeMap, fmt};

use crate::{base_map::BaseMap, fault::Fault, manifest::Manifest, register::Register};

/// The files of a package by name relative to its folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The content hash of a package: BLAKE3 over every file name and its bytes, in order of name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// The hash of `files`. Names and bytes are each preceded by their length, so no two packages run together.
    pub fn of(files: &Files) -> Self {
        let mut hasher = blake3::Hasher::new();
        for (name, bytes) in files {
            for part in [name.as_bytes(), bytes] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ContentHash({self})")
    }
}

/// A region package without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Content hash: the same bytes give the same package on every machine.
    pub hash: ContentHash,
    /// What the package says about itself.
    pub manifest: Manifest,
    /// What the node takes into its journal.
    pub register: Register,
    /// What is drawn.
    pub base_map: BaseMap,
    /// `SOURCES.md`: source, licence and processing of every part.
    pub sources: String,
}

impl Package {
    /// Reads and checks the files of a package. Every fault found is returned, in order of file and line; checks that
    /// need a part which is itself at fault are not made.
    pub fn read(files: &Files) -> Result<Self, Vec<Fault>> {
        crate::load::read(files)
    }
}
