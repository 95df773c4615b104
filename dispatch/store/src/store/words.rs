//! What people said and typed, read by id (D12). It is written, and erased, with the journal.

use std::future::Future;

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;

use super::StoreError;
use super::concern::concern;
use crate::words::{Reading, StoredWords};

concern! {
    /// Words apart from the journal.
    pub trait WordsRecords {
        /// Reads words, and records who read them in the same transaction; those unknown are left out.
        async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError>;

        /// Who read these words, first first.
        async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError>;

        /// Those of these words that were never kept here. Erased ones were.
        async fn unknown_words(&self, ids: &[WordsId]) -> Result<Vec<WordsId>, StoreError>;

        /// Words whose retention is over and whose text is still there, at most `limit`.
        async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError>;
    }
}
