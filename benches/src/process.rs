//! Processes a run starts: the node, Redis, and our own peers; where they listen and what processor time they took.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Clock ticks per second in /proc, the same on every Linux that Rust runs on.
const TICKS_PER_S: f64 = 100.0;
/// How long a process may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// A process that ends with its owner.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts it. Standard output and standard error go to `log`, or nowhere.
    pub fn start(command: &mut Command, log: Option<fs::File>) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let (out, err) = match log {
            Some(file) => (Stdio::from(file.try_clone()?), Stdio::from(file)),
            None => (Stdio::null(), Stdio::null()),
        };
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        Ok(Self { child: child.with_context(|| format!("start {name}"))?, name })
    }

    /// One of our own peers: this program again, with the address it shall listen at.
    pub fn peer(arguments: &[&str]) -> Result<(Self, SocketAddr)> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        let mut process =
            Self::start(command.arg("peer").args(arguments).args(["--listen", &address.to_string()]), None)?;
        process.wait_for(address)?;
        Ok((process, address))
    }

    /// Waits until something listens there.
    pub fn wait_for(&mut self, address: SocketAddr) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            self.check()?;
            if began.elapsed() > PATIENCE {
                bail!("{} does not listen at {address}", self.name);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// An error when it has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("{} ended: {status}", self.name),
            None => Ok(()),
        }
    }

    /// Kills it, as nothing could stop, and waits for its end.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Memory it has in use (proc(5), `VmRSS`), megabytes.
    pub fn resident_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1_024.0)
    }

    /// Processor time it has taken, user and system, all threads, seconds (proc(5), `stat` fields 14 and 15).
    pub fn cpu_s(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is a name in parentheses that may hold spaces.
        let (_, rest) = stat.rsplit_once(')').context("stat")?;
        let ticks = rest.split_ascii_whitespace().skip(11).take(2).map(str::parse::<u32>);
        Ok(ticks.sum::<Result<u32, _>>().map(f64::from)? / TICKS_PER_S)
    }
}

/// Something whose processor time can be asked.
pub trait Works {
    /// Processor time it has taken, seconds.
    fn cpu_s(&self) -> Result<f64>;
}

impl Works for Process {
    fn cpu_s(&self) -> Result<f64> {
        Self::cpu_s(self)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address nothing listens at.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
