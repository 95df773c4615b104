//! `cargo xtask flush-order`: a node under strace, alarms one after another, and its system calls read in order.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_e2e::cast::{Scene, let_nothing_run_out, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::flush::{Order, Trace};
use dispatch_e2e::node::{Node, binary};
use serde_json::json;

/// Shows that every acknowledgement waits for the flush of what it rests on.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many alarms.
    #[arg(long, default_value_t = 200)]
    alarms: u32,
}

/// A program that becomes the built binary under strace, which writes to a file.
fn under_strace(folder: &Path) -> anyhow::Result<PathBuf> {
    let program = folder.join("ortoo-under-strace");
    let script = format!(
        "#!/bin/sh\nexec strace -D -f -y -s 96 --seccomp-bpf \\\n  \
         -e trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync \\\n  -o {} {} \"$@\"\n",
        folder.join("trace").display(),
        binary()?.display()
    );
    std::fs::write(&program, script)?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { alarms } = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    let program = under_strace(folder.path())?;
    let node = Node::start_as(program, &data, &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    // One commit at a time: while another is written that time brought about, an answer may leave by right, and the trace
    // does not say whose a write is.
    let_nothing_run_out(&node, &scene).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    for _ in 0..alarms {
        let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
        console.until("the alarm", |console| console.alarm(alarm).cloned()).await?;
    }
    drop(console);
    node.finish(&[]).await?;
    let path = folder.path().join("trace");
    // The tracer is no child of ours; the end of the node is the last thing it writes.
    deadline::until("the end of the trace", || async {
        Ok(std::fs::read(&path)?.ends_with(b"+++ exited with 0 +++\n").then_some(()))
    })
    .await?;
    let file = std::fs::File::open(&path).context("the trace")?;
    let mut trace = Trace::default();
    for line in BufReader::new(file).split(b'\n') {
        trace.read(&String::from_utf8_lossy(&line?));
    }
    let order = trace.order();
    let Order { writes, flushes, answers, messages, violations } = &order;
    let mut out = std::io::stdout();
    writeln!(out, "writes into the journal's log        {writes:>8}")?;
    writeln!(out, "flushes of it                        {flushes:>8}")?;
    writeln!(out, "acknowledgements that left           {answers:>8}")?;
    writeln!(out, "commits that left to a console       {messages:>8}")?;
    writeln!(out, "left before its flush had ended      {:>8}", violations.len())?;
    for violation in violations.iter().take(5) {
        writeln!(out, "FOUND {violation}")?;
    }
    // A trace that shows less than was done shows nothing.
    let wanted = u64::from(alarms);
    ensure!(*answers >= wanted && *messages >= wanted, "the trace misses answers or messages");
    ensure!(violations.is_empty(), "{} left before the flush of what they rest on", violations.len());
    ensure!(*flushes >= wanted, "fewer flushes than acknowledgements, one after another");
    Ok(())
}
