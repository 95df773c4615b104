//! The journal read back.

use std::future::Future;

use dispatch_core::event::Record;
use dispatch_core::kernel::time::Time;

use super::StoreError;
use super::concern::concern;
use crate::batch::Content;

concern! {
    /// What happened, in order.
    pub trait History {
        /// Records after `after`, in order, at most `limit`.
        async fn records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError>;

        /// Heads at which commits ended, after `after` up to the head: a resumed stream sends whole commits.
        async fn commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError>;

        /// The first record recorded at or after a time, by sequence; none when there is none.
        async fn first_at(&self, time: Time) -> Result<Option<u64>, StoreError>;

        /// The content of a region package that was ever adopted.
        async fn content(&self, hash: &str) -> Result<Option<Content>, StoreError>;
    }
}
