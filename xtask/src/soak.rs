//! What takes too long for every proof: a seeded day runs for minutes under an open console. The console may never show
//! an empty steppe, its memory and the node's may not grow without end, and the journal left behind has to verify.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::{built, machine, step};

/// Port of the node under test; not the product's, so that a demo may go on beside.
const LISTEN: &str = "127.0.0.1:18110";

/// Runs a demo for `minutes` at `speed` and watches it in a browser.
pub fn run(root: &Path, minutes: u32, speed: u32) -> anyhow::Result<()> {
    machine::prepare(true)?;
    step::run("the server", root, "cargo", &["build", "--release", "-p", "dispatch-server"], &[])?;
    let data = root.join("target/soak");
    let _ = std::fs::remove_dir_all(&data);
    let binary = built::path(root, "release", "ortoo");
    let mut demo = Demo::start(&binary, &data, speed)?;
    demo.answers()?;
    let minutes = minutes.to_string();
    let url = format!("http://{LISTEN}");
    let watched = step::run(
        "a console beside the seeded day",
        &root.join("map-ui"),
        "node",
        &["e2e/soak.mjs"],
        &[("ORTOO_URL", url.as_str()), ("ORTOO_SOAK_MINUTES", minutes.as_str())],
    );
    let stopped = demo.stop();
    watched?;
    stopped?;
    let data = data.to_string_lossy().into_owned();
    let verify = ["verify", "--data-dir", data.as_str()];
    step::run("the journal it left", root, &binary.to_string_lossy(), &verify, &[])
}

/// A running demo; ended when dropped.
struct Demo(Child);

impl Demo {
    fn start(binary: &Path, data: &Path, speed: u32) -> anyhow::Result<Self> {
        let child = Command::new(binary)
            .args(["demo", "--listen", LISTEN, "--speed", &speed.to_string(), "--data-dir"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("start the demo")?;
        Ok(Self(child))
    }

    fn answers(&mut self) -> anyhow::Result<()> {
        let begin = Instant::now();
        while std::net::TcpStream::connect(LISTEN).is_err() {
            if let Some(status) = self.0.try_wait()? {
                bail!("the demo ended ({status}) before it answered");
            }
            ensure!(begin.elapsed() < Duration::from_mins(2), "the demo does not answer on {LISTEN}");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        Ok(())
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().context("kill -INT")?;
        let status = self.0.wait().context("wait for the demo")?;
        ensure!(status.success(), "the demo ended with {status}");
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // After a clean stop there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
