//! The journal at rest: proved, copied, restored; the configuration shown.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use dispatch_api::client::{Client, ClientError};
use dispatch_store::loss::{counted, utc};
use dispatch_store::mirror::{Damaged, LeftOut};
use dispatch_store::sqlite::{JOURNAL_FILE, pages_in_order};
use dispatch_store::tracks::{self, TRACKS_FILE};
use dispatch_store::{
    AnyStore, Content, Custody as _, DataLock, Genesis, History as _, Journal as _, Lost, Proving,
    SqliteOptions, StoreError, Testimony, Verified, audit,
};
use tokio::time::sleep;

use crate::clock::{Clock, wall};
use crate::config::Config;
use crate::region::Region;
use crate::terminal::{progress, say, step};

/// Where a journal is made from a mirror to be proved, in the data directory, or else where the system keeps what is passing.
const SCRATCH: &str = "proving";

/// What is committed is in the mirror after so long.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Rows of the journal read at a time.
const PAGE: u32 = 1_000;

/// `ortoo verify`: of what a node serves meanwhile too, and where nothing can be written.
pub(crate) async fn verify(config: &Config, from: Option<u64>) -> anyhow::Result<()> {
    let embedded = config.store.is_empty();
    let holder = if embedded { DataLock::holder(&config.data_dir)? } else { None };
    let verified = looked(config, async |store| proved(config, store, from).await).await?;
    for table in &verified.tables {
        say(&table.to_string())?;
    }
    if let Some(process) = &holder {
        let process = if process.is_empty() { "another process" } else { &format!("process {process}") };
        say(&format!("{process} serves it meanwhile: the order of pages and the tracks were not looked at"))?;
    } else if embedded {
        let checking = step("reading every page");
        pages_in_order(&config.data_dir, JOURNAL_FILE).await?;
        let tracks = config.data_dir.join(TRACKS_FILE).is_file();
        if tracks {
            // What is to be done about a journal is not what is to be done about them.
            pages_in_order(&config.data_dir, TRACKS_FILE).await.map_err(|error| {
                anyhow!("{error}; a node that comes upon it sets the tracks aside and begins them anew")
            })?;
        }
        checking.finish_and_clear();
        let what = if tracks { "journal and tracks" } else { "the journal" };
        say(&format!("pages of {what} in order; what tracks say is not proved"))?;
    } else {
        say("pages and tracks are the database's to prove")?;
    }
    say(&format!("audit head {}\nstate {}", verified.audit_head, verified.state))?;
    for loss in &verified.losses {
        say(&format!(
            "a loss stands that nobody has accepted: {}; calls for help are taken and nothing else, until it is accepted \
             on a console or by `ortoo serve --accept-loss`, or `ortoo recover MIRROR` has brought the end back",
            Lost::from(loss)
        ))?;
    }
    Ok(())
}

/// The journal and what is kept beside it, proved.
async fn proved(config: &Config, store: &AnyStore, from: Option<u64>) -> anyhow::Result<Verified> {
    let is_held = held_to_witness(store, &config.data_dir).await?;
    let (bar, progress) = progress();
    // Where the journal has lost its end, and says so, that head was lost with it.
    let exported =
        if is_held { audit::exported(&config.data_dir)?.map(|exported| exported.head) } else { None };
    let proving = Proving {
        from,
        package: Some(Region::hash_of),
        exported,
        progress: Some(progress),
        ..Proving::default()
    };
    let verified = store.prove(&proving).await?;
    bar.finish_and_clear();
    Ok(verified)
}

/// Looks at a journal that is there. It is let go in order: what the database puts beside its file to be read goes with the
/// last of whoever reads it.
async fn looked<T>(
    config: &Config,
    look: impl AsyncFnOnce(&AnyStore) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let store = found(config, config.location().beside(Genesis::new(Clock::wall().name(), wall())).await)?;
    let done = look(&store).await;
    store.close().await?;
    done
}

/// `ortoo verify --mirror`: what `ortoo recover` would bring back.
pub(crate) async fn verify_mirror(config: &Config, mirror: &Path) -> anyhow::Result<()> {
    // Where there is no journal any more the mirror is all there is.
    let store =
        found(config, config.location().beside(Genesis::new(Clock::wall().name(), wall())).await).ok();
    let held = mirror_held(config, store.as_ref(), mirror).await;
    if let Some(store) = store {
        store.close().await?;
    }
    held
}

