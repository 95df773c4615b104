//! The console and the patrol page in a real browser against the built binary. The scripts lie with the pages, in
//! `map-ui/e2e`; pictures and figures go to `target/e2e`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use dispatch_e2e::node::Node;

async fn run(script: &str) -> anyhow::Result<()> {
    if std::env::var("ORTOO_NO_BROWSER").is_ok_and(|value| value == "1") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let output = Command::new("node")
        .arg(format!("e2e/{script}"))
        .env("ORTOO_URL", &node.base)
        .env("ORTOO_E2E_OUT", root.join("target/e2e"))
        .current_dir(root.join("map-ui"))
        .output()
        .context("node")?;
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n");
    ensure!(output.status.success(), "{script}:\n{said}");
    node.finish(&[]).await
}

/// One after the other: two browsers at once would only show how slow the machine is.
#[tokio::test]
async fn the_console_and_the_patrol_page_in_chromium() -> anyhow::Result<()> {
    run("console.mjs").await?;
    run("patrol.mjs").await
}
