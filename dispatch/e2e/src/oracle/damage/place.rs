//! Where a centre keeps what it knows: a data directory, a mirror beside it, a database if it has one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use dispatch_store::conformance::cluster::{Cluster, OWNER};

use super::super::centre_under_test::LocationFlags;
use crate::node::{Node, ortoo};

/// A centre's folders, and the name of its database.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data directory.
    pub data: PathBuf,
    /// The mirror's folder.
    pub mirror: PathBuf,
    /// Its database on the private server, and the address of that.
    pub database: Option<(String, String)>,
}

impl Place {
    /// Of folders and a database that are there.
    pub fn of(data: PathBuf, mirror: PathBuf, database: Option<(String, String)>) -> Self {
        Self { data, mirror, database }
    }

    /// A new one.
    pub fn new(folder: &Path, cluster: Option<&Cluster>) -> Result<Self> {
        let place = Self::of(folder.join("data"), folder.join("mirror"), None);
        for made in [&place.data, &place.mirror] {
            std::fs::create_dir_all(made)?;
        }
        let Some(cluster) = cluster else { return Ok(place) };
        let address = cluster.database();
        let path = address.split('?').next().unwrap_or(&address);
        let name = path.rsplit('/').next().context("a database has a name")?.to_owned();
        Ok(Self { database: Some((name, address)), ..place })
    }

    /// The same again, in another folder and another database.
    pub fn copy(&self, folder: &Path, cluster: Option<&Cluster>) -> Result<Self> {
        let mut copy = Self::of(folder.join("data"), folder.join("mirror"), None);
        copy_folder(&self.data, &copy.data)?;
        copy_folder(&self.mirror, &copy.mirror)?;
        if let (Some((name, _)), Some(cluster)) = (&self.database, cluster) {
            let new = format!("copy_{}", uuid::Uuid::now_v7().simple());
            disconnect(cluster, name);
            cluster.psql("postgres", &format!("create database {new} template {name}"));
            let address = cluster.address(OWNER, &new);
            copy.database = Some((new, address));
        }
        Ok(copy)
    }

    /// Lets go of its database; folders go with whoever made them.
    pub fn clear(&self, cluster: Option<&Cluster>) {
        if let (Some((name, _)), Some(cluster)) = (&self.database, cluster) {
            cluster.psql("postgres", &format!("drop database {name} with (force)"));
        }
    }

    /// Starts the shipped binary on it.
    pub async fn start(&self) -> Result<Node> {
        let mirror = self.mirror.to_string_lossy();
        let mut args = vec!["serve", "--region", "xilingol", "--mirror", &mirror];
        args.extend(self.database.iter().flat_map(|(_, address)| ["--store", address.as_str()]));
        Node::start_with(&self.data, &args, &[("ORTOO_KEEP_PROVE_EVERY_S", "1")]).await
    }

    /// Its journal, a line a row.
    pub fn rows(&self) -> Result<Vec<String>> {
        let printed = self.flags()?.journal(0)?;
        Ok(printed.lines().map(str::to_owned).collect())
    }

    /// What `ortoo verify` complains of; none where all is well.
    pub fn complaint(&self) -> Result<Option<String>> {
        let mut args = vec!["verify", "--data-dir"];
        let data = self.data.to_string_lossy();
        args.push(&data);
        args.extend(self.database.iter().flat_map(|(_, address)| ["--store", address.as_str()]));
        let done = ortoo(&args)?;
        Ok((!done.status.success()).then(|| String::from_utf8_lossy(&done.stderr).trim().to_owned()))
    }

    /// What `ortoo verify` complains of in its mirror; none where all is well.
    pub fn mirror_complaint(&self) -> Result<Option<String>> {
        let (data, mirror) = (self.data.to_string_lossy(), self.mirror.to_string_lossy());
        let done = ortoo(&["verify", "--data-dir", &data, "--mirror", &mirror])?;
        Ok((!done.status.success()).then(|| String::from_utf8_lossy(&done.stderr).trim().to_owned()))
    }

    /// What `ortoo verify` complains of in the mirror of a centre that has stopped, and in each of its copies alone.
    pub fn mirror_complaints(&self) -> Result<Vec<String>> {
        let mut complaints: Vec<String> = self.mirror_complaint()?.into_iter().collect();
        let copies = std::fs::read_dir(&self.mirror)?.map(|entry| Ok(entry?.path()));
        for copy in copies.collect::<Result<Vec<_>>>()?.into_iter().filter(|path| path.is_dir()) {
            // Beside no journal: an older copy does not go as far.
            let alone = Self::of(self.mirror.with_extension("alone"), copy, None);
            complaints.extend(alone.mirror_complaint()?);
        }
        Ok(complaints)
    }

    fn flags(&self) -> Result<LocationFlags> {
        LocationFlags::of(&self.data, self.database.as_ref().map(|(_, address)| address.as_str()))
    }
}

/// Nobody is left of whoever was killed: a database that is in use cannot be copied.
fn disconnect(cluster: &Cluster, name: &str) {
    let ended =
        format!("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'");
    cluster.psql("postgres", &ended);
}

/// Copies a folder as it is, times and modes too.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().context("cp")?;
    ensure!(copied.success(), "{} cannot be copied", from.display());
    Ok(())
}

/// Every file of a folder and of those in it, in order.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}
