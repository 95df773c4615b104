//! The built binary as a process: started on a free port, waited for, killed or stopped, its log kept and judged.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use dispatch_api::client::Client;
use serde_json::Value;

use crate::deadline;

/// A running node.
#[derive(Debug)]
pub struct Node {
    program: PathBuf,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    /// Where it answers, e.g. `http://127.0.0.1:41234`.
    pub base: String,
    listen: String,
    data: PathBuf,
    args: Vec<String>,
    envs: Vec<(String, String)>,
}

impl Node {
    /// Starts `ortoo <args> --data-dir <data> --listen <free port>` and waits until it is ready, or stands by.
    pub async fn start(data: &Path, args: &[&str]) -> anyhow::Result<Self> {
        Self::start_with(data, args, &[]).await
    }

    /// The same with more in its environment.
    pub async fn start_with(data: &Path, args: &[&str], envs: &[(&str, &str)]) -> anyhow::Result<Self> {
        Self::begin(binary()?, data, args, envs).await
    }

    /// The same by a program that becomes the built binary.
    pub async fn start_as(program: PathBuf, data: &Path, args: &[&str]) -> anyhow::Result<Self> {
        Self::begin(program, data, args, &[]).await
    }

    async fn begin(
        program: PathBuf,
        data: &Path,
        args: &[&str],
        envs: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let listen = free_address()?;
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        let envs = owned(envs);
        let (child, log) = spawn(&program, data, &listen, &args, &envs)?;
        let base = format!("http://{listen}");
        let mut node = Self { program, child, log, base, listen, data: data.to_owned(), args, envs };
        node.ready().await?;
        Ok(node)
    }

    /// `kill -9`, then the same command again on the same data and address.
    pub async fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        self.kill()?;
        self.start_again().await
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().context("kill")?;
        self.child.wait().context("wait")?;
        Ok(())
    }

    /// Starts a node that has ended again, on the same data and address, with this and nothing else in its environment.
    pub async fn restart(&mut self, envs: &[(&str, &str)]) -> anyhow::Result<()> {
        self.child.wait().context("wait")?;
        self.envs = owned(envs);
        self.start_again().await
    }

    /// The same command again on the same data and address, after a kill.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let (child, log) = spawn(&self.program, &self.data, &self.listen, &self.args, &self.envs)?;
        self.child = child;
        self.log = log;
        self.ready().await
    }

    /// Whether the process has ended.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits until the process ends by itself.
    pub async fn until_ended(&mut self) -> anyhow::Result<ExitStatus> {
        let child = &mut self.child;
        deadline::until("the node to end", || {
            let ended = child.try_wait();
            async move { Ok(ended?) }
        })
        .await
    }

    /// Asks it to stop as Ctrl-C does, and waits until it has.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &pid]).status().context("kill -INT")?;
        if !told.success() {
            bail!("the node was gone before it was asked to stop");
        }
        self.until_ended().await
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let url = format!("{}/readyz", self.base);
        let http = reqwest::Client::new();
        let (child, log) = (&mut self.child, &self.log);
        deadline::until("the node to be ready", || {
            let ended = child.try_wait();
            let (http, url) = (&http, &url);
            async move {
                if let Some(status) = ended? {
                    bail!("the node ended ({status}):\n{}", lines(log).join("\n"));
                }
                let answer = answer(http, url).await;
                Ok(answer.is_some_and(|answer| answer.ready || answer.role == STANDBY).then_some(()))
            }
        })
        .await
    }

    /// What it is at this moment, as `/readyz` says; none while it does not answer.
    pub async fn role(&self) -> Option<String> {
        Some(answer(&reqwest::Client::new(), &format!("{}/readyz", self.base)).await?.role)
    }

    /// Waits until it leads and takes commands.
    pub async fn until_it_leads(&self) -> anyhow::Result<()> {
        let (http, url) = (reqwest::Client::new(), format!("{}/readyz", self.base));
        deadline::until("the node to lead", || async {
            Ok(answer(&http, &url).await.filter(|answer| answer.ready).map(|_| ()))
        })
        .await
    }

    /// Waits until it stands by for the node at `leader`.
    pub async fn until_it_follows(&self, leader: &str) -> anyhow::Result<()> {
        let (http, url) = (reqwest::Client::new(), format!("{}/readyz", self.base));
        deadline::until("the node to stand by", || async {
            let answer = answer(&http, &url).await;
            Ok(answer.filter(|answer| answer.leader.as_deref() == Some(leader)).map(|_| ()))
        })
        .await
    }

    /// Sends its process a signal, `STOP` or `CONT`.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status()?;
        if !sent.success() {
            bail!("the node was gone before it got a signal");
        }
        Ok(())
    }

    /// A client that speaks as `actor`.
    pub fn client(&self, actor: &str) -> anyhow::Result<Client> {
        Ok(Client::new(&self.base)?.with_actor(actor))
    }

    /// What it has logged so far.
    pub fn log(&self) -> Vec<String> {
        lines(&self.log)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its data is.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Asks it to stop as Ctrl-C does and demands a clean end and a clean log: no WARN or ERROR line but those that
    /// hold one of `expected`.
    pub async fn finish(mut self, expected: &[&str]) -> anyhow::Result<()> {
        let status = self.stop().await?;
        if !status.success() {
            bail!("the node ended with {status}");
        }
        judge(&lines(&self.log), expected)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A test that failed half-way leaves no process behind; one that finished has none.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a node that follows is called.
const STANDBY: &str = "standby";

/// A node that does not answer so soon is paused.
const ANSWERS_IN: std::time::Duration = std::time::Duration::from_secs(1);

/// What `/readyz` says.
struct Answer {
    ready: bool,
    role: String,
    leader: Option<String>,
}

async fn answer(http: &reqwest::Client, url: &str) -> Option<Answer> {
    let answer = http.get(url).timeout(ANSWERS_IN).send().await.ok()?;
    let ready = answer.status().is_success();
    let said: Value = answer.json().await.ok()?;
    let text = |name: &str| said[name].as_str().map(str::to_owned);
    Some(Answer { ready, role: text("role")?, leader: text("leader") })
}

/// Where the built binary lies: beside the test's own, unless `ORTOO_BIN` says otherwise.
pub fn binary() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("ORTOO_BIN") {
        return Ok(path.into());
    }
    // Programs lie beside it, tests one folder deeper.
    let own = std::env::current_exe()?;
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join("ortoo")).find(|path| path.exists());
    found.with_context(|| {
        format!("ortoo is not built beside {}: cargo build -p dispatch-server", own.display())
    })
}

