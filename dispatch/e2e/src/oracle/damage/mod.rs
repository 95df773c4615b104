//! Damage at random, to a centre that has lived: a file of ours is flipped, cut, zeroed, replaced by what it was, or
//! removed, while nobody runs the centre or between a kill and the next start; rows of its database are changed, removed,
//! replaced, or all of it is set back. Then the shipped binary is started on it, and every round has to end in *noticed
//! and told* or *nothing of it mattered*. What is damaged goes by a seed; what it is done to does not repeat byte by byte,
//! for ids and times are new in each run.

mod copies;
mod look;
mod past;
mod place;
mod stroke;
mod table;
mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use dispatch_store::conformance::cluster::Cluster;
use serde::Serialize;

use self::look::look;
use self::past::{Moment, Past};
use self::place::{Place, files};
use self::stroke::{Stroke, same_in};
use self::verdict::{Noticed, Started, Verdict, judge};
use super::chance::Chance;
use super::run::StoreKind;
use crate::node::ONE_DISK;

/// What is to be damaged, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Damages {
    /// How many rounds.
    pub rounds: u64,
    /// Of a centre on which store.
    pub store: StoreKind,
    /// What is damaged, and how.
    pub seed: u64,
}

/// What rounds come to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    /// Rounds by what was damaged and how it was noticed.
    pub rounds: BTreeMap<String, BTreeMap<Noticed, u64>>,
    /// Everything that may not be, in words.
    pub findings: Vec<String>,
}

/// A round: what was damaged, how, and what came of it.
struct Round {
    what: String,
    done: String,
    verdict: Verdict,
}

/// Runs it. `progress` is told of every round. A finding is no error: it stands in the account.
pub async fn damage(options: Damages, mut progress: impl FnMut(u64, &str)) -> Result<Account> {
    let cluster = (options.store == StoreKind::Postgres).then(Cluster::start);
    let past = Past::live(cluster.as_ref(), options.seed).await.context("the centre before it is damaged")?;
    let mut account = Account::default();
    for number in 0..options.rounds {
        let mut chance = Chance::new(options.seed, number);
        let folder = past.folder().join(format!("round-{number}"));
        let round = match &cluster {
            Some(cluster) => in_database(&past, cluster, &folder, &mut chance).await,
            None if chance.one_in(6) => copies::round(&past, &folder, &mut chance),
            None => in_files(&past, &folder, &mut chance).await,
        };
        let Round { what, done, verdict } = round.with_context(|| format!("round {number}"))?;
        progress(number + 1, &format!("{done}: {:?}", verdict.noticed));
        *account.rounds.entry(what).or_default().entry(verdict.noticed).or_default() += 1;
        for finding in verdict.findings {
            let finding = format!("FOUND in round {number}, {done}: {finding:.900}");
            progress(number + 1, &finding);
            account.findings.push(finding);
        }
        fs::remove_dir_all(&folder)?;
    }
    Ok(account)
}

/// A file of the node's, at rest or between a kill and the next start.
async fn in_files(past: &Past, folder: &Path, chance: &mut Chance) -> Result<Round> {
    let (moment, when) = if chance.one_in(3) { (&past.rest, "stopped") } else { (&past.killed, "killed") };
    let place = moment.place.copy(folder, None)?;
    let journal: Vec<_> = files(&place.data)?.into_iter().filter(|path| is_journal(path)).collect();
    if chance.one_in(12) {
        for path in journal {
            fs::remove_file(path)?;
        }
        for path in files(&past.older.data)?.into_iter().filter(|path| is_journal(path)) {
            fs::copy(&path, same_in(&path, &past.older.data, &place.data))?;
        }
        let done = format!("{when}, the journal set back");
        let verdict = judged(past, moment, &place, true).await?;
        return Ok(Round { what: "the journal set back".into(), done, verdict });
    }
    let others = files(&place.data)?.into_iter().filter(|path| !is_journal(path)).collect();
    let mirror = files(&place.mirror)?;
    let (home, before, among) = match chance.below(10) {
        0..=4 => (&place.data, &past.older.data, journal),
        5..=7 => (&place.data, &past.older.data, others),
        _ => (&place.mirror, &past.older.mirror, mirror),
    };
    let path = &among[usize::try_from(chance.below(among.len() as u64))?];
    let older = same_in(path, home, before);
    let stroke = Stroke::choose(chance, path, &older)?;
    stroke.strike(path, &older)?;
    let done = format!("{when}, {} {stroke:?}", name(path));
    if *home == place.mirror {
        let complaint = place.mirror_complaint()?;
        let started = start(past, moment, &place).await?;
        let mut verdict = judge(&started, &moment.truth, complaint.as_deref(), false);
        // The node that writes it tells of it, or mends it at its start: an end that was cut off is written again.
        let is_told = match &started {
            Started::Served { seen, .. } => seen.told.contains("mirror_damaged"),
            Started::Refused(_) | Started::Failed(_) => false,
        };
        if !is_told {
            let silent =
                place.mirror_complaints()?.into_iter().map(|complaint| format!("silent: {complaint}"));
            verdict.findings.extend(silent);
        }
        return Ok(Round { what: "the mirror".into(), done, verdict });
    }
    let what = name(path);
    let verdict = judged(past, moment, &place, is_journal(path)).await?;
    Ok(Round { what, done, verdict })
}

