//! What commands were answered, by their ids (D6). Answers are written with the journal.

use std::future::Future;

use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::kernel::time::Time;

use super::StoreError;
use super::concern::concern;
use crate::batch::StoredAnswer;
use crate::key::NodeKey;

concern! {
    /// Answers that are kept.
    pub trait Answers {
        /// What commands were answered, in the order asked; none for those unknown.
        async fn lookup(&self, commands: &[(ActorId, CommandId)]) -> Result<Vec<Option<StoredAnswer>>, StoreError>;

        /// Puts what is kept of bodies under a key, where it is under none; how many.
        async fn key_answers(&self, key: &NodeKey) -> Result<u64, StoreError>;

        /// By what the key is told under which answers are kept ([`NodeKey::check`]); none where nobody said so yet.
        async fn known_key(&self) -> Result<Option<String>, StoreError>;

        /// Says that answers are kept under this key from here on.
        async fn know_key(&self, key: &NodeKey) -> Result<(), StoreError>;

        /// Drops answers decided before `before`; returns how many.
        async fn purge_answers(&self, before: Time) -> Result<u64, StoreError>;
    }
}