/// Runs `ortoo <args>` to its end; what it printed, or its complaint.
pub fn said(args: &[&str]) -> anyhow::Result<String> {
    let done = ortoo(args)?;
    if !done.status.success() {
        bail!("ortoo {}: {}", args.join(" "), String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8(done.stdout)?)
}

/// Runs `ortoo <args>` to its end.
pub fn ortoo(args: &[&str]) -> anyhow::Result<std::process::Output> {
    Command::new(binary()?).args(args).stdin(Stdio::null()).output().context("run ortoo")
}

fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn owned(envs: &[(&str, &str)]) -> Vec<(String, String)> {
    envs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn spawn(
    program: &Path,
    data: &Path,
    listen: &str,
    args: &[String],
    envs: &[(String, String)],
) -> anyhow::Result<(Child, Arc<Mutex<Vec<String>>>)> {
    let mut child = Command::new(program)
        .args(args)
        .envs(envs.iter().cloned())
        .arg("--data-dir")
        .arg(data)
        .args(["--listen", listen, "--log-json"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("start ortoo")?;
    let log = Arc::new(Mutex::new(Vec::new()));
    let stderr = child.stderr.take().context("stderr")?;
    let kept = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
    Ok((child, log))
}

fn lines(log: &Mutex<Vec<String>>) -> Vec<String> {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// What the log says of a mirror wherever the proof has one disk.
pub const ONE_DISK: &str = "the mirror lies on the disk of the data directory";

fn judge(lines: &[String], expected: &[&str]) -> anyhow::Result<()> {
    let loud = |line: &&String| {
        let level =
            serde_json::from_str::<Value>(line).ok().and_then(|row| Some(row["level"].as_str()?.to_owned()));
        let is_loud = level.is_none_or(|level| level == "WARN" || level == "ERROR");
        is_loud && !expected.iter().chain([&ONE_DISK]).any(|words| line.contains(words))
    };
    let unexpected: Vec<&String> = lines.iter().filter(loud).collect();
    if unexpected.is_empty() {
        return Ok(());
    }
    bail!(
        "unexpected lines in the log:\n{}",
        unexpected.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
    )
}
