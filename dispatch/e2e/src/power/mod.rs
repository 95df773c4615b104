//! A power cut: what a node did to its disks is written down once, and what those disks may hold after the power went is
//! made of it as often as one likes; a node that is started on that has to hold all that was acknowledged.
//!
//! # The disk
//!
//! What file systems that keep a journal of names promise (ext4, xfs), and no more; the model is that of ALICE (Pillai et
//! al., OSDI 2014) and `CrashMonkey` (Mohan et al., OSDI 2018):
//!
//! - What was written to a file before a flush of it began (`fsync`, `fdatasync`), is there once the flush has ended.
//! - Whatever was written later may be there or not, each sector of 512 bytes by itself, in any order. A sector is there
//!   whole, as it was after some write.
//! - A file's new length may be there or not; where the length is there and a sector is not, it reads as zeros. A file that
//!   was cut shorter may have its old length still; then nothing that was written after that is seen.
//! - Names are made, changed and removed in order. They are safe once a folder one of a later or the same step is in was
//!   flushed, and the name of a file that is new once that file was.
//! - Two folders are two disks: what holds of one says nothing of the other.
//!
//! Left out: rights and times of files, disks that lose what they have flushed (but for one that lies on purpose, so that
//! the test is shown to notice), and PostgreSQL, which flushes by itself: its settings are read back.

mod disk;
mod file;
mod layer;
mod moment;
mod names;
mod outcome;
mod record;
mod recording;
mod run;
mod stay;

pub use outcome::Outcome;
pub use run::{Options, run};
