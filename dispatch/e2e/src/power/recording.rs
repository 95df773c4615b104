//! What a node did to its disks, in order, as `preload/disk_log.c` wrote it down.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};

/// Bytes of a record before its path or bytes.
const HEAD: usize = 40;

/// A file by its number in the recording: the same place may hold one after another.
pub type FileNumber = usize;

/// One thing that was done. Names are paths below the folder of the recording; the first part of one is its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new file got its first name.
    Created { file: FileNumber, name: String },
    /// A new folder.
    Folder { name: String },
    /// A file got one more name.
    Linked { from: String, to: String },
    /// A file's name was changed.
    Renamed { from: String, to: String },
    /// A name was removed.
    Unlinked { name: String },
    /// A folder was removed.
    FolderRemoved { name: String },
    /// Bytes were written at a place; they lie here in the recording.
    Written { file: FileNumber, at: u64, bytes: Range<usize> },
    /// A file was cut, or extended, to a length.
    Cut { file: FileNumber, length: u64 },
    /// A flush of a file began.
    FileFlush { flush: u64, file: FileNumber },
    /// A flush of a folder began.
    FolderFlush { flush: u64, name: String },
    /// A flush ended.
    Flushed { flush: u64 },
}

/// A recording.
#[derive(Debug)]
pub struct Recording {
    bytes: Vec<u8>,
    /// Each step, with where it ends in the recording.
    pub steps: Vec<(u64, Step)>,
    /// The first name of each file.
    pub names: Vec<String>,
}

impl Recording {
    /// Of a log, of a node whose disks lie in `folder`.
    pub fn read(bytes: Vec<u8>, folder: &str) -> Result<Self> {
        let mut steps = Vec::new();
        let mut names = Vec::new();
        // The file that has a place (inode) in this moment.
        let mut places: BTreeMap<u64, FileNumber> = BTreeMap::new();
        let mut at = 0;
        while let Some(head) = bytes.get(at..at + HEAD) {
            let word =
                |place: usize| u64::from_le_bytes(std::array::from_fn(|byte| head[8 + 8 * place + byte]));
            let half = |place: usize| u32::from_le_bytes(std::array::from_fn(|byte| head[place + byte]));
            let end = at + usize::try_from(half(0))?;
            ensure!(end >= at + HEAD && end <= bytes.len(), "the record at byte {at} is cut off");
            let rest = at + HEAD..end;
            let name = || Ok::<_, anyhow::Error>(below(std::str::from_utf8(&bytes[rest.clone()])?, folder));
            let both = || {
                let (from, to) =
                    std::str::from_utf8(&bytes[rest.clone()])?.split_once('\n').context("two paths")?;
                Ok::<_, anyhow::Error>((below(from, folder), below(to, folder)))
            };
            let file = |place: u64| places.get(&place).copied().context("a file that was never made");
            let step = match half(4) {
                1 => {
                    let (file, name) = (names.len(), name()?);
                    places.insert(word(0), file);
                    names.push(name.clone());
                    Step::Created { file, name }
                }
                2 => Step::Folder { name: name()? },
                3 => both().map(|(from, to)| Step::Linked { from, to })?,
                4 => both().map(|(from, to)| Step::Renamed { from, to })?,
                5 => Step::Unlinked { name: name()? },
                6 => Step::FolderRemoved { name: name()? },
                7 => Step::Written { file: file(word(0))?, at: word(1), bytes: rest },
                8 => Step::Cut { file: file(word(0))?, length: word(1) },
                9 if word(1) == 0 => Step::FolderFlush { flush: word(0), name: name()? },
                9 => Step::FileFlush { flush: word(0), file: file(word(1))? },
                10 => Step::Flushed { flush: word(0) },
                11 => bail!("{} is mapped to be written, which no recording can follow", name()?),
                other => bail!("a record of kind {other}"),
            };
            steps.push((u64::try_from(end)?, step));
            at = end;
        }
        ensure!(at == bytes.len(), "the last record is cut off");
        Ok(Self { bytes, steps, names })
    }

    /// What was written.
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes[range.clone()]
    }

    /// Its length.
    pub fn length(&self) -> u64 {
        self.bytes.len() as u64
    }
}

fn below(path: &str, folder: &str) -> String {
    path.strip_prefix(folder).unwrap_or(path).trim_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u32, numbers: [u64; 4], rest: &str) -> Vec<u8> {
        let length = u32::try_from(HEAD + rest.len()).unwrap();
        let mut bytes = [length.to_le_bytes(), kind.to_le_bytes()].concat();
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(rest.as_bytes());
        bytes
    }

    #[test]
    fn a_place_that_is_used_again_is_another_file() {
        let bytes = [
            record(1, [7, 0, 0, 0], "/x/data/a"),
            record(7, [7, 3, 0, 0], "one"),
            record(5, [0; 4], "/x/data/a"),
            record(1, [7, 0, 0, 0], "/x/data/b"),
            record(9, [1, 7, 0, 0], "/x/data/b"),
            record(9, [2, 0, 0, 0], "/x/data"),
        ];
        let read = Recording::read(bytes.concat(), "/x").unwrap();
        assert_eq!(read.names, ["data/a", "data/b"]);
        let Step::Written { file: 0, at: 3, bytes } = &read.steps[1].1 else { panic!("{:?}", read.steps[1]) };
        assert_eq!(read.bytes(bytes), b"one");
        assert_eq!(read.steps[4].1, Step::FileFlush { flush: 1, file: 1 });
        assert_eq!(read.steps[5].1, Step::FolderFlush { flush: 2, name: "data".into() });
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        assert!(Recording::read(record(11, [7, 0, 0, 0], "/x/data/a"), "/x").is_err(), "mapped");
        assert!(Recording::read(record(7, [9, 0, 0, 0], "?"), "/x").is_err(), "never made");
        let whole = record(2, [0; 4], "/x/data/a");
        assert!(Recording::read(whole[..whole.len() - 1].to_vec(), "/x").is_err(), "cut off");
        assert!(Recording::read(whole[..9].to_vec(), "/x").is_err(), "cut off in its head");
    }
}
