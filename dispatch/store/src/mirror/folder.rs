//! One copy of a journal in a folder.
//!
//! | file | what it holds |
//! |---|---|
//! | `rows-<first row>` | frames of rows in the order they were committed, each page's answers before its rows, an empty line between pages; a new file after [`SEGMENT`] bytes |
//! | `words-<day>` | frames of words that came on a day since 1970; erased in place |
//! | `content-<hash>` | a region package: the BLAKE3 of the bytes as hex, a line feed, the bytes |

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use dispatch_core::event::ClockCorrected;

use super::frame::Frame;
use crate::audit;
use crate::batch::Content;
use crate::journal::{self, JournalRow};
use crate::place;
use crate::row::{Answer, Words};
use crate::sqlite::publish;
use crate::store::StoreError;

/// Bytes after which a new file of rows is begun.
const SEGMENT: u64 = 64 << 20;

/// No more rows can be behind a line of zeros: those of one page, for the next waits until it is synced.
const ROWS_AT_ONCE: usize = super::ROWS as usize;

/// Between two pages: what stands before it was synced before anything behind it was written.
const BOUNDARY: &str = "\n";

const ROWS: &str = "rows-";
const WORDS: &str = "words-";
const CONTENT: &str = "content-";
const DAY_US: i64 = 86_400_000_000;

/// What is copied at once.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: Vec<JournalRow>,
    pub(super) answers: Vec<Answer>,
    pub(super) words: Vec<Words>,
    pub(super) contents: Vec<Content>,
    /// Words that were erased, as they are since.
    pub(super) erased: Vec<Words>,
    /// How far its rows correct the clock, microseconds; answers are by the clock before.
    pub(super) moves: i64,
    /// The head it was read at.
    pub(super) seen: u64,
}

/// A copy that is being written.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    file: File,
    path: PathBuf,
    bytes: u64,
    /// The last row in it, and its hash, hex.
    pub(super) seq: u64,
    pub(super) audit: String,
    /// When the newest answer in its last file was given, by the clock of the last row.
    pub(super) answered_at: i64,
    /// Words that its last rows erase: the node may have died before it did so here.
    pub(super) to_erase: Vec<String>,
}

impl Folder {
    /// Begins one.
    pub(super) fn begin(dir: PathBuf) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&dir).map_err(StoreError::file(format!("creating {}", dir.display())))?;
        let (path, file) = segment(&dir, 1)?;
        let audit = audit::hex(&audit::GENESIS);
        Ok(Self { dir, file, path, bytes: 0, seq: 0, audit, answered_at: i64::MIN, to_erase: Vec::new() })
    }

    /// Goes on with one. What was cut off at its end is taken away.
    pub(super) fn resume(dir: PathBuf) -> Result<Self, StoreError> {
        let Some((first, last)) = segments(&dir)?.pop() else { return Self::begin(dir) };
        let what = || format!("reading {}", last.display());
        let (mut seq, mut audit, mut answered_at) = (first.saturating_sub(1), None, i64::MIN);
        let mut to_erase = VecDeque::new();
        let mut frames = Frames::of(&last, Broken::Ends)?;
        while let Some(frame) = frames.next()? {
            match frame {
                Frame::Row(row) => {
                    // Whatever was answered before was answered by the other clock.
                    answered_at = answered_at.saturating_add(clock_moves(&row)?);
                    to_erase.push_back(super::erases(&row)?);
                    if to_erase.len() > ROWS_AT_ONCE {
                        to_erase.pop_front();
                    }
                    (seq, audit) = (row.seq, Some(row.audit));
                }
                Frame::Answer(answer) => answered_at = answered_at.max(answer.at),
                Frame::Words { .. } => {}
            }
        }
        let whole = frames.whole;
        let file = OpenOptions::new().append(true).open(&last).map_err(StoreError::file(what()))?;
        let length = file.metadata().map_err(StoreError::file(what()))?.len();
        if whole < length {
            tracing::warn!(file = %last.display(), bytes = length - whole, "the end of the mirror was cut off");
            file.set_len(whole).map_err(StoreError::file(what()))?;
        }
        let Some(audit) = audit else {
            // Nothing of it was written yet: the file before it is gone on with.
            std::fs::remove_file(&last).map_err(StoreError::file(what()))?;
            return Self::resume(dir);
        };
        let to_erase = to_erase.into_iter().flatten().collect();
        Ok(Self { dir, file, path: last, bytes: whole, seq, audit, answered_at, to_erase })
    }

    /// The folder it lies in, and the last row that is there.
    pub(super) fn stands(&self) -> (PathBuf, u64) {
        (self.dir.clone(), self.seq)
    }

    /// The file that is written is the one that will be read: nobody has taken it away.
    fn is_there(&self) -> Result<(), StoreError> {
        let what = || format!("looking at {}", self.path.display());
        let named = std::fs::metadata(&self.path).map_err(StoreError::file(what()))?;
        let open = self.file.metadata().map_err(StoreError::file(what()))?;
        if (named.dev(), named.ino()) == (open.dev(), open.ino()) && open.len() == self.bytes {
            return Ok(());
        }
        Err(StoreError::Impossible(format!("{} is not as it was left", self.path.display())))
    }

    /// Writes a page; it is there when this returns.
    pub(super) fn take(&mut self, page: &Page) -> Result<(), StoreError> {
        self.is_there()?;
        for content in &page.contents {
            self.keep_content(content)?;
        }
        self.keep_words(&page.words, page.seen)?;
        let mut lines = if self.bytes > 0 { BOUNDARY.to_owned() } else { String::new() };
        let begun = lines.len();
        for answer in &page.answers {
            lines.push_str(&Frame::Answer(answer.clone()).line());
        }
        for row in &page.rows {
            lines.push_str(&Frame::Row(row.clone()).line());
        }
        if lines.len() == begun {
            return Ok(());
        }
        if self.bytes >= SEGMENT && !page.rows.is_empty() {
            (self.path, self.file) = segment(&self.dir, self.seq + 1)?;
            self.bytes = 0;
        }
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(StoreError::file(format!("writing to {}", self.dir.display())))?;
        self.bytes += lines.len() as u64;
        if let Some(last) = page.rows.last() {
            (self.seq, self.audit) = (last.seq, last.audit.clone());
        }
        let newest = page.answers.iter().map(|answer| answer.at).fold(self.answered_at, i64::max);
        self.answered_at = newest.saturating_add(page.moves);
        Ok(())
    }

    fn keep_words(&self, words: &[Words], seen: u64) -> Result<(), StoreError> {
        let mut days: Vec<i64> = words.iter().map(day).collect();
        days.sort_unstable();
        days.dedup();
        for of_day in days {
            let path = self.dir.join(format!("{WORDS}{of_day}"));
            let today = words.iter().filter(|words| day(words) == of_day);
            let lines: String =
                today.map(|words| Frame::Words { words: words.clone(), seen }.line()).collect();
            // A line that was cut off ends here: what is written now is not to be a part of it.
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(&path)
                .and_then(|mut file| {
                    let begun = file.metadata()?.len() > 0;
                    file.write_all(if begun { b"\n" } else { b"" })?;
                    file.write_all(lines.as_bytes())?;
                    file.sync_data()
                })
                .map_err(StoreError::file(format!("writing {}", path.display())))?;
        }
        Ok(())
    }

    fn keep_content(&self, content: &Content) -> Result<(), StoreError> {
        let whole = self.dir.join(format!("{CONTENT}{}", content.hash));
        if whole.exists() {
            return Ok(());
        }
        let partial = whole.with_extension("partial");
        let mut bytes = format!("{}\n", blake3::hash(&content.bytes).to_hex()).into_bytes();
        bytes.extend_from_slice(&content.bytes);
        std::fs::write(&partial, bytes)
            .map_err(StoreError::file(format!("writing {}", partial.display())))?;
        publish(&partial, &whole)
    }
}

