//! Which errors tell of damage.

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
