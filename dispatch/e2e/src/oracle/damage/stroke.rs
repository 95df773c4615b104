//! What is done to a file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::chance::Chance;

/// What a disk, or a hand, does to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Bits of this byte are turned.
    Flipped {
        /// Which byte.
        at: usize,
        /// Which bits.
        by: u8,
    },
    /// It ends early.
    Cut {
        /// Bytes that are left.
        to: usize,
    },
    /// Some of it reads as zeros.
    Zeroed {
        /// From which byte.
        from: usize,
        /// How many.
        len: usize,
    },
    /// Something else stands behind its end.
    Grown {
        /// How many bytes.
        by: usize,
    },
    /// It is as it was before.
    Older,
    /// It is gone.
    Removed,
}

impl Stroke {
    /// One that can be done to a file, by chance; `older` is what it was before, if it was there.
    pub fn choose(chance: &mut Chance, path: &Path, older: &Path) -> Result<Self> {
        let len = usize::try_from(fs::metadata(path)?.len())?;
        let below =
            |chance: &mut Chance, bound: usize| usize::try_from(chance.below(bound as u64)).unwrap_or(0);
        if len == 0 {
            return Ok(if chance.one_in(2) {
                Self::Removed
            } else {
                Self::Grown { by: 1 + below(chance, 600) }
            });
        }
        Ok(match chance.below(12) {
            0..=4 => Self::Flipped { at: below(chance, len), by: 1 << chance.below(8) },
            5 | 6 => Self::Cut { to: below(chance, len) },
            7 | 8 => {
                // A sector, a page, or all of it.
                let unit = [512, 4_096, len][below(chance, 3)];
                let from = below(chance, len) / unit * unit;
                Self::Zeroed { from, len: unit.min(len - from) }
            }
            9 => Self::Grown { by: 1 + below(chance, 600) },
            10 if older.exists() => Self::Older,
            _ => Self::Removed,
        })
    }

    /// Does it.
    pub fn strike(&self, path: &Path, older: &Path) -> Result<()> {
        let mut bytes = fs::read(path)?;
        match *self {
            Self::Flipped { at, by } => bytes[at] ^= by,
            Self::Cut { to } => bytes.truncate(to),
            Self::Zeroed { from, len } => bytes[from..from + len].fill(0),
            Self::Grown { by } => bytes.extend(std::iter::repeat_n(0x5a, by)),
            Self::Older => bytes = fs::read(older)?,
            Self::Removed => return Ok(fs::remove_file(path)?),
        }
        Ok(fs::write(path, bytes)?)
    }
}

/// The same file in another folder.
pub fn same_in(path: &Path, folder: &Path, other: &Path) -> PathBuf {
    path.strip_prefix(folder).map_or_else(|_| other.to_owned(), |within| other.join(within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stroke_changes_the_file_as_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let (path, older) = (dir.path().join("now"), dir.path().join("older"));
        fs::write(&older, b"older").unwrap();
        for (stroke, left) in [
            (Stroke::Flipped { at: 1, by: 0x80 }, Some(&b"a\xe2cdef"[..])),
            (Stroke::Cut { to: 2 }, Some(b"ab")),
            (Stroke::Zeroed { from: 3, len: 2 }, Some(b"abc\0\0f")),
            (Stroke::Grown { by: 2 }, Some(b"abcdefZZ")),
            (Stroke::Older, Some(b"older")),
            (Stroke::Removed, None),
        ] {
            fs::write(&path, b"abcdef").unwrap();
            stroke.strike(&path, &older).unwrap();
            assert_eq!(fs::read(&path).ok().as_deref(), left, "{stroke:?}");
        }
    }

    #[test]
    fn what_is_chosen_can_be_done() {
        let dir = tempfile::tempdir().unwrap();
        let (path, older) = (dir.path().join("now"), dir.path().join("older"));
        for len in [0, 1, 700] {
            for seed in 0..200 {
                fs::write(&path, vec![1; len]).unwrap();
                let stroke = Stroke::choose(&mut Chance::new(seed, 0), &path, &older).unwrap();
                stroke.strike(&path, &older).unwrap();
                assert_ne!(fs::read(&path).ok(), Some(vec![1; len]), "{stroke:?}");
            }
        }
    }
}
