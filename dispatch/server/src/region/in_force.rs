//! The region package a node draws and tells the time by.

use std::sync::{Arc, PoisonError, RwLock};

use super::Region;

/// The package in force. Clones share it; the driver changes it with the commit that adopts another.
#[derive(Clone, Debug)]
pub struct InForce(Arc<RwLock<Arc<Region>>>);

impl InForce {
    /// Begins with a package.
    pub fn new(region: Arc<Region>) -> Self {
        Self(Arc::new(RwLock::new(region)))
    }

    /// The package as it is now.
    pub fn get(&self) -> Arc<Region> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Draws and tells the time by another package from now on.
    pub fn enter(&self, region: Arc<Region>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = region;
    }
}
