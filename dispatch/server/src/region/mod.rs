//! The region a node serves: its package read and checked, made into what the core adopts, and into what is drawn.
//!
//! Leaves out: the register in force, which is state and changes by commands; this is the package as it came.

mod adoption;
mod archive;
mod geography;
mod hidden;
mod in_force;
pub mod layers;
mod names;

use std::path::Path;
use std::sync::Arc;

use dispatch_core::command::AdoptRegion;
use dispatch_core::seek::live_map::Geography;
use dispatch_store::Content;
use region::{ContentHash, Fault, Files, Manifest, Package};

pub use self::in_force::InForce;
use self::layers::Layers;
use crate::clock::Calendar;
use crate::folder::{self, Outside};

/// A package, ready to be adopted and drawn.
#[derive(Debug)]
pub struct Region {
    /// What the package says about itself.
    pub manifest: Manifest,
    /// Its content hash, hex.
    pub hash: String,
    /// What is drawn, encoded.
    pub layers: Layers,
    /// Days and hours in its zone.
    pub calendar: Calendar,
    files: Files,
    package: Arc<Package>,
}

/// Why there is no region.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// There is neither an embedded package nor a folder of this name.
    #[error("there is no region {0:?}: name an embedded one ({1}) or a folder")]
    Unknown(String, String),
    /// The folder cannot be read.
    #[error("{path}: {source}")]
    Folder {
        /// Path of the folder.
        path: String,
        /// What the system said when it was read.
        #[source]
        source: std::io::Error,
    },
    /// It is not in the folder of regions.
    #[error("{0}")]
    Outside(Outside),
    /// A file of the package leads out of the folder of regions.
    #[error("{0} leads out of the folder of regions")]
    Link(String),
    /// The package is at fault; one line for each.
    #[error("the package has {}", listed(.0))]
    Faults(Vec<Fault>),
    /// The content kept in the journal cannot be read.
    #[error("the region kept in the journal cannot be read: {0}")]
    Archive(String),
}

fn listed(faults: &[Fault]) -> String {
    let noun = if faults.len() == 1 { "fault" } else { "faults" };
    let lines = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
    format!("{} {noun}:\n{}", faults.len(), lines.join("\n"))
}

impl Region {
    /// Finds a package by the id of an embedded one or by its folder.
    pub fn find(name: &str) -> Result<Self, RegionError> {
        if let Some(files) = region::embedded(name) {
            return Self::of(files);
        }
        let folder = Path::new(name);
        if !folder.is_dir() {
            let ids = region::embedded::ids().collect::<Vec<_>>().join(", ");
            return Err(RegionError::Unknown(name.to_owned(), ids));
        }
        let wrapped = |source| RegionError::Folder { path: name.to_owned(), source };
        Self::shown_as_written(region::read_directory(folder).map_err(wrapped)?)
    }

    /// A package that comes from outside: nothing in it shows as something else. One that is in a journal is as it is.
    pub fn shown_as_written(files: Files) -> Result<Self, RegionError> {
        match hidden::faults(&files) {
            faults if faults.is_empty() => Self::of(files),
            faults => Err(RegionError::Faults(faults)),
        }
    }

    /// Finds a package by the id of an embedded one, or in the folder of regions by its name there: for those who ask from
    /// elsewhere, and are shown nothing outside of it.
    pub fn find_within(name: &str, regions: Option<&Path>) -> Result<Self, RegionError> {
        if let Some(files) = region::embedded(name) {
            return Self::of(files);
        }
        let unknown =
            || RegionError::Unknown(name.to_owned(), region::embedded::ids().collect::<Vec<_>>().join(", "));
        let regions = regions.ok_or_else(unknown)?;
        let found = folder::place(regions, name, "regions").map_err(RegionError::Outside)?;
        if !found.is_dir() {
            return Err(unknown());
        }
        let wrapped = |source| RegionError::Folder { path: name.to_owned(), source };
        let root = regions.canonicalize().map_err(wrapped)?;
        for entry in std::fs::read_dir(&found).map_err(wrapped)? {
            let file = entry.map_err(wrapped)?;
            if !file.path().canonicalize().is_ok_and(|file| file.starts_with(&root)) {
                return Err(RegionError::Link(file.file_name().to_string_lossy().into_owned()));
            }
        }
        let files = region::read_directory(&found).map_err(wrapped)?;
        Self::shown_as_written(files)
    }

    /// The hash a package is named by, hex, from its bytes as the journal keeps it.
    pub fn hash_of(bytes: &[u8]) -> Result<String, String> {
        archive::unpack(bytes).map(|files| ContentHash::of(&files).to_string())
    }

    /// The package as the journal keeps it.
    pub fn kept(content: &Content) -> Result<Self, RegionError> {
        Self::of(archive::unpack(&content.bytes).map_err(RegionError::Archive)?)
    }

    fn of(files: Files) -> Result<Self, RegionError> {
        let package = Package::read(&files).map_err(RegionError::Faults)?;
        Ok(Self {
            manifest: package.manifest.clone(),
            hash: package.hash.to_string(),
            layers: Layers::of(&package),
            calendar: Calendar::of(&package.manifest.zone),
            files,
            package: Arc::new(package),
        })
    }

    /// The package itself.
    pub fn package(&self) -> Arc<Package> {
        self.package.clone()
    }

    /// The command that adopts it.
    pub fn adoption(&self) -> AdoptRegion {
        adoption::of(&self.package)
    }

    /// What the journal keeps with the adoption.
    pub fn content(&self) -> Content {
        Self::packed(&self.files)
    }

    /// Files as a journal keeps a package of them.
    pub fn packed(files: &Files) -> Content {
        Content { hash: ContentHash::of(files).to_string(), bytes: archive::pack(files) }
    }

    /// Its ground, as the writer's field needs it.
    pub fn geography(&self) -> Geography {
        geography::of(&self.package)
    }
}
