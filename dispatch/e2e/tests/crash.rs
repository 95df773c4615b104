//! A few kills of each store in every proof; `cargo xtask crash-test` runs as many as one likes.

use dispatch_e2e::oracle::{Options, StoreKind, run};

async fn nothing_is_lost(store: StoreKind, kills: u64) -> anyhow::Result<()> {
    let tally = run(Options { kills, store, seed: 1 }, |_| {}).await?;
    assert!(tally.findings.is_empty(), "{}\n{}", tally.table(), tally.findings.join("\n"));
    assert_eq!(tally.kills(), kills);
    assert!(tally.acknowledged > 0 && tally.refused > 0 && tally.closed > 0, "{}", tally.table());
    Ok(())
}

#[tokio::test]
async fn files_through_kills_of_the_server() -> anyhow::Result<()> {
    nothing_is_lost(StoreKind::Sqlite, 10).await
}

#[tokio::test]
async fn a_database_through_kills_of_either() -> anyhow::Result<()> {
    nothing_is_lost(StoreKind::Postgres, 8).await
}
