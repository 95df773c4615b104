//! `cargo xtask schema`: writes the files that describe events, commands and the API to others, or says which of them
//! are not what the code says.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_api::described;

/// Makes the described files from the code.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only compares, and fails where a file differs.
    #[arg(long)]
    check: bool,
    /// The root of the checkout.
    #[arg(long)]
    root: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Arguments { check, root } = Arguments::parse();
    let root = match root {
        Some(root) => root,
        None => env::current_dir().context("no folder to write to")?,
    };
    let mut differ = Vec::new();
    for (path, made) in described::files(|page| fs::read_to_string(root.join(page)).unwrap_or_default()) {
        if fs::read_to_string(root.join(path)).unwrap_or_default() == made {
            continue;
        }
        if check {
            differ.push(path);
        } else {
            fs::write(root.join(path), made).with_context(|| format!("cannot write {path}"))?;
        }
    }
    ensure!(differ.is_empty(), "not what the code says: {}; run cargo xtask schema", differ.join(", "));
    Ok(())
}
