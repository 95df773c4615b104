//! Which errors tell of damage, and what to do about it.

use crate::any::Location;
use crate::sqlite::JOURNAL_FILE;
use crate::store::StoreError;
use crate::{postgres, sqlite};

/// Whether what is kept is damaged, or the disk under it: not one that is full, nor one that somebody else holds.
pub fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::Corrupt { .. } => true,
        StoreError::Database(error) => sqlite::tells_of_damage(error) || postgres::tells_of_damage(error),
        StoreError::File { .. }
        | StoreError::NewerSchema { .. }
        | StoreError::InUse { .. }
        | StoreError::Superseded { .. }
        | StoreError::Unusable { .. }
        | StoreError::Weaker { .. }
        | StoreError::Impossible(_) => false,
    }
}

/// What is to be done about a journal at a place that gave an error; nothing where the error says so itself.
pub fn remedy(error: &StoreError, place: &Location) -> Option<String> {
    match place {
        Location::Embedded(dir) => {
            let file = dir.join(JOURNAL_FILE);
            if let StoreError::Database(error) = error
                && !file.is_dir()
                && sqlite::tells_of_rights(error)
            {
                return Some(format!(
                    "{} cannot be opened, or nothing written beside it: give file and folder to the user this runs as",
                    file.display()
                ));
            }
            is_damage(error).then(|| {
                format!(
                    "what is kept in {} is damaged: keep it, and bring the journal back from its mirror with `ortoo \
                     recover MIRROR`, or from a backup with `ortoo restore BACKUP` into another, empty --data-dir",
                    dir.display()
                )
            })
        }
        Location::Postgres(_) => is_damage(error).then(|| {
            format!(
                "what is kept in {place} is damaged: bring the database back by its own tools (docs/postgis.md), or \
                 make files of its mirror with `ortoo recover MIRROR` and move them with `ortoo store copy`"
            )
        }),
    }
}
