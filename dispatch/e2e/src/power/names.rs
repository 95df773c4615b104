//! The names on a disk, which change in order.

use std::collections::BTreeMap;

use super::recording::FileNumber;
use crate::oracle::chance::Chance;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A file.
    File(FileNumber),
    /// A folder.
    Folder,
}

/// A change of names.
#[derive(Clone, Debug)]
pub enum Naming {
    /// A new name.
    New { name: String, of: Named },
    /// One more name of a file that has one.
    Linked { from: String, to: String },
    /// Another name; what had it is gone.
    Renamed { from: String, to: String },
    /// A name less.
    Removed { name: String },
}

impl Naming {
    fn apply(&self, names: &mut BTreeMap<String, Named>) {
        match self {
            Self::New { name, of } => drop(names.insert(name.clone(), *of)),
            Self::Linked { from, to } => {
                let of = names.get(from).copied();
                names.extend(of.map(|of| (to.clone(), of)));
            }
            Self::Renamed { from, to } => {
                let of = names.remove(from);
                names.extend(of.map(|of| (to.clone(), of)));
            }
            Self::Removed { name } => drop(names.remove(name)),
        }
    }

    fn is_in(&self, folder: &str) -> bool {
        let is_in = |name: &String| name.rsplit_once('/').is_some_and(|(of, _)| of == folder);
        match self {
            Self::New { name, .. } | Self::Removed { name } => is_in(name),
            Self::Linked { to, .. } => is_in(to),
            Self::Renamed { from, to } => is_in(from) || is_in(to),
        }
    }

    fn is_new(&self, file: FileNumber) -> bool {
        matches!(self, Self::New { of: Named::File(new), .. } if *new == file)
    }
}

/// The names of one disk.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Changes, each with the step it was.
    changes: Vec<(usize, Naming)>,
    /// How many of them are safe.
    safe: usize,
}

impl Names {
    /// Names were changed, as this step.
    pub fn change(&mut self, step: usize, naming: Naming) {
        self.changes.push((step, naming));
    }

    /// A flush of a folder that began as this step has ended.
    pub fn folder_flushed(&mut self, folder: &str, began: usize) {
        self.are_safe(began, |naming| naming.is_in(folder));
    }

    /// A flush of a file that began as this step has ended: if it is new, its name is safe.
    pub fn file_flushed(&mut self, file: FileNumber, began: usize) {
        self.are_safe(began, |naming| naming.is_new(file));
    }

    /// The last change of this kind before a step, and all before it, are safe.
    fn are_safe(&mut self, began: usize, kind: impl Fn(&Naming) -> bool) {
        let last = self.changes.iter().rposition(|(step, naming)| *step < began && kind(naming));
        self.safe = self.safe.max(last.map_or(0, |last| last + 1));
    }

    /// All of them, as the process sees them.
    pub fn whole(&self) -> BTreeMap<String, Named> {
        self.first(self.changes.len())
    }

    /// What is safe.
    pub fn safe(&self) -> BTreeMap<String, Named> {
        self.first(self.safe)
    }

    /// What may be found of them after the power went.
    pub fn found(&self, chance: &mut Chance) -> BTreeMap<String, Named> {
        let later = self.changes.len() - self.safe;
        let there = match chance.below(3) {
            0 => 0,
            1 => later,
            _ => usize::try_from(chance.below(later as u64 + 1)).unwrap_or_default(),
        };
        self.first(self.safe + there)
    }

    fn first(&self, changes: usize) -> BTreeMap<String, Named> {
        let mut names = BTreeMap::new();
        self.changes[..changes].iter().for_each(|(_, naming)| naming.apply(&mut names));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(names: &mut Names, step: usize, name: &str) {
        names.change(step, Naming::New { name: name.into(), of: Named::File(step) });
    }

    fn found(names: &Names) -> Vec<Vec<String>> {
        let mut found: Vec<Vec<String>> =
            (0..100).map(|seed| names.found(&mut Chance::new(seed, 0)).into_keys().collect()).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn names_are_found_in_order() {
        let mut names = Names::default();
        made(&mut names, 0, "d/a");
        made(&mut names, 1, "d/b");
        names.change(2, Naming::Renamed { from: "d/b".into(), to: "d/a".into() });
        made(&mut names, 3, "d/e/c");
        let all: [&[&str]; 4] = [&[], &["d/a"], &["d/a", "d/b"], &["d/a", "d/e/c"]];
        assert_eq!(found(&names), all, "never the second without the first");
        assert_eq!(names.whole().get("d/a"), Some(&Named::File(1)));
    }

    #[test]
    fn a_flush_makes_names_safe_with_all_before_them() {
        let mut names = Names::default();
        made(&mut names, 0, "d/a");
        made(&mut names, 1, "d/e/b");
        made(&mut names, 2, "d/c");
        names.file_flushed(1, 2);
        assert_eq!(found(&names), [vec!["d/a", "d/c", "d/e/b"], vec!["d/a", "d/e/b"]], "a new file");
        names.folder_flushed("d", 2);
        assert_eq!(names.safe().len(), 2, "the flush had begun before");
        names.folder_flushed("d/e", 9);
        assert_eq!(names.safe().len(), 2, "of another folder");
        names.folder_flushed("d", 9);
        assert_eq!(names.safe().len(), 3);
    }
}
