//! What both databases say in the same words, said once: how a node's tables are read, what their rows mean, how a
//! journal is followed and proven.
//!
//! Leaves out whatever differs between them, above all the one way in: each appends in statements of its own, beside
//! which it stands (`sqlite`, `postgres`).

mod dialect;
mod following;
mod held;
mod pages;
mod proving;
pub(crate) mod row;
pub(crate) mod schema;
mod selection;
mod tables;

pub(crate) use dialect::{CUSTODY_BEGINS, Cells, Dialect, Statement};
pub(crate) use following::Following;
pub(crate) use held::{
    Held, Pooled, View, deliveries, expired_words, purge_deliveries, readings, unknown_words,
};
pub(crate) use tables::Tables;