/// A table of the database, or all of it.
async fn in_database(past: &Past, cluster: &Cluster, folder: &Path, chance: &mut Chance) -> Result<Round> {
    let place = past.killed.place.copy(folder, Some(cluster))?;
    let older = past.older.database.as_ref().map(|(name, _)| name.as_str()).context("a database")?;
    let (place, what, done) = if chance.one_in(12) {
        place.clear(Some(cluster));
        let set_back = past.older.copy(&folder.join("older"), Some(cluster))?;
        let done = "the database set back".to_owned();
        (Place { database: set_back.database, ..place }, done.clone(), done)
    } else {
        let name = place.database.as_ref().map(|(name, _)| name.as_str()).context("a database")?;
        let (table, done) = table::strike(cluster, name, older, chance)?;
        (place, table, done)
    };
    let verdict = judged(past, &past.killed, &place, true).await?;
    place.clear(Some(cluster));
    Ok(Round { what, done, verdict })
}

/// Starts the shipped binary on a damaged copy, and judges what comes of it.
async fn judged(past: &Past, moment: &Moment, place: &Place, is_journal: bool) -> Result<Verdict> {
    let complaint = place.complaint()?;
    let started = start(past, moment, place).await?;
    Ok(judge(&started, &moment.truth, complaint.as_deref(), is_journal))
}

async fn start(past: &Past, moment: &Moment, place: &Place) -> Result<Started> {
    let mut node = match place.start().await {
        Ok(node) => node,
        Err(error) => {
            let why = format!("{error:#}");
            let has_ended = why.contains("the node ended");
            return Ok(if has_ended { Started::Refused(why) } else { Started::Failed(why) });
        }
    };
    let looked = look(&node, &past.scene, &moment.raised).await;
    let stopped = node.stop().await;
    let looked = looked.and_then(|seen| stopped.map(|_| seen));
    let is_warning = |line: &String| line.contains("\"WARN\"") || line.contains("\"ERROR\"");
    let warned = node.log().into_iter().filter(|line| is_warning(line) && !line.contains(ONE_DISK)).collect();
    Ok(match looked {
        Ok(mut seen) => {
            // What it goes on to write is written after what was there, or it cannot be read at all.
            seen.rows = place.rows().unwrap_or_default();
            Started::Served { seen: Box::new(seen), warned }
        }
        Err(error) => Started::Failed(format!("{error:#}; its log: {warned:?}")),
    })
}

fn is_journal(path: &Path) -> bool {
    name(path).starts_with("journal.sqlite")
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Account {
    /// The table, one line a thing that was damaged.
    pub fn table(&self) -> String {
        let kinds = [
            Noticed::OnConsoles,
            Noticed::AtTheStart,
            Noticed::InTheLog,
            Noticed::ByVerify,
            Noticed::Nothing,
        ];
        let line = |what: &str, figures: [String; 5]| {
            let figures = figures.map(|figure| format!("{figure:>12}")).concat();
            format!("{what:<28}{figures}")
        };
        let mut lines =
            vec![line("damaged", ["consoles", "start", "log", "verify", "no matter"].map(str::to_owned))];
        for (what, noticed) in &self.rounds {
            let count = |kind| noticed.get(&kind).copied().unwrap_or(0).to_string();
            lines.push(line(what, kinds.map(count)));
        }
        lines.push(format!("{:<28}{:>12}", "findings", self.findings.len()));
        lines.join("\n")
    }
}
