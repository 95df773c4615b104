//! The console in a real browser against the built binary. The scripts lie with the console, in `map-ui/e2e`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use dispatch_e2e::node::Node;

#[tokio::test]
async fn the_console_in_chromium() -> anyhow::Result<()> {
    if std::env::var("ORTOO_NO_BROWSER").is_ok_and(|value| value == "1") {
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../map-ui");
    let mut scripts: Vec<_> = std::fs::read_dir(folder.join("e2e"))
        .context("map-ui/e2e")?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".e2e.mjs"))
        .collect();
    scripts.sort();
    ensure!(!scripts.is_empty(), "map-ui/e2e holds the browser scripts (*.e2e.mjs)");
    for script in scripts {
        let data = tempfile::tempdir()?;
        let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
        let output = Command::new("node")
            .arg(&script)
            .env("ORTOO_BASE_URL", &node.base)
            .current_dir(&folder)
            .output()
            .context("node")?;
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "{}:\n{said}", script.display());
        node.finish(&[]).await?;
    }
    Ok(())
}
