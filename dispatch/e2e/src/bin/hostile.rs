//! `cargo xtask hostile`: rude clients of many kinds, one after another, beside those who need the node.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_e2e::hostile::{Attack, Options, run};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Treats a node badly and looks at what those see who need it.
#[derive(Debug, Parser)]
struct Arguments {
    /// How long each kind of attack goes on.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Sizes, paths and pauses.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most memory the node may hold, MiB.
    #[arg(long, default_value_t = 600)]
    most_mib: u32,
    /// Only this kind.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Attacks this way, as a process of its own.
    #[arg(long, hide = true, requires = "at")]
    attack: Option<String>,
    /// The node that is attacked.
    #[arg(long, hide = true)]
    at: Option<SocketAddr>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { seconds, seed, most_mib, only, attack, at } = Arguments::parse();
    let named = |name: &str| Attack::named(name).with_context(|| format!("there is no attack {name:?}"));
    if let (Some(attack), Some(at)) = (attack, at) {
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
        named(&attack)?.run(at, seed).await;
        return Ok(());
    }
    let only = match only {
        Some(name) => vec![named(&name)?],
        None => Attack::ALL.to_vec(),
    };
    let (time, program) = (Duration::from_secs(seconds), std::env::current_exe()?);
    let outcome = run(Options { time, seed, only, program }, |row| {
        let _ = writeln!(std::io::stderr(), "{}", row.attack.name());
    })
    .await?;
    let mut out = std::io::stdout();
    writeln!(out, "seed {seed}, {seconds} s each\n{}", outcome.table())?;
    let findings = outcome.findings(most_mib);
    for finding in &findings {
        writeln!(out, "FOUND {finding}")?;
    }
    ensure!(findings.is_empty(), "{} findings", findings.len());
    Ok(())
}
