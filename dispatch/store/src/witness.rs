//! What is witnessed of a journal outside it: how far it had come, by which row, and what time it was on which start of
//! the machine. A journal that does not hold that row has lost its end, or is another one (D5); time goes on from there
//! (D7).
//!
//! The witness lies beside the database. It is written before an answer leaves and survives the process; flushed every
//! second, it survives the machine but for that second. It is one block of [`BLOCK`] bytes, written over and over: the
//! witness as JSON, a line feed, its BLAKE3 as hex, a line feed, spaces. The head exported last (D11) is a second
//! witness, up to an hour older.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;
use dispatch_core::loss::LossKind;
use serde::{Deserialize, Serialize};

use crate::audit::{self, AUDIT_FILE};
use crate::loss::Lost;
use crate::place;
use crate::store::{AuditHead, Store, StoreError};

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
    /// Hash of that row and all before it, hex.
    pub audit: String,
    /// Which start of the machine it was, as the machine names it; empty where nobody can say.
    pub boot: String,
    /// Time since that start, microseconds.
    pub since_boot: i64,
    /// The node's time at that moment.
    pub time: Time,
}

/// What is known of a journal from outside it.
#[derive(Debug, Default)]
pub struct Testimony {
    /// The witness beside it; none where there is none, or it cannot be read.
    pub witness: Option<Witness>,
    /// Why a witness cannot be read: then nobody can say whether anything is lost.
    pub damage: Option<StoreError>,
    /// There is no witness where one must have been, for a head was exported; or no file of heads beside a witness.
    pub is_missing: bool,
    /// What the journal lacks of what was witnessed.
    pub lost: Option<Lost>,
}

impl Testimony {
    /// Holds a journal against what was witnessed in a data directory.
    pub async fn of<S: Store>(store: &S, dir: &Path) -> Result<Self, StoreError> {
        let (witness, damage) = match Witness::read(dir) {
            Ok(witness) => (witness, None),
            Err(damage) => (None, Some(damage)),
        };
        let (exported, damage) = match audit::exported(dir) {
            Ok(exported) => (exported, damage),
            Err(other) => (None, damage.or(Some(other))),
        };
        let is_missing = damage.is_none()
            && match (&witness, &exported) {
                (None, Some(_)) => true,
                (Some(_), None) => !dir.join(AUDIT_FILE).exists(),
                (None, None) | (Some(_), Some(_)) => false,
            };
        let beside = witness.iter().map(|it| (Some(it.journal), it.head, it.audit.clone(), it.time));
        let outside = exported.into_iter().map(|it| (it.head.journal, it.head.seq, it.head.hash, it.at));
        let mut lost = None;
        for (journal, head, audit, at) in beside.chain(outside).collect::<Vec<_>>() {
            let Some(journal) = journal else { continue };
            if lost.is_none() {
                lost = lacks(store, journal, head, &audit, at).await?;
            }
        }
        Ok(Self { witness, damage, is_missing, lost })
    }
}

/// What a journal lacks that does not hold the row that was witnessed; none where it does.
pub async fn lacks<S: Store>(
    store: &S,
    journal: JournalId,
    witnessed: u64,
    audit: &str,
    witnessed_at: Time,
) -> Result<Option<Lost>, StoreError> {
    if witnessed == 0 || store.audit_of(witnessed).await?.as_deref() == Some(audit) {
        return Ok(None);
    }
    let AuditHead { journal: found_journal, seq: found, .. } = store.audit_head().await?;
    let last = store.records(found.saturating_sub(1), 1).await?;
    let found_at = last.first().map_or(Time(0), |record| record.recorded_at);
    let is_shorter = found < witnessed && found_journal == Some(journal);
    let kind = if is_shorter { LossKind::Shorter } else { LossKind::Another };
    Ok(Some(Lost { kind, journal, witnessed, witnessed_at, found, found_at }))
}

/// Begins to witness another journal in a data directory: whoever put it there knew what they did.
pub fn begin(dir: &Path, head: &AuditHead, time: Time) -> Result<(), StoreError> {
    let AuditHead { journal, seq, hash, .. } = head.clone();
    let Some(journal) = journal else { return Ok(()) };
    let file = WitnessFile::open(dir)?;
    file.write(&Witness { journal, head: seq, audit: hash, boot: String::new(), since_boot: 0, time })?;
    file.flush()?;
    audit::export(head, time, dir)
}

