//! Either database, chosen by the address: what a server opens and asks without knowing which it is. What it is asked as
//! a store is made from the traits themselves (`store::concern`).

use std::path::{Path, PathBuf};
#[cfg(any(test, feature = "memory"))]
use std::sync::Arc;

use dispatch_core::kernel::time::Time;

use crate::genesis::Genesis;
#[cfg(any(test, feature = "memory"))]
use crate::memory::MemoryStore;
use crate::pair::{Handed, Heartbeat};
use crate::postgres::{PostgresOptions, PostgresStore, Standby};
use crate::sqlite::{JOURNAL_FILE, SqliteOptions, SqliteStore};
use crate::store::StoreError;
use crate::tracks::Tracks;

/// Where a centre is kept.
#[derive(Clone, Debug)]
pub enum Location {
    /// Files in a data directory.
    Embedded(PathBuf),
    /// A database: its address.
    Postgres(String),
}

impl Location {
    /// Of the address of a database, or of a data directory when it is empty.
    pub fn of(address: &str, data_dir: &Path) -> Self {
        if address.is_empty() { Self::Embedded(data_dir.into()) } else { Self::Postgres(address.into()) }
    }

    /// Opens the journal to write; `address` is where the process that does answers.
    pub async fn open(&self, genesis: Genesis, address: &str) -> Result<AnyStore, StoreError> {
        Ok(match self {
            Self::Embedded(dir) => {
                AnyStore::Sqlite(SqliteStore::connect(SqliteOptions::new(dir, genesis)).await?)
            }
            Self::Postgres(database) => {
                let options = PostgresOptions::new(database, genesis).answering_at(address);
                AnyStore::Postgres(PostgresStore::connect(options).await?)
            }
        })
    }

    /// Stands by for a database that another process may lead, answering at `address`.
    pub fn stand_by(&self, genesis: Genesis, address: &str) -> Result<Standby, StoreError> {
        match self {
            Self::Embedded(_) => {
                Err(StoreError::Impossible("files have one process: only a database has a standby".into()))
            }
            Self::Postgres(database) => {
                Ok(Standby::new(PostgresOptions::new(database, genesis).answering_at(address)))
            }
        }
    }

    /// Opens an existing journal to look at it: files are locked, a database is read beside the process that leads.
    pub async fn look(&self, genesis: Genesis) -> Result<AnyStore, StoreError> {
        match self {
            Self::Embedded(dir) if !dir.join(JOURNAL_FILE).exists() => {
                Err(StoreError::Impossible(format!("{} holds no journal", dir.display())))
            }
            Self::Embedded(_) => self.open(genesis, "").await,
            Self::Postgres(address) => {
                Ok(AnyStore::Postgres(PostgresStore::beside(PostgresOptions::new(address, genesis)).await?))
            }
        }
    }

    /// Opens an existing journal only to read it, beside whoever serves it or where nobody can write.
    pub async fn beside(&self, genesis: Genesis) -> Result<AnyStore, StoreError> {
        Ok(match self {
            Self::Embedded(dir) => {
                AnyStore::Sqlite(SqliteStore::beside(SqliteOptions::new(dir, genesis)).await?)
            }
            Self::Postgres(address) => {
                AnyStore::Postgres(PostgresStore::beside(PostgresOptions::new(address, genesis)).await?)
            }
        })
    }

    /// Opens the tracks beside the journal, which has to be open; damaged ones stand in nobody's way and are told of.
    pub async fn tracks_or_new(&self) -> Result<Tracks, StoreError> {
        match self {
            Self::Embedded(dir) => Tracks::connect_or_begin(dir).await,
            Self::Postgres(address) => Tracks::in_database_or_without(address).await,
        }
    }

    /// Opens the tracks beside the journal, which has to be open.
    pub async fn tracks(&self) -> Result<Tracks, StoreError> {
        match self {
            Self::Embedded(dir) => Tracks::connect(dir).await,
            Self::Postgres(address) => Tracks::in_database(address).await,
        }
    }
}

impl std::fmt::Display for Location {
    /// Without a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded(dir) => dir.display().fmt(f),
            Self::Postgres(address) => {
                f.write_str(&PostgresOptions::new(address, Genesis::new("", Time(0))).at())
            }
        }
    }
}

/// Either database. Clones share it.
#[derive(Clone, Debug)]
pub enum AnyStore {
    /// The embedded one.
    Sqlite(SqliteStore),
    /// The one for many readers and another machine.
    Postgres(PostgresStore),
    /// One in memory, for tests that begin anew many times a second.
    #[cfg(any(test, feature = "memory"))]
    Memory(Arc<MemoryStore>),
}

impl AnyStore {
    /// Lays a region's outlines out for GIS users, where the database can: `GeoJSON` feature collections of areas and
    /// of beats, each feature with a `code`. Nothing the centre decides rests on it.
    pub async fn lay_out(&self, region: &str, areas: &str, beats: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(store) => store.lay_out(region, areas, beats).await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => Ok(()),
        }
    }

    /// Says that this process lives and leads, which only an answer of the database proves; an embedded one has nobody
    /// beside it.
    pub async fn heartbeat(&self) -> Result<Heartbeat, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(Heartbeat::default()),
            Self::Postgres(store) => store.heartbeat().await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => Ok(Heartbeat::default()),
        }
    }

    /// Hands alarms from a leader that has to go to the next one.
    pub async fn hand_on(&self, alarms: &[Handed]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => {
                Err(StoreError::Impossible("files have one process: nobody takes over".into()))
            }
            Self::Postgres(store) => store.hand_on(alarms).await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => {
                Err(StoreError::Impossible("a memory has one process: nobody takes over".into()))
            }
        }
    }

    /// Alarms another leader could not record, oldest first.
    pub async fn handed(&self) -> Result<Vec<Handed>, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(Vec::new()),
            Self::Postgres(store) => store.handed().await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => Ok(Vec::new()),
        }
    }

    /// These are in the journal now, by key.
    pub async fn taken_in(&self, keys: &[String]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(store) => store.taken_in(keys).await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => Ok(()),
        }
    }

    /// Closes it in order, for every clone.
    pub async fn close(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
            #[cfg(any(test, feature = "memory"))]
            Self::Memory(_) => Ok(()),
        }
    }
}
