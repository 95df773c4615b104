//! A few rounds of damage to each store in every proof; `cargo xtask damage` runs as many as one likes.

use dispatch_e2e::oracle::{Damages, StoreKind, damage};

async fn nothing_is_silent(store: StoreKind, rounds: u64) -> anyhow::Result<()> {
    let account = damage(Damages { rounds, store, seed: 1 }, |_, _| {}).await?;
    assert!(account.findings.is_empty(), "{}\n{}", account.table(), account.findings.join("\n"));
    assert_eq!(account.rounds.values().flat_map(|noticed| noticed.values()).sum::<u64>(), rounds);
    Ok(())
}

#[tokio::test]
async fn files_that_were_damaged() -> anyhow::Result<()> {
    nothing_is_silent(StoreKind::Sqlite, 8).await
}

#[tokio::test]
async fn a_database_that_was_changed() -> anyhow::Result<()> {
    nothing_is_silent(StoreKind::Postgres, 5).await
}