impl Witness {
    /// The node's time now, where the machine was not started since.
    pub fn counted(&self, boot: &str, since_boot: i64) -> Option<Time> {
        let is_same = self.boot == boot && !boot.is_empty();
        is_same.then(|| self.time.moved(since_boot.saturating_sub(self.since_boot).max(0)))
    }

    /// The witness of a data directory; none where there is no file, or nothing but zeros in it. One that cannot be read is an error: it is no
    /// proof that nothing was lost.
    pub fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = dir.join(WITNESS_FILE);
        let mut text = Vec::new();
        place::is_file_or_free(&path)?;
        match File::open(&path).and_then(|mut file| file.read_to_end(&mut text)) {
            // The machine died before the first one was flushed: there was none yet.
            Ok(_) if text.iter().all(|byte| *byte == 0) => Ok(None),
            Ok(_) => decode(&String::from_utf8_lossy(&text)).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::file(format!("reading {}", path.display()))(error)),
        }
    }
}

fn decode(text: &str) -> Result<Witness, StoreError> {
    let broken = |detail: &str| StoreError::corrupt("the witness cannot be read", detail);
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
        place::is_file_or_free(&path)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(StoreError::file(format!("opening {}", path.display())))?;
        Ok(Self { file, path })
    }

    /// Writes a witness, which survives the process from here on.
    pub fn write(&self, witness: &Witness) -> Result<(), StoreError> {
        let mut block = Vec::with_capacity(BLOCK);
        serde_json::to_writer(&mut block, witness).expect("a witness is text and numbers");
        let hash = blake3::hash(&block).to_hex();
        for part in ["\n", &hash, "\n"] {
            block.extend_from_slice(part.as_bytes());
        }
        block.resize(block.len().max(BLOCK), b' ');
        self.file
            .write_all_at(&block, 0)
            .map_err(StoreError::file(format!("writing {}", self.path.display())))
    }

    /// Whether the file that is written is the one that will be read: nobody has taken it away.
    pub fn is_there(&self) -> bool {
        let (named, open) = (std::fs::metadata(&self.path), self.file.metadata());
        named.is_ok_and(|named| open.is_ok_and(|open| (named.dev(), named.ino()) == (open.dev(), open.ino())))
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
        let (journal, audit) = (JournalId(Uuid::from_u128(7)), audit::hex(&[0xab; 32]));
        Witness { journal, head, audit, boot: "a".into(), since_boot: 5_000_000, time: Time(1_000_000_000) }
    }

    #[test]
    fn what_was_written_last_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Witness::read(dir.path()).unwrap(), None);
        let file = WitnessFile::open(dir.path()).unwrap();
        let longest = Witness { boot: Uuid::nil().to_string(), since_boot: i64::MIN, ..witness(u64::MAX) };
        for written in [longest, witness(1), witness(302)] {
            file.write(&written).unwrap();
            assert_eq!(Witness::read(dir.path()).unwrap(), Some(written));
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
            for bit in [1, 0x80] {
                let mut changed = whole.clone();
                changed[place] ^= bit;
                std::fs::write(&path, changed).unwrap();
                assert!(Witness::read(dir.path()).is_err(), "byte {place}");
            }
        }
        std::fs::write(&path, &whole[..said - 1]).unwrap();
        let cut = Witness::read(dir.path());
        assert!(cut.is_ok_and(|read| read == Some(witness(302))), "all it says is there");
        std::fs::write(&path, &whole[..40]).unwrap();
        assert!(Witness::read(dir.path()).is_err());
        for never_flushed in [&[][..], &[0; BLOCK]] {
            std::fs::write(&path, never_flushed).unwrap();
            assert_eq!(Witness::read(dir.path()).unwrap(), None);
        }
    }

    #[test]
    fn time_goes_on_only_with_the_machine() {
        assert_eq!(witness(1).counted("a", 9_000_000), Some(Time(1_004_000_000)));
        assert_eq!(witness(1).counted("b", 9_000_000), None);
        assert_eq!(witness(1).counted("a", 1_000_000), Some(Time(1_000_000_000)), "never back");
        let nobodys = Witness { boot: String::new(), ..witness(1) };
        assert_eq!(nobodys.counted("", 9_000_000), None);
    }
}
