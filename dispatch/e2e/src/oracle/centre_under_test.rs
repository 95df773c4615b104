//! The centre under test: the built server, and the database server it may stand on.

use std::path::Path;

use anyhow::{Context as _, Result};
use dispatch_store::conformance::cluster::Cluster;

use super::run::StoreKind;
use crate::node::{Node, said};

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The server.
    Server,
    /// The database.
    Database,
    /// Both at once.
    Both,
}

/// What the log may say while its database is killed.
pub const EXPECTED: &[&str] = &[
    "was not committed",
    "whether a batch was committed",
    "the journal cannot be opened",
    "degraded",
    "cannot be reached",
    "tracks cannot be written",
    "upkeep failed",
    "nobody was told yet",
    "a snapshot was not kept",
    "terminating connection",
    "testing the connection",
    "time to acquire exceeded",
    "outlines were not laid out",
    "is not recorded yet",
    "the journal cannot be followed",
    "another process took the lead",
    "the leader has not been heard",
    "nobody stands by",
    "could not be recorded were left",
];

/// A centre on a folder or a database of its own.
#[derive(Debug)]
pub struct CentreUnderTest {
    /// The server.
    pub node: Node,
    /// Where it keeps its journal.
    pub location: LocationFlags,
}

impl CentreUnderTest {
    /// A new one.
    pub async fn open(folder: &Path, cluster: Option<&Cluster>) -> Result<Self> {
        let mut args = vec!["serve", "--region", "xilingol"];
        let address = cluster.map(Cluster::database);
        if let Some(address) = &address {
            args.extend(["--store", address]);
        }
        let location = LocationFlags::of(folder, address.as_deref())?;
        Ok(Self { node: Node::start(folder, &args).await?, location })
    }

    /// Kills.
    pub fn kill(&mut self, victim: Victim, cluster: Option<&Cluster>) -> Result<()> {
        if victim != Victim::Server {
            cluster.context("there is no database to kill")?.kill();
        }
        if victim != Victim::Database {
            self.node.kill()?;
        }
        Ok(())
    }

    /// Starts what was killed.
    pub async fn start_again(&mut self, victim: Victim) -> Result<()> {
        if victim == Victim::Database { Ok(()) } else { self.node.start_again().await }
    }
}

/// Where a centre keeps its journal, as the flags of `ortoo`.
#[derive(Clone, Debug)]
pub struct LocationFlags(Vec<String>);

impl LocationFlags {
    /// In a folder, or in a database beside it.
    pub fn of(folder: &Path, database: Option<&str>) -> Result<Self> {
        let folder = folder.to_str().context("the path is UTF-8")?;
        let mut flags = vec!["--data-dir", folder];
        flags.extend(database.iter().flat_map(|address| ["--store", address]));
        Ok(Self(flags.into_iter().map(str::to_owned).collect()))
    }

    /// Rows after a sequence, one JSON object a line.
    pub fn journal(&self, after: u64) -> Result<String> {
        self.ask(&["journal", "--after", &after.to_string()])
    }

    /// Everything that is kept, by replay; how many rows.
    pub fn verify(&self) -> Result<u64> {
        let proved = self.ask(&["verify"])?;
        let counted = proved.lines().find_map(|line| line.strip_prefix("journal "));
        let rows = counted.and_then(|count| count.split(' ').next()?.parse().ok());
        rows.with_context(|| format!("verify said: {proved}"))
    }

    fn ask(&self, task: &[&str]) -> Result<String> {
        let mut args = task.to_vec();
        args.extend(self.0.iter().map(String::as_str));
        said(&args)
    }
}

impl StoreKind {
    /// What can be killed of it.
    pub(super) fn victims(self) -> &'static [Victim] {
        match self {
            Self::Sqlite => &[Victim::Server],
            Self::Postgres => &[Victim::Server, Victim::Database, Victim::Both],
        }
    }
}