async fn mirror_held(config: &Config, store: Option<&AnyStore>, mirror: &Path) -> anyhow::Result<()> {
    let reached = match store {
        Some(store) => store.audit_head().await.map(|head| head.seq).unwrap_or_default(),
        None => 0,
    };
    let making = step("making the journal from the mirror and proving it");
    let mut made = proved_mirror(config, mirror).await?;
    if made.1.rows < reached {
        // What was committed a moment before may have been on its way.
        sleep(ON_ITS_WAY).await;
        made = proved_mirror(config, mirror).await?;
    }
    let (copy, verified, damaged) = made;
    making.finish_and_clear();
    for damaged in damaged {
        say(&format!("a copy cannot be brought back: {damaged}"))?;
    }
    for table in &verified.tables {
        say(&table.to_string())?;
    }
    say(&format!(
        "{} gives {} rows\naudit head {}\nstate {}",
        copy.display(),
        verified.rows,
        verified.audit_head,
        verified.state
    ))?;
    let Some(store) = store else { return Ok(()) };
    let head = store.audit_head().await?.seq;
    if verified.rows > head || store.audit_of(verified.rows).await?.as_ref() != Some(&verified.audit_head) {
        bail!("the journal does not hold row {} as the mirror has it", verified.rows);
    }
    if verified.rows < reached {
        bail!("the mirror lacks rows {} to {reached} of the journal", verified.rows + 1);
    }
    Ok(())
}

/// A journal made of a mirror and proved.
async fn proved_mirror(
    config: &Config,
    mirror: &Path,
) -> Result<(PathBuf, Verified, Vec<Damaged>), StoreError> {
    // Where there is no data directory none is made.
    let scratch = if config.data_dir.is_dir() {
        config.data_dir.join(SCRATCH)
    } else {
        std::env::temp_dir().join(format!("ortoo-{SCRATCH}-{}", std::process::id()))
    };
    let options = SqliteOptions::new(&scratch, Genesis::new(Clock::wall().name(), wall()));
    dispatch_store::mirror::prove(mirror, options).await
}

/// Whether the journal holds what was witnessed of it, which it has to unless it says itself that it does not.
async fn held_to_witness(store: &AnyStore, dir: &Path) -> anyhow::Result<bool> {
    let Testimony { witness, damage, lost, .. } = Testimony::of(store, dir).await?;
    if let Some(lost) = lost {
        if lost.is_on_record(&store.open().await?.state) {
            return Ok(false);
        }
        bail!(
            "the journal has lost its end, or is another one: {lost}; bring the end back with `ortoo recover MIRROR`, or \
             serve it and accept the loss"
        );
    }
    if let Some(damage) = damage {
        bail!("nobody can say whether the journal has lost its end: {damage}");
    }
    if witness.is_none() {
        say("nothing witnesses how far the journal had come: nobody can say whether it has lost its end")?;
    }
    Ok(true)
}

/// `ortoo journal`.
pub(crate) async fn journal(config: &Config, after: u64) -> anyhow::Result<()> {
    let print = async |store: &AnyStore| {
        let mut after = after;
        loop {
            let records = store.records(after, PAGE).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after = last.seq;
            for record in &records {
                say(&serde_json::to_string(record)?)?;
            }
        }
    };
    looked(config, print).await
}

/// `ortoo backup`: of what a node serves meanwhile too, beside it. Whoever may read the files needs nobody's word.
pub(crate) async fn backup(config: &Config, into: &Path) -> anyhow::Result<()> {
    let into = std::path::absolute(into)?;
    let copying = step("copying the journal and the tracks");
    let copy = async |store: &AnyStore| {
        store.backup(&into).await.context("copy the journal")?;
        tracks::copy_beside(&config.data_dir, &into).await.context("copy the tracks")?;
        let lost = Testimony::of(store, &config.data_dir).await?.lost;
        let state = store.open().await?.state;
        Ok((lost.filter(|lost| !lost.is_on_record(&state)), state.losses().clone()))
    };
    let (lost, losses) = looked(config, copy).await?;
    copying.finish_and_clear();
    say(&format!("copied into {}", into.display()))?;
    if let Some(lost) = lost {
        say(&format!("the journal has lost its end, or is another one, and so has the copy: {lost}"))?;
    }
    for loss in losses.values() {
        say(&format!(
            "a loss stands that nobody has accepted, in the copy as well: {}; a node that is restored from it takes calls \
             for help and nothing else until then",
            Lost::from(loss)
        ))?;
    }
    Ok(())
}

/// `ortoo yield-lead`.
pub(crate) async fn yield_lead(config: &Config, seat: &str) -> anyhow::Result<()> {
    let address = config.advertised(config.listen);
    let asking = Client::new(&address)?.with_seat(seat).with_channel("command_line");
    asking.yield_lead().await.map_err(|error| answered(error, &address))?;
    // A standby passes the question on to whoever leads.
    say("the server that led yields the lead")?;
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
    let (_store, restored) = dispatch_store::sqlite::restore(from, options, Region::hash_of).await?;
    restoring.finish_and_clear();
    say(&format!(
        "{} rows proved; journal {}; {} words erased that had expired when the backup was made",
        restored.verified.rows, restored.journal, restored.erased
    ))?;
    say(&format!(
        "the backup is of {}: words that were erased on request since then are there again, and have to be erased again",
        utc(restored.made_at)
    ))?;
    if let Some(lost) = restored.lost {
        say(&format!("the backup does not hold all that was witnessed here: {lost}"))?;
    }
    if let Some(damage) = restored.tracks {
        say(&format!("the tracks of the backup are damaged and were left out: {damage}"))?;
    }
    say_key(config, "backup")
}

