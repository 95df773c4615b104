//! One step of the proof: a command with a headline, its time, and a clear end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

/// The root of the checkout.
pub fn root() -> anyhow::Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(manifest.parent().context("xtask lies in the root")?.to_owned())
}

/// Says something to whoever runs the proof.
#[expect(clippy::print_stdout, reason = "this is a command-line tool and this is its output")]
pub fn say(text: &str) {
    println!("{text}");
}

/// Runs a command in `folder`; its output goes through, its failure is an error that names it.
pub fn run(
    headline: &str,
    folder: &Path,
    program: &str,
    args: &[&str],
    envs: &[(&str, &str)],
) -> anyhow::Result<()> {
    say(&format!("\n== {headline}: {program} {}", args.join(" ")));
    let start = Instant::now();
    let status = Command::new(program)
        .args(args)
        .envs(envs.iter().copied())
        .current_dir(folder)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{headline}: cannot start {program}"))?;
    say(&format!("== {headline}: {:.0} s", start.elapsed().as_secs_f64()));
    if !status.success() {
        bail!("{headline} failed ({status})");
    }
    Ok(())
}

/// Whether a program answers to `--version`.
pub fn answers(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a command prints.
pub fn output(folder: &Path, program: &str, args: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("{program} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}
