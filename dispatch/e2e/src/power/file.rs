//! One file on a disk: what is safe of it, and what was done since.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::oracle::chance::Chance;

/// What a disk writes whole, bytes.
const SECTOR: usize = 512;

/// What was done to a file.
#[derive(Clone, Debug)]
enum Change {
    Written { at: usize, bytes: Arc<[u8]> },
    Cut { length: usize },
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Written { at, bytes } => {
                let end = at + bytes.len();
                to.resize(to.len().max(end), 0);
                to[*at..end].copy_from_slice(bytes);
            }
            Self::Cut { length } => to.resize(*length, 0),
        }
    }
}

/// A file.
#[derive(Clone, Debug, Default)]
pub struct FileOnDisk {
    safe: Vec<u8>,
    /// Changes since, each with the step it was.
    since: Vec<(usize, Change)>,
}

impl FileOnDisk {
    /// Bytes were written, as this step.
    pub fn written(&mut self, step: usize, at: usize, bytes: &[u8]) {
        self.since.push((step, Change::Written { at, bytes: bytes.into() }));
    }

    /// It was cut, or extended, to a length, as this step.
    pub fn cut(&mut self, step: usize, length: usize) {
        self.since.push((step, Change::Cut { length }));
    }

    /// A flush that began as this step has ended.
    pub fn flushed(&mut self, began: usize) {
        let later = self.since.partition_point(|(step, _)| *step < began);
        for (_, change) in self.since.drain(..later) {
            change.apply(&mut self.safe);
        }
    }

    /// All that is safe.
    pub fn safe(&self) -> &[u8] {
        &self.safe
    }

    /// All of it, as the process sees it.
    pub fn whole(&self) -> Vec<u8> {
        self.first(self.since.len())
    }

    /// What may be found of it after the power went: nothing that is not safe, all of it, what was done first, or each
    /// sector by itself.
    pub fn found(&self, chance: &mut Chance) -> Vec<u8> {
        match chance.below(8) {
            0 => self.safe.clone(),
            1 => self.whole(),
            2 => self.first(below(chance, self.since.len() + 1)),
            _ => self.torn(chance),
        }
    }

    fn first(&self, changes: usize) -> Vec<u8> {
        let mut content = self.safe.clone();
        self.since[..changes].iter().for_each(|(_, change)| change.apply(&mut content));
        content
    }

    fn torn(&self, chance: &mut Chance) -> Vec<u8> {
        let shorter =
            |change: &Change, length: usize| matches!(change, Change::Cut { length: to } if *to < length);
        // How many cuts are there; nothing is seen of what came after the first that is not.
        let (mut length, mut cuts) = (self.safe.len(), Vec::new());
        for (index, (_, change)) in self.since.iter().enumerate() {
            if shorter(change, length) {
                cuts.push(index);
            }
            length = match change {
                Change::Written { at, bytes } => length.max(at + bytes.len()),
                Change::Cut { length } => *length,
            };
        }
        cuts.push(self.since.len());
        let seen = cuts[below(chance, cuts.len())];

        let mut content = self.safe.clone();
        let mut lengths = vec![content.len()];
        let mut sectors: BTreeMap<usize, Vec<[u8; SECTOR]>> = BTreeMap::new();
        for (_, change) in &self.since[..seen] {
            let before = content.len();
            match change {
                Change::Written { at, bytes } => {
                    let touched = at / SECTOR..(at + bytes.len()).div_ceil(SECTOR);
                    for number in touched.clone() {
                        sectors.entry(number).or_insert_with(|| vec![sector(&content, number)]);
                    }
                    change.apply(&mut content);
                    for number in touched {
                        let now = sector(&content, number);
                        sectors.entry(number).and_modify(|versions| versions.push(now));
                    }
                }
                Change::Cut { length } if *length < before => {
                    change.apply(&mut content);
                    sectors.retain(|number, _| number * SECTOR < *length);
                    if let Some(versions) = sectors.get_mut(&(length / SECTOR)) {
                        for version in versions {
                            version[length % SECTOR..].fill(0);
                        }
                    }
                    lengths.clear();
                }
                Change::Cut { .. } => change.apply(&mut content),
            }
            if content.len() != before || lengths.is_empty() {
                lengths.push(content.len());
            }
        }
        // Many sectors are missing, few, or hardly any.
        let rarely = [1, 4, 32][below(chance, 3)];
        for (number, versions) in sectors {
            let last = versions.len() - 1;
            let version = if chance.one_in(rarely) { below(chance, versions.len()) } else { last };
            let from = number * SECTOR;
            let length = SECTOR.min(content.len() - from);
            content[from..from + length].copy_from_slice(&versions[version][..length]);
        }
        let length = if chance.one_in(4) { below(chance, lengths.len()) } else { lengths.len() - 1 };
        content.truncate(lengths[length]);
        content
    }
}

