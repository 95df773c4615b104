//! A witness beside the database: how far the journal had come, and what time it was on which start of the machine. It
//! is written before an answer leaves and survives the process; flushed every second, it survives the machine but for
//! that second. A journal that is shorter than its witness has lost its tail (D5), and time goes on from it (D7).
//!
//! One block of [`BLOCK`] bytes, written over and over: the witness as JSON, a line feed, its BLAKE3 as hex, a line feed,
//! spaces.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// The witness's file in the data directory.
pub const WITNESS_FILE: &str = "witness";

/// Bytes of the file: one sector, which a disk writes whole.
const BLOCK: usize = 512;

/// What is witnessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Id of the journal.
    pub journal: JournalId,
    /// Sequence of its last row that was committed.
    pub head: u64,
    /// Which start of the machine it was, as the machine names it.
    pub boot: String,
    /// Time since that start, microseconds.
    pub since_boot: i64,
    /// The node's time at that moment.
    pub time: Time,
}

impl Witness {
    /// The node's time now, where the machine was not started since.
    pub fn counted(&self, boot: &str, since_boot: i64) -> Option<Time> {
        (self.boot == boot).then(|| self.time.moved(since_boot.saturating_sub(self.since_boot).max(0)))
    }

    /// What a journal lacks of what was witnessed; `Ok` where it lacks nothing.
    pub fn proves(&self, journal: Option<JournalId>, head: u64) -> Result<(), StoreError> {
        const RULE: &str = "the journal holds what was witnessed";
        let Time(at) = self.time;
        if journal != Some(self.journal) {
            let (head, journal) = (self.head, self.journal);
            let detail =
                format!("journal {journal} had come to row {head} at {at} us, and this is another one");
            return Err(StoreError::corrupt(RULE, detail));
        }
        if head < self.head {
            let (lost, reached) = (self.head - head, self.head);
            let detail = format!("it ends at row {head}, {lost} rows short of row {reached} at {at} us");
            return Err(StoreError::corrupt(RULE, detail));
        }
        Ok(())
    }

    /// Takes the witness of a data directory away: another journal begins there.
    pub fn forget(dir: &Path) -> Result<(), StoreError> {
        let path = dir.join(WITNESS_FILE);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::file(format!("removing {}", path.display()))(error))
            }
            _ => Ok(()),
        }
    }

    /// The witness of a data directory; none where there is no file. One that cannot be read is an error: it is no
    /// proof that nothing was lost.
    pub fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = dir.join(WITNESS_FILE);
        let mut text = String::new();
        match File::open(&path).and_then(|mut file| file.read_to_string(&mut text)) {
            Ok(_) => decode(&text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::file(format!("reading {}", path.display()))(error)),
        }
    }
}

fn decode(text: &str) -> Result<Witness, StoreError> {
    let broken = |detail: &str| StoreError::corrupt("the witness can be read", detail);
    let mut lines = text.split('\n');
    let (Some(json), Some(hash)) = (lines.next(), lines.next()) else { return Err(broken("it is cut off")) };
    if blake3::hash(json.as_bytes()).to_hex().as_str() != hash {
        return Err(broken("it does not give its hash"));
    }
    serde_json::from_str(json).map_err(|error| broken(&error.to_string()))
}

/// The file a witness is written to.
#[derive(Debug)]
pub struct WitnessFile {
    file: File,
    path: PathBuf,
}

impl WitnessFile {
    /// Opens or creates it in a data directory; what it holds stays until the first write.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(WITNESS_FILE);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(StoreError::file(format!("opening {}", path.display())))?;
        Ok(Self { file, path })
    }

    /// Writes a witness, which survives the process from here on.
    pub fn write(&self, witness: &Witness) -> Result<(), StoreError> {
        let json = serde_json::to_string(witness).expect("a witness is text and numbers");
        let hash = blake3::hash(json.as_bytes()).to_hex();
        let block = format!("{:BLOCK$}", format_args!("{json}\n{hash}\n").to_string());
        self.file
            .write_all_at(block.as_bytes(), 0)
            .map_err(StoreError::file(format!("writing {}", self.path.display())))
    }

    /// What was written survives the machine.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(StoreError::file(format!("flushing {}", self.path.display())))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn witness(head: u64) -> Witness {
        let journal = JournalId(Uuid::from_u128(7));
        Witness { journal, head, boot: "a".into(), since_boot: 5_000_000, time: Time(1_000_000_000) }
    }

    #[test]
    fn what_was_written_last_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Witness::read(dir.path()).unwrap(), None);
        let file = WitnessFile::open(dir.path()).unwrap();
        for head in [u64::MAX, 1, 302] {
            file.write(&witness(head)).unwrap();
            assert_eq!(Witness::read(dir.path()).unwrap(), Some(witness(head)));
        }
        file.flush().unwrap();
        assert_eq!(std::fs::metadata(dir.path().join(WITNESS_FILE)).unwrap().len(), BLOCK as u64);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        WitnessFile::open(dir.path()).unwrap().write(&witness(302)).unwrap();
        let path = dir.path().join(WITNESS_FILE);
        let whole = std::fs::read(&path).unwrap();
        let said = whole.iter().position(|byte| *byte == b' ').unwrap();
        for place in 0..said {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert!(Witness::read(dir.path()).is_err(), "byte {place}");
        }
        std::fs::write(&path, &whole[..said - 1]).unwrap();
        let cut = Witness::read(dir.path());
        assert!(cut.is_ok_and(|read| read == Some(witness(302))), "all it says is there");
        std::fs::write(&path, &whole[..40]).unwrap();
        assert!(Witness::read(dir.path()).is_err());
    }

    #[test]
    fn a_journal_that_lost_its_end_is_told_from_one_that_has_it() {
        let witness = witness(302);
        for head in [302, 303, 9_999] {
            assert!(witness.proves(Some(witness.journal), head).is_ok());
        }
        let short = witness.proves(Some(witness.journal), 15).unwrap_err().to_string();
        assert!(short.contains("287 rows short of row 302"), "{short}");
        for other in [None, Some(JournalId(Uuid::from_u128(8)))] {
            let other = witness.proves(other, 9_999).unwrap_err().to_string();
            assert!(other.contains("this is another one"), "{other}");
        }
    }

    #[test]
    fn time_goes_on_only_with_the_machine() {
        assert_eq!(witness(1).counted("a", 9_000_000), Some(Time(1_004_000_000)));
        assert_eq!(witness(1).counted("b", 9_000_000), None);
        assert_eq!(witness(1).counted("a", 1_000_000), Some(Time(1_000_000_000)), "never back");
    }
}
