//! The disks of a recording, up to a moment.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::file::FileOnDisk;
use super::names::{Named, Names, Naming};
use super::recording::{FileNumber, Recording, Step};
use crate::oracle::chance::Chance;

/// What a flush is of.
#[derive(Clone, Debug)]
enum FlushOf {
    File(FileNumber),
    Folder(String),
}

/// Disks.
#[derive(Debug, Default)]
pub struct Disks {
    files: Vec<FileOnDisk>,
    /// By the first part of their names.
    names: BTreeMap<String, Names>,
    /// Flushes under way, with the step they began as.
    flushes: BTreeMap<u64, (usize, FlushOf)>,
}

impl Disks {
    /// As they were when so many steps were done. Flushes of files that are named as `lying` says do nothing.
    pub fn after(recording: &Recording, steps: usize, lying: Option<&str>) -> Result<Self> {
        let mut disks = Self::default();
        for (number, (_, step)) in recording.steps[..steps].iter().enumerate() {
            disks.take(recording, number, step, lying)?;
        }
        Ok(disks)
    }

    fn take(&mut self, recording: &Recording, number: usize, step: &Step, lying: Option<&str>) -> Result<()> {
        let new = |name: &String, of| (name.clone(), Naming::New { name: name.clone(), of });
        let naming = match step.clone() {
            Step::Created { file, name } => {
                self.files.push(FileOnDisk::default());
                Some(new(&name, Named::File(file)))
            }
            Step::Folder { name } => Some(new(&name, Named::Folder)),
            Step::Linked { from, to } => Some((to.clone(), Naming::Linked { from, to })),
            Step::Renamed { from, to } => Some((to.clone(), Naming::Renamed { from, to })),
            Step::Unlinked { name } | Step::FolderRemoved { name } => {
                Some((name.clone(), Naming::Removed { name }))
            }
            Step::Written { file, at, bytes } => {
                self.files[file].written(number, usize::try_from(at)?, recording.bytes(&bytes));
                None
            }
            Step::Cut { file, length } => {
                self.files[file].cut(number, usize::try_from(length)?);
                None
            }
            Step::FileFlush { flush, file } => {
                if lying.is_none_or(|lying| !recording.names[file].ends_with(lying)) {
                    self.flushes.insert(flush, (number, FlushOf::File(file)));
                }
                None
            }
            Step::FolderFlush { flush, name } => {
                self.flushes.insert(flush, (number, FlushOf::Folder(name)));
                None
            }
            Step::Flushed { flush } => {
                match self.flushes.remove(&flush) {
                    Some((began, FlushOf::File(file))) => {
                        self.files[file].flushed(began);
                        self.of(&recording.names[file]).file_flushed(file, began);
                    }
                    Some((began, FlushOf::Folder(name))) => self.of(&name).folder_flushed(&name, began),
                    None => {}
                }
                None
            }
        };
        if let Some((name, naming)) = naming {
            self.of(&name).change(number, naming);
        }
        Ok(())
    }

    fn of(&mut self, name: &str) -> &mut Names {
        let disk = name.split('/').next().unwrap_or_default();
        self.names.entry(disk.to_owned()).or_default()
    }

    /// What is safe of the files below a folder, by name.
    pub fn safe_below(&self, folder: &str) -> BTreeMap<String, &[u8]> {
        let names = self.names.values().flat_map(Names::safe);
        let files = names.filter(|(name, _)| name.starts_with(folder)).filter_map(|(name, of)| match of {
            Named::File(file) => Some((name, self.files[file].safe())),
            Named::Folder => None,
        });
        files.collect()
    }

    /// Every file as the process sees it, by name.
    pub fn whole(&self) -> BTreeMap<String, Vec<u8>> {
        let names = self.names.values().flat_map(Names::whole);
        let files = names.filter_map(|(name, of)| match of {
            Named::File(file) => Some((name, self.files[file].whole())),
            Named::Folder => None,
        });
        files.collect()
    }

    /// Makes what may be found after the power went, in a folder.
    pub fn found(&self, chance: &mut Chance, into: &Path) -> Result<()> {
        for names in self.names.values() {
            let mut contents: BTreeMap<FileNumber, Vec<u8>> = BTreeMap::new();
            // A folder comes before what is in it.
            for (name, of) in names.found(chance) {
                let path = into.join(&name);
                match of {
                    Named::Folder => std::fs::create_dir(&path),
                    Named::File(file) => {
                        let content = contents.entry(file).or_insert_with(|| self.files[file].found(chance));
                        std::fs::write(&path, content)
                    }
                }
                .with_context(|| format!("make {name}"))?;
            }
        }
        Ok(())
    }
}
