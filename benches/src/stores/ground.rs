//! What the two stores stand on: a folder, or a database server of this run alone.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;
use dispatch_store::conformance::cluster::Cluster;
use serde::Serialize;

use crate::options::Options;

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Files, in the process.
    Sqlite,
    /// A database server with `PostGIS`, over a socket of the same machine.
    Postgres,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// A store to be measured.
#[derive(Debug)]
pub struct Stored {
    /// The folder for files.
    pub disk: PathBuf,
    cluster: Option<Cluster>,
}

impl Stored {
    /// Makes what it needs.
    pub fn make(kind: Kind, options: &Options) -> Result<Self> {
        std::fs::create_dir_all(&options.disk)?;
        let cluster = (kind == Kind::Postgres).then(Cluster::start);
        Ok(Self { disk: options.disk.clone(), cluster })
    }

    /// A new database's address; none where there are files.
    pub fn database(&self) -> Option<String> {
        self.cluster.as_ref().map(Cluster::database)
    }

    /// Settings of a node that begins with nothing.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.database().map(|address| ("ORTOO_STORE", address)).into_iter().collect()
    }
}
