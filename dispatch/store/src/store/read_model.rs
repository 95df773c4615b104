//! The read model: entities as they are now, and what happened to them.

use std::future::Future;

use dispatch_core::event::Record;
use dispatch_core::kernel::id::IncidentId;

use super::StoreError;
use super::concern::concern;
use crate::query::{EntityQuery, EntityRow, Page};

concern! {
    /// Entities as they are now; those that left live state are kept.
    pub trait ReadModel {
        /// One entity of a kind; none where there never was one of this id.
        async fn entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError>;

        /// A page of them.
        async fn entities(&self, query: &EntityQuery) -> Result<Page, StoreError>;

        /// Everything that happened to an incident, its alarms and its orders, in order.
        async fn timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError>;
    }
}