fn below(chance: &mut Chance, bound: usize) -> usize {
    usize::try_from(chance.below(bound as u64)).unwrap_or_default()
}

fn sector(content: &[u8], number: usize) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    let there = content.get(number * SECTOR..).unwrap_or_default();
    let length = there.len().min(SECTOR);
    sector[..length].copy_from_slice(&there[..length]);
    sector
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of a file over many cuts.
    fn found(file: &FileOnDisk) -> Vec<Vec<u8>> {
        (0..400).map(|seed| file.found(&mut Chance::new(seed, 0))).collect()
    }

    #[test]
    fn what_was_flushed_stays_and_what_came_after_may_go() {
        let mut file = FileOnDisk::default();
        file.written(0, 0, &[1; 1_000]);
        file.written(2, 100, &[2; 10]);
        file.flushed(2);
        let found = found(&file);
        assert!(found.iter().all(|found| found[..100] == [1; 100] && found.len() == 1_000));
        assert!(found.iter().any(|found| found[100] == 1), "the flush had begun");
        assert!(found.iter().any(|found| found[100] == 2));
        file.flushed(3);
        assert!(super::tests::found(&file).iter().all(|found| found[100..110] == [2; 10]));
    }

    #[test]
    fn sectors_go_one_by_one_and_whole() {
        let mut file = FileOnDisk::default();
        file.written(0, 0, &[1; 4 * SECTOR]);
        file.flushed(1);
        file.written(2, 0, &[2; 4 * SECTOR]);
        let found = found(&file);
        assert!(
            found
                .iter()
                .all(|found| found.chunks(SECTOR).all(|part| part.iter().all(|byte| *byte == part[0])))
        );
        let told = |wanted: [u8; 4]| {
            found.iter().any(|found| std::array::from_fn(|at| found[at * SECTOR]) == wanted)
        };
        assert!(told([2, 1, 2, 2]) && told([1, 2, 1, 1]) && told([1; 4]) && told([2; 4]), "in any order");
    }

    #[test]
    fn a_length_without_its_bytes_reads_as_zeros() {
        let mut file = FileOnDisk::default();
        file.written(0, 0, &[1; 700]);
        let found = found(&file);
        assert!(found.iter().any(|found| found.len() == 700 && found.iter().all(|byte| *byte == 0)));
        assert!(found.iter().any(Vec::is_empty), "or is not there");
        assert!(found.iter().any(|found| found[..] == [1; 700]));
    }

    #[test]
    fn nothing_is_seen_behind_a_cut_that_is_not_there() {
        let mut file = FileOnDisk::default();
        file.written(0, 0, &[1; 2_000]);
        file.flushed(1);
        file.cut(2, 600);
        file.written(3, 600, &[3; 100]);
        for found in found(&file) {
            let old = found.len() == 2_000 && found.iter().all(|byte| *byte == 1);
            let new = found.len() <= 700 && found[..600] == [1; 600];
            assert!(old || new, "{} bytes", found.len());
            assert!(new || !found.contains(&3));
            assert!(
                found[600..].iter().all(|byte| [0, 3].contains(byte)) || old,
                "old bytes never come back"
            );
        }
    }
}