/// The last row of a copy, and its hash, hex; none where there is no row. Nothing is changed.
pub(super) fn end(dir: &Path) -> Result<Option<(u64, String)>, StoreError> {
    for (_, path) in segments(dir)?.into_iter().rev() {
        let mut last = None;
        let mut frames = Frames::of(&path, Broken::Ends)?;
        while let Some(frame) = frames.next()? {
            if let Frame::Row(row) = frame {
                last = Some((row.seq, row.audit));
            }
        }
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

/// How far the clock was corrected with a row, microseconds.
pub(super) fn clock_moves(row: &JournalRow) -> Result<i64, StoreError> {
    let corrects = row.name == "clock_corrected";
    let record = corrects.then(|| journal::record(row)).transpose()?;
    Ok(record.and_then(|record| Some(record.event.get::<ClockCorrected>()?.moves())).unwrap_or_default())
}

fn day(words: &Words) -> i64 {
    words.at.div_euclid(DAY_US)
}

fn segment(dir: &Path, first: u64) -> Result<(PathBuf, File), StoreError> {
    let path = dir.join(format!("{ROWS}{first:020}"));
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(StoreError::file(format!("opening {}", path.display())))?;
    Ok((path, file))
}

/// Files of rows in order, with the first row of each.
pub(super) fn segments(dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    named(dir, ROWS)
}

/// Files of words, by day.
pub(super) fn days(dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    named(dir, WORDS)
}

pub(super) fn named(dir: &Path, prefix: &str) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let what = || format!("reading {}", dir.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(StoreError::file(what()))? {
        let path = entry.map_err(StoreError::file(what()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(number) = name.strip_prefix(prefix).and_then(|number| number.parse().ok()) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// What a line means that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The end was cut off there, or parts of what was written last never reached the disk, which left zeros; anywhere else
    /// it is an error.
    Ends,
    /// What was to be written there was written again after it.
    Skipped,
}

/// The frames of a file, in order.
pub(super) struct Frames {
    path: PathBuf,
    lines: BufReader<File>,
    means: Broken,
    /// How many bytes are whole.
    whole: u64,
}

impl Frames {
    pub(super) fn of(path: &Path, means: Broken) -> Result<Self, StoreError> {
        place::is_file_or_free(path)?;
        let file = File::open(path).map_err(StoreError::file(format!("reading {}", path.display())))?;
        Ok(Self { path: path.into(), lines: BufReader::new(file), means, whole: 0 })
    }

    /// The next one; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, StoreError> {
        while let Some(line) = self.line()? {
            if line == BOUNDARY.as_bytes() {
                self.whole += line.len() as u64;
                continue;
            }
            match Frame::read(&line).filter(|_| line.ends_with(b"\n")) {
                Some(frame) => {
                    self.whole += line.len() as u64;
                    return Ok(Some(frame));
                }
                None if self.means == Broken::Skipped => {}
                None if line.contains(&0) && self.is_last_page()? => break,
                None if self.line()?.is_none() => break,
                None => {
                    let detail = format!("{} at byte {}", self.path.display(), self.whole);
                    return Err(StoreError::corrupt("the mirror is not as it was written", detail));
                }
            }
        }
        Ok(None)
    }

    /// Whether all that is left may have come with one write: parts of that can be missing, of what was synced before none.
    /// Earlier builds wrote no boundaries.
    fn is_last_page(&mut self) -> Result<bool, StoreError> {
        let mut rows = 0;
        while let Some(line) = self.line()? {
            if line == BOUNDARY.as_bytes() {
                return Ok(false);
            }
            rows += usize::from(matches!(Frame::read(&line), Some(Frame::Row(_))));
        }
        Ok(rows <= ROWS_AT_ONCE)
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line);
        let length = read.map_err(StoreError::file(format!("reading {}", self.path.display())))?;
        Ok((length > 0).then_some(line))
    }
}

/// The rows and answers of a copy, in order: each row has to follow from the one before.
pub(super) struct Chain {
    files: std::vec::IntoIter<(u64, PathBuf)>,
    frames: Option<Frames>,
    /// The last row taken, and the hash of it and all before it.
    pub(super) seq: u64,
    pub(super) audit: [u8; 32],
}

impl Chain {
    pub(super) fn of(copy: &Path) -> Result<Self, StoreError> {
        let files = segments(copy)?.into_iter();
        Ok(Self { files, frames: None, seq: 0, audit: audit::GENESIS })
    }

    /// The next one; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, StoreError> {
        loop {
            let Some(frames) = &mut self.frames else {
                let Some((_, path)) = self.files.next() else { return Ok(None) };
                self.frames = Some(Frames::of(&path, Broken::Ends)?);
                continue;
            };
            let Some(frame) = frames.next()? else {
                self.frames = None;
                continue;
            };
            if let Frame::Row(row) = &frame {
                let hash = audit::hash(&self.audit, row);
                if row.seq != self.seq + 1 || audit::hex(&hash) != row.audit {
                    let detail = format!("{}: row {} after row {}", frames.path.display(), row.seq, self.seq);
                    return Err(StoreError::corrupt("the mirror does not go on from row to row", detail));
                }
                (self.seq, self.audit) = (row.seq, hash);
            }
            return Ok(Some(frame));
        }
    }
}

/// Overwrites words that were erased, where a copy holds them.
pub(super) fn erase(dir: &Path, erased: &[Words], seen: u64) -> Result<(), StoreError> {
    for words in erased {
        let path = dir.join(format!("{WORDS}{}", day(words)));
        let what = || format!("erasing words in {}", path.display());
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(StoreError::file(what())(error)),
        };
        let (mut lines, mut at, mut line) = (BufReader::new(&file), 0, Vec::new());
        loop {
            line.clear();
            let length = lines.read_until(b'\n', &mut line).map_err(StoreError::file(what()))?;
            if length == 0 {
                break;
            }
            let now = match Frame::read(&line) {
                Some(Frame::Words { words: kept, .. }) if kept.id == words.id => {
                    Some(Frame::Words { words: words.clone(), seen }.line())
                }
                Some(_) => None,
                // Cut off as it was written or erased: nobody can read it, and what was said may be in it.
                None => Some(String::new()),
            };
            if let Some(now) = now {
                // Erased words are shorter: what is left of the line becomes spaces.
                let blank = format!("{:width$}\n", now.trim_end(), width = length.saturating_sub(1));
                file.write_all_at(blank.as_bytes(), at).map_err(StoreError::file(what()))?;
            }
            at += length as u64;
        }
        file.sync_data().map_err(StoreError::file(what()))?;
    }
    Ok(())
}

/// A region package of a copy.
pub(super) fn content(dir: &Path, hash: &str) -> Result<Content, StoreError> {
    let path = dir.join(format!("{CONTENT}{hash}"));
    let broken = || StoreError::corrupt("a package of the mirror is not as it was written", path.display());
    place::is_file_or_free(&path)?;
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        // Not where the whole copy was taken away.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && dir.exists() => return Err(broken()),
        Err(error) => return Err(StoreError::file(format!("reading {}", path.display()))(error)),
    };
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
    let (sum, rest) = (&bytes[..end], &bytes[end + 1..]);
    if blake3::hash(rest).to_hex().as_bytes() != sum {
        return Err(broken());
    }
    Ok(Content { hash: hash.into(), bytes: rest.to_vec() })
}
