//! The moments at which the power goes: all over the recording, and often where most is at stake.

use super::record::{BACKUP, MIRROR, Recorded};
use super::recording::{FileNumber, Step};
use crate::oracle::chance::Chance;

/// Where in the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Anywhere in the recording.
    Anywhere,
    /// As a flush ends.
    Flush,
    /// In the first start, which makes the database.
    FirstStart,
    /// In the start after a kill, which recovers it.
    Recovery,
    /// While the log is copied into the database.
    Checkpoint,
    /// While the head of the chain is exported.
    Head,
    /// While the witness is written.
    Witness,
    /// While a page of the mirror is written.
    Mirror,
    /// While a copy is made.
    Backup,
    /// While names change.
    Names,
    /// While tracks are written.
    Tracks,
    /// In an orderly end.
    End,
}

const PARTS: [Part; 12] = [
    Part::FirstStart,
    Part::Flush,
    Part::Anywhere,
    Part::Recovery,
    Part::Mirror,
    Part::Witness,
    Part::Checkpoint,
    Part::Names,
    Part::Backup,
    Part::Head,
    Part::End,
    Part::Tracks,
];

/// One moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Its number in the run.
    pub number: u64,
    /// Where it lies.
    pub part: Part,
    /// So many steps were done.
    pub steps: usize,
    /// What is left then is chosen by this.
    pub seed: u64,
}

/// The moment of a number, which is always the same for a recording and a seed.
pub fn moment(recorded: &Recorded, number: u64, seed: u64) -> Moment {
    let part = PARTS[usize::try_from(number % PARTS.len() as u64).unwrap_or_default()];
    let mut chance = Chance::new(seed, number);
    let steps = &recorded.recording.steps;
    let pool: Vec<usize> = (0..steps.len()).filter(|step| holds(recorded, part, *step)).collect();
    let chosen = pool.get(usize::try_from(chance.below(pool.len() as u64)).unwrap_or_default());
    // Right after it; a flush may not have ended.
    let after = usize::from(part != Part::Flush || chance.one_in(2));
    Moment { number, part, steps: chosen.map_or(0, |step| step + after), seed: seed ^ (number << 32) }
}

fn holds(recorded: &Recorded, part: Part, step: usize) -> bool {
    let (at, step) = &recorded.recording.steps[step];
    let marks = &recorded.marks;
    let of = |file: &FileNumber| recorded.recording.names[*file].as_str();
    let file = match step {
        Step::Created { file, .. }
        | Step::Written { file, .. }
        | Step::Cut { file, .. }
        | Step::FileFlush { file, .. } => of(file),
        Step::Folder { name }
        | Step::Unlinked { name }
        | Step::FolderRemoved { name }
        | Step::FolderFlush { name, .. } => name,
        Step::Linked { to, .. } | Step::Renamed { to, .. } => to,
        Step::Flushed { .. } => "",
    };
    match part {
        Part::Anywhere => true,
        Part::Flush => matches!(step, Step::Flushed { .. }),
        Part::FirstStart => *at <= marks.started,
        Part::Recovery => (marks.killed..=marks.recovered).contains(at),
        Part::Checkpoint => file == "data/journal.sqlite" && *at > marks.started,
        Part::Head => file.starts_with("data/audit-head"),
        Part::Witness => file == "data/witness",
        Part::Mirror => file.starts_with(MIRROR) && matches!(step, Step::Written { .. }),
        Part::Backup => file.starts_with(BACKUP),
        Part::Names => matches!(
            step,
            Step::Created { .. }
                | Step::Folder { .. }
                | Step::Linked { .. }
                | Step::Renamed { .. }
                | Step::Unlinked { .. }
                | Step::FolderRemoved { .. }
        ),
        Part::Tracks => file.starts_with("data/tracks"),
        Part::End => *at >= marks.stopped,
    }
}
