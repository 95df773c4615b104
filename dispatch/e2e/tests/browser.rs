//! The console and the patrol page in a real browser against the built binary. The scripts lie with the pages, in
//! `map-ui/e2e`; pictures and figures go to `target/e2e`.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use dispatch_e2e::node::Node;
use tokio::sync::mpsc;

/// A script's process, which does not outlive its test.
struct Script(Child);

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a script beside a node of its own. A script that says `@restart` gets the node killed and started again, and a
/// line when it is ready.
async fn run(script: &str) -> anyhow::Result<()> {
    if std::env::var("ORTOO_NO_BROWSER").is_ok_and(|value| value == "1") {
        return Ok(());
    }
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let mut child = start(script, &node.base)?;
    let mut stdin = child.0.stdin.take().context("stdin")?;
    let mut lines = lines_of(child.0.stdout.take().context("stdout")?);
    let mut stderr = child.0.stderr.take().context("stderr")?;
    let faults = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let mut said = Vec::new();
    while let Some(line) = lines.recv().await {
        if line == "@restart" {
            node.kill_and_restart().await?;
            writeln!(stdin, "up")?;
        }
        said.push(line);
    }
    let faults = faults.await??;
    ensure!(child.0.wait()?.success(), "{script}:\n{}\n{faults}", said.join("\n"));
    node.finish(&[]).await
}

fn start(script: &str, base: &str) -> anyhow::Result<Script> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let child = Command::new("node")
        .arg(format!("e2e/{script}"))
        .env("ORTOO_URL", base)
        .env("ORTOO_E2E_OUT", root.join("target/e2e"))
        .current_dir(root.join("map-ui"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("node")?;
    Ok(Script(child))
}

/// The lines something writes, as they come.
fn lines_of(from: impl Read + Send + 'static) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// One after the other: two browsers at once would only show how slow the machine is.
#[tokio::test]
async fn the_console_and_the_patrol_page_in_chromium() -> anyhow::Result<()> {
    run("five-minutes.mjs").await?;
    run("console.mjs").await?;
    run("patrol.mjs").await
}