/// `ortoo recover`.
pub(crate) async fn recover(config: &Config, from: &Path, leave: u64) -> anyhow::Result<()> {
    if !config.store.is_empty() {
        bail!(
            "a mirror is brought back into files: name an empty data directory, then move it with ortoo store copy"
        );
    }
    let genesis = Genesis::new(Clock::wall().name(), wall());
    let recovering = step("making the journal again and replaying it");
    let options = SqliteOptions::new(&config.data_dir, genesis);
    let package = |hash: &str, found: Option<Content>| {
        let is_it = |content: &Content| Region::hash_of(&content.bytes).is_ok_and(|given| given == hash);
        if let Some(content) = found.filter(is_it) {
            return Some(content);
        }
        let region = Region::find(&config.region).ok()?;
        (region.hash == hash).then(|| region.content())
    };
    let recovered = dispatch_store::mirror::recover(from, options, leave, &package).await?;
    recovering.finish_and_clear();
    let rows = counted(recovered.rows, "row");
    say(&format!("{rows} brought back from {} and proved", recovered.copy.display()))?;
    say_left_out(&recovered.left_out)?;
    for damaged in &recovered.damaged {
        say(&format!("a copy cannot be brought back: {damaged}"))?;
    }
    for other in &recovered.others {
        say(&format!("the mirror holds another copy as well: {other}; to bring that back name its folder"))?;
    }
    if let Some(aside) = recovered.set_aside {
        say(&format!("the journal that was found is kept as {}", aside.display()))?;
    }
    match recovered.lost {
        Some(lost) => say(&format!("the mirror does not hold all that was witnessed: {lost}"))?,
        None if recovered.is_unwitnessed => {
            say(
                "nothing witnesses how far the journal had come: what was done in its last second may be missing",
            )?;
        }
        None => say("nothing that was witnessed is missing")?,
    }
    if let Some((loss, copy)) = recovered.earlier {
        say(&format!(
            "a loss that was found before stands still: {loss}; {} goes further: to bring that back instead, run this again",
            copy.display()
        ))?;
    }
    say_key(config, "mirror")
}

/// Says where the node's secret is missing, which is in no copy of this kind.
fn say_key(config: &Config, copy: &str) -> anyhow::Result<()> {
    let key = config.node_key();
    if !key.is_file() {
        say(&format!(
            "the node's secret is in no {copy} and not at {}: put its copy there before the start; without it another is \
             made, and a call for help that is sent again rings again",
            key.display()
        ))?;
    }
    Ok(())
}

/// What a copy did not hold any more, and what follows.
fn say_left_out(left_out: &LeftOut) -> anyhow::Result<()> {
    if left_out.is_empty() {
        return Ok(());
    }
    say(&format!("left out, because the copy does not hold it as it was: {left_out}"))?;
    if !left_out.texts.is_empty() {
        say("a text that was left out counts as erased; the journal says that it is lost")?;
    }
    if !left_out.packages.is_empty() {
        say(
            "a region package that was left out comes back where --region names its folder; until then `ortoo verify` names \
             it, and where it is in force the configured one stands in for it",
        )?;
    }
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
        copied.proved("entities"),
        copied.audit_head,
        copied.state,
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

fn found(config: &Config, found: Result<AnyStore, StoreError>) -> anyhow::Result<AnyStore> {
    let option = if config.store.is_empty() { "--data-dir" } else { "--store" };
    found.map_err(|error| match error {
        StoreError::Impossible(why) => anyhow!("{why}: name another place with {option}"),
        other => other.into(),
    })
}

/// Why a running node did not do what it was asked: its own words first, if it said any.
fn answered(error: ClientError, address: &str) -> anyhow::Error {
    match error {
        ClientError::Problem(problem) => anyhow!("{} (so says the node at {address})", problem.detail),
        other => anyhow!(other).context(format!("ask the node at {address} (name another with --listen)")),
    }
}

#[cfg(test)]
mod tests {
    use dispatch_api::problem::Problem;

    use super::*;

    #[tokio::test]
    async fn where_no_journal_is_the_option_is_named() {
        let data = tempfile::tempdir().unwrap();
        let config = Config { data_dir: data.path().to_owned(), ..Config::default() };
        let error = verify(&config, None).await.unwrap_err().to_string();
        assert!(error.contains("holds no journal: name another place with --data-dir"), "{error}");
    }

    #[test]
    fn what_a_node_refused_leads() {
        let there = Problem::new(409, "backup", "/backup/ortoo/journal.db is there already");
        let error = answered(ClientError::Problem(Box::new(there)), "127.0.0.1:8110");
        assert!(format!("{error:#}").starts_with("/backup/ortoo/journal.db is there already"), "{error:#}");
    }
}
