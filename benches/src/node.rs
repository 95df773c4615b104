//! The built binary as a process, on a folder of its own that ends with it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use dispatch_api::client::Client;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Process, Works, free_address};

const PATIENCE: Duration = Duration::from_mins(1);

/// A running node.
#[derive(Debug)]
pub struct Node {
    command: Command,
    process: Process,
    /// Where it answers.
    pub address: SocketAddr,
    data: TempDir,
}

/// What the benchmarks need of the region.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Units: code, longitude and latitude of the home base in degrees.
    pub units: Vec<Spot>,
    /// Alarm points, likewise.
    pub points: Vec<Spot>,
}

/// A named place.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Code.
    pub code: String,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

#[derive(Deserialize)]
struct Coord {
    lon: i32,
    lat: i32,
}

/// The release binary beside this one, built if needed; `ORTOO_BIN` names another.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("ORTOO_BIN") {
        return Ok(path.into());
    }
    if cfg!(debug_assertions) {
        bail!("measure with --release");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--release", "--package", "dispatch-server"]).status();
    if !built.context("cargo build")?.success() {
        bail!("the server does not build");
    }
    let own = std::env::current_exe()?;
    Ok(own.parent().context("folder of this program")?.join("ortoo"))
}

impl Node {
    /// Starts a new node on a folder below `ground` and waits until it is ready. `settings` are keys of its
    /// configuration as environment variables.
    pub fn start(binary: &Path, ground: &Path, settings: &[(&str, String)]) -> Result<Self> {
        fs::create_dir_all(ground)?;
        let data = tempfile::Builder::new().prefix("ortoo-bench-").tempdir_in(ground)?;
        let address = free_address()?;
        let mut command = Command::new(binary);
        command.args(["serve", "--region", "xilingol", "--listen", &address.to_string(), "--data-dir"]);
        command.arg(data.path().join("node"));
        command.envs([("ORTOO_LOG", "warn"), ("ORTOO_LIMITS_REQUESTS_PER_S", "4000000000")]);
        command.envs(settings.iter().map(|(key, value)| (key, value)));
        let process = Process::start(&mut command, Some(fs::File::create(data.path().join("bench.log"))?))?;
        let mut node = Self { command, process, address, data };
        node.ready().with_context(|| format!("the node's log:\n{}", node.log()))?;
        Ok(node)
    }

    /// Kills it as a loss of power to the process would, starts it on what it left, and waits until it is ready.
    pub fn kill_and_start_again(&mut self) -> Result<()> {
        self.process.kill()?;
        let log = fs::File::options().append(true).open(self.data.path().join("bench.log"))?;
        self.process = Process::start(&mut self.command, Some(log))?;
        self.ready().with_context(|| format!("the node's log:\n{}", self.log()))
    }

    fn ready(&mut self) -> Result<()> {
        let client = self.client()?;
        let began = Instant::now();
        loop {
            self.process.check()?;
            if block_on(client.text("/readyz"))?.is_ok() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("the node is not ready after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A client for what is not measured.
    pub fn client(&self) -> Result<Client> {
        Ok(Client::new(&format!("http://{}", self.address))?)
    }

    /// Processor time it has taken, seconds.
    pub fn cpu_s(&self) -> Result<f64> {
        self.process.cpu_s()
    }

    /// Memory it has in use, megabytes.
    pub fn resident_mb(&self) -> Result<f64> {
        self.process.resident_mb()
    }

    /// What it logged: warnings and errors.
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.path().join("bench.log")).unwrap_or_default()
    }

    /// Warnings and errors it logged, by count, so that a run with trouble says so.
    pub fn complaints(&self) -> usize {
        self.log().lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).count()
    }

    /// Units and points of its register.
    pub fn ground(&self) -> Result<Ground> {
        let client = self.client()?;
        let region: Value = block_on(client.get("/region"))??;
        let spots = |list: &str, field: &str| -> Result<Vec<Spot>> {
            let entries = region[list].as_object().with_context(|| format!("no {list}"))?;
            let spot = |(code, entry): (&String, &Value)| {
                let Coord { lon, lat } = Coord::deserialize(&entry[field])?;
                Ok(Spot { code: code.clone(), lon: f64::from(lon) / 1e7, lat: f64::from(lat) / 1e7 })
            };
            entries.iter().map(spot).collect()
        };
        Ok(Ground { units: spots("units", "home")?, points: spots("points", "at")? })
    }
}

impl Works for Node {
    fn cpu_s(&self) -> Result<f64> {
        Self::cpu_s(self)
    }
}

/// Runs what is not measured to its end.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}
