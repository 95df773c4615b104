//! The journal at rest: proved, copied, restored; the configuration shown.

use std::path::Path;

use anyhow::{Context as _, bail};
use dispatch_api::client::Client;
use dispatch_store::{AnyStore, Genesis, SqliteOptions, Store as _, StoreError};

use super::{say, step};
use crate::clock::{Clock, wall};
use crate::config::Config;

/// Rows of the journal read at a time.
const PAGE: u32 = 1_000;

/// `ortoo verify`.
pub(crate) async fn verify(config: &Config) -> anyhow::Result<()> {
    let store = present(config).await?;
    let proving = step("replaying the journal");
    let verified = store.verify().await?;
    proving.finish_and_clear();
    say(&format!(
        "{} rows, {} entities and {} snapshots equal to the replay\naudit head {}\nstate {}",
        verified.rows, verified.entities, verified.snapshots, verified.audit_head, verified.state_hash
    ))?;
    Ok(())
}

/// `ortoo journal`.
pub(crate) async fn journal(config: &Config, mut after: u64) -> anyhow::Result<()> {
    let store = present(config).await?;
    loop {
        let records = store.records(after, PAGE).await?;
        let Some(last) = records.last() else { return Ok(()) };
        after = last.seq;
        for record in &records {
            say(&serde_json::to_string(record)?)?;
        }
    }
}

/// `ortoo backup`: by itself when no node runs on the data, else through the node that does.
pub(crate) async fn backup(config: &Config, into: &Path) -> anyhow::Result<()> {
    let into = std::path::absolute(into)?;
    let copying = step("copying the journal and the tracks");
    match present(config).await {
        Ok(store) => {
            store.backup(&into).await.context("copy the journal")?;
            config.place().tracks().await?.backup(&into).await.context("copy the tracks")?;
        }
        Err(error) if matches!(error.downcast_ref(), Some(StoreError::InUse { .. })) => {
            let client = Client::new(&format!("http://{}", config.listen))?;
            let into = into.to_str().context("the path is not UTF-8")?;
            client.backup(into).await.context("ask the node that runs there (name its --listen)")?;
        }
        Err(error) => return Err(error),
    }
    copying.finish_and_clear();
    say(&format!("copied into {}", into.display()))?;
    Ok(())
}

/// `ortoo hand-over`.
pub(crate) async fn hand_over(config: &Config) -> anyhow::Result<()> {
    let address = config.advertised(config.listen);
    Client::new(&address)?.hand_over().await.with_context(|| format!("ask the node at {address}"))?;
    say(&format!("{address} hands the lead over"))?;
    Ok(())
}

/// `ortoo restore`.
pub(crate) async fn restore(config: &Config, from: &Path) -> anyhow::Result<()> {
    if !config.store.is_empty() {
        bail!("a database is restored by its own tools: use pg_restore (docs/postgis.md)");
    }
    let genesis = Genesis::new(Clock::wall().name(), wall());
    let restoring = step("restoring and replaying the journal");
    let options = SqliteOptions::new(&config.data_dir, genesis);
    let (_store, restored) = dispatch_store::sqlite::restore(from, options).await?;
    let tracks = from.join(dispatch_store::tracks::TRACKS_FILE);
    if tracks.is_file() {
        let into = config.data_dir.join(dispatch_store::tracks::TRACKS_FILE);
        tokio::fs::copy(&tracks, &into).await.context("copy the tracks")?;
    }
    restoring.finish_and_clear();
    say(&format!(
        "{} rows proved; journal {}; {} expired words erased",
        restored.verified.rows, restored.journal, restored.erased
    ))?;
    Ok(())
}

/// `ortoo store copy`.
pub(crate) async fn copy(from: &Path, to: &str) -> anyhow::Result<()> {
    let copying = step("proving, copying and proving again");
    let copied = dispatch_store::postgres::copy(from, to).await?;
    copying.finish_and_clear();
    say(&format!(
        "{} rows and {} entities are the same in both\naudit head {}\nstate {}\nfrom now on: ortoo serve --store ADDRESS; do not serve {} again",
        copied.rows,
        copied.entities,
        copied.audit_head,
        copied.state_hash,
        from.display()
    ))?;
    Ok(())
}

/// `ortoo config check`.
pub(crate) fn show(config: &Config) -> anyhow::Result<()> {
    let text = toml::to_string_pretty(&config.shown()).context("write the configuration")?;
    say(&format!("# it can be used; whole, with what is not said:\n{text}"))?;
    Ok(())
}

async fn present(config: &Config) -> anyhow::Result<AnyStore> {
    Ok(config.place().look(Genesis::new(Clock::wall().name(), wall())).await?)
}
