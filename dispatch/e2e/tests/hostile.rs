//! Each kind of rude client for a moment in every proof; `cargo xtask hostile` goes on for as long as one likes.

use std::time::Duration;

use dispatch_e2e::hostile::{Attack, Options, run};

/// Bound of what the node holds meanwhile, MiB.
const MOST_MIB: u32 = 600;

#[tokio::test]
async fn who_needs_the_node_has_it_whoever_is_rude_to_it() -> anyhow::Result<()> {
    let program = env!("CARGO_BIN_EXE_hostile").into();
    let (time, only) = (Duration::from_secs(2), Attack::ALL.to_vec());
    let outcome = run(Options { time, seed: 1, only, program }, |_| {}).await?;
    let findings = outcome.findings(MOST_MIB);
    assert!(findings.is_empty(), "{}\n{}", outcome.table(), findings.join("\n"));
    Ok(())
}
