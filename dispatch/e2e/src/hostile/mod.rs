//! A node that is treated badly while it is needed: rude clients of many kinds, one after another, beside a source that
//! raises alarms, a console that watches and an operator who asks. What they see, and what the node takes of memory.

pub mod attack;
mod outcome;
mod watch;

use std::net::ToSocketAddrs as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

pub use self::attack::Attack;
pub use self::outcome::{Outcome, Row};
use self::watch::Watch;
use crate::node::Node;

/// What is tried, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long each kind of attack goes on, and how long it is quiet before.
    pub time: Duration,
    /// Sizes, paths and pauses of the attacks.
    pub seed: u64,
    /// Only these kinds.
    pub only: Vec<Attack>,
    /// The program that attacks: `hostile`, as a process of its own.
    pub program: PathBuf,
}

/// Tries all of them on a node of its own; `told` hears of each when it is over.
pub async fn run(options: Options, mut told: impl FnMut(&Row)) -> anyhow::Result<Outcome> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "valparaiso"]).await?;
    let mut outcome = Outcome::default();
    let mut watch = Watch::open(&node).await?;
    // The first alarms of a process pay for what later ones find ready.
    watch.during(&node, Duration::from_secs(1)).await?;
    outcome.quiet = watch.during(&node, options.time).await?;
    for (number, attack) in options.only.iter().enumerate() {
        let mut attacker = begin(&options, *attack, options.seed + number as u64, &node)?;
        let seen = watch.during(&node, options.time).await?;
        attacker.kill().context("end the attack")?;
        attacker.wait()?;
        let row = Row { attack: *attack, seen };
        told(&row);
        outcome.rows.push(row);
    }
    // It has come to itself: what an attack held is given back, and a call is answered as before.
    outcome.after = watch.during(&node, options.time).await?;
    outcome.metrics_bytes = watch.metrics(&node).await?.len();
    outcome.unshown = watch.until_all_shown().await?;
    node.finish(&[
        "could not be accepted",
        "the positions were not taken",
        "read header from client timeout",
    ])
    .await?;
    Ok(outcome)
}

/// An attack has the least right to a processor: what is measured is what it does to the node, not to the machine.
fn begin(options: &Options, attack: Attack, seed: u64, node: &Node) -> anyhow::Result<Child> {
    let at = node.base.trim_start_matches("http://");
    at.to_socket_addrs().context("where the node answers")?;
    Command::new("nice")
        .args(["-n", "19"])
        .arg(&options.program)
        .args(["--attack", attack.name(), "--at", at, "--seed", &seed.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("begin an attack")
}
