//! What an earlier build wrote is opened, verified and gone on with (D5): `kept/` says which build that was.

use std::path::Path;

use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::view::View;
use dispatch_e2e::cast::raise;
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, said};
use serde_json::{Value, json};

/// Incidents that went on when it was written.
const ACTIVE: usize = 79;

#[tokio::test]
async fn what_an_earlier_build_wrote_is_gone_on_with() -> anyhow::Result<()> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept");
    let data = tempfile::tempdir()?;
    for file in ["journal.sqlite", "audit-head.jsonl"] {
        std::fs::copy(kept.join(file), data.path().join(file))?;
    }
    let heads = std::fs::read_to_string(kept.join("audit-head.jsonl"))?;
    let last: Value = serde_json::from_str(heads.lines().last().expect("a head is kept"))?;
    let verify = || said(&["verify", "--data-dir", &data.path().to_string_lossy()]);

    let verified = verify()?;
    assert!(verified.contains(&format!("journal {} rows proved", last["head"]["seq"])), "{verified}");
    assert!(verified.contains(last["head"]["hash"].as_str().expect("a hash")), "{verified}");

    let mut node = Node::start(data.path(), &["serve"]).await?;
    assert_eq!(active(&node).await?, ACTIVE);
    let alarm = raise(&node, &json!({ "source": "call", "text": "llamada" })).await?;
    node.kill_and_restart().await?;
    assert_eq!(active(&node).await?, ACTIVE);
    assert!(Console::open(&node.client("watch")?).await?.alarm(alarm).is_some());
    assert!(node.stop().await?.success());
    verify()?;
    Ok(())
}

async fn active(node: &Node) -> anyhow::Result<usize> {
    let console = Console::open(&node.client("watch")?).await?;
    let incidents = console.views().filter_map(View::as_incident);
    Ok(incidents.filter(|view| view.incident.state == IncidentState::Active).count())
}
