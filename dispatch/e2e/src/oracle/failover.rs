//! Takeovers under load: of two nodes on one database the leader is killed, paused, or cut from its database, and the
//! other has to take over. Everybody else goes on through one address, as through the balancer of a centre.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use dispatch_api::client::Client;
use dispatch_store::conformance::cluster::Cluster;
use serde::Serialize;
use serde_json::json;

use super::balancer::Balancer;
use super::centre_under_test::{EXPECTED, LocationFlags};
use super::chain::Stage;
use super::chance::Chance;
use super::judge::Judge;
use super::ledger::{CommandFate, Ledger};
use super::load::Load;
use super::relay::Relay;
use super::tally::Tally;
use crate::cast::{Scene, key};
use crate::deadline::PATIENCE;
use crate::node::Node;

/// A command that tries whether somebody answers is given up after so long.
const TRY: Duration = Duration::from_secs(1);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(10);

/// What befalls the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blow {
    /// `kill -9`; it is started again afterwards.
    Killed,
    /// `SIGSTOP`; it goes on when another has taken over, in the middle of whatever it was doing.
    Paused,
    /// Its way to the database carries nothing; what was on its way arrives when another has taken over.
    Cut,
}

const BLOWS: [Blow; 3] = [Blow::Killed, Blow::Paused, Blow::Cut];

/// What a run comes to.
#[derive(Debug, Default, Serialize)]
pub struct Takeovers {
    /// What befell the leader, and after how many milliseconds a command that was sent later was answered.
    pub answered_ms: Vec<(Blow, u64)>,
    /// Everything that was said, compared with the journal.
    pub tally: Tally,
}

impl Takeovers {
    /// The table, one line for each kind of blow and one for all.
    pub fn table(&self) -> String {
        let line = |what: &str, blow: Option<Blow>| {
            let of = self.answered_ms.iter().filter(|(kind, _)| blow.is_none_or(|blow| *kind == blow));
            let mut times: Vec<u64> = of.map(|(_, ms)| *ms).collect();
            times.sort_unstable();
            let at = |per_cent: usize| percentile(&times, per_cent);
            format!("{what:<8} {:>6} {:>8} {:>8} {:>8} {:>8}", times.len(), at(50), at(90), at(99), at(100))
        };
        let head =
            format!("{:<8} {:>6} {:>8} {:>8} {:>8} {:>8}", "leader", "runs", "p50 ms", "p90", "p99", "max");
        let rows = [
            head,
            line("killed", Some(Blow::Killed)),
            line("paused", Some(Blow::Paused)),
            line("cut", Some(Blow::Cut)),
            line("all", None),
        ];
        format!("{}\n\n{}", rows.join("\n"), self.tally.table())
    }
}

/// The value below or at which so many per cent lie (nearest rank); 0 of none.
fn percentile(sorted: &[u64], per_cent: usize) -> u64 {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// Runs so many takeovers. A finding is no error: it stands in the tally.
pub async fn failover(runs: u64, seed: u64, mut progress: impl FnMut(u64)) -> Result<Takeovers> {
    let (cluster, folder) = (Cluster::start(), tempfile::tempdir()?);
    let mut pair = Pair::open(&cluster, folder.path()).await?;
    let ledger = Arc::new(Ledger::default());
    let scene = Scene::find(&pair.nodes[0]).await?;
    let stage = Arc::new(Stage::new(pair.balancer.base.clone(), scene, ledger.clone(), seed));
    let mut load = Load::begin(&stage);
    let mut chance = Chance::new(seed, u64::MAX);
    let mut takeovers = Takeovers::default();
    for run in 1..=runs {
        tokio::time::sleep(chance.between_ms(100, 900)).await;
        load.check()?;
        let blow = BLOWS[usize::try_from(run % 3)?];
        let took = pair.strike(blow, &stage).await.with_context(|| format!("run {run} ({blow:?})"))?;
        takeovers.answered_ms.push((blow, u64::try_from(took.as_millis())?));
        progress(run);
    }
    let mut tally = Tally { commits_seen: load.heal().await?, ..Tally::default() };
    stage.count(&mut tally);
    let location = pair.location.clone();
    pair.finish().await?;
    let mut judge = Judge::default();
    judge.read(&location.journal(0)?, &ledger)?;
    judge.compare(&ledger, &mut tally);
    tally.rows = location.verify()?;
    if tally.unknown > 0 {
        ledger.finds(format!("{} commands were never answered", tally.unknown));
    }
    tally.findings = ledger.findings();
    takeovers.tally = tally;
    Ok(takeovers)
}

/// Two nodes on one database, each by a way of its own.
struct Pair {
    nodes: [Node; 2],
    relays: [Relay; 2],
    balancer: Balancer,
    location: LocationFlags,
}

impl Pair {
    async fn open(cluster: &Cluster, folder: &Path) -> Result<Self> {
        let address = cluster.database();
        let name = address.split(['/', '?']).nth(3).context("the address names a database")?;
        let relays = [Relay::to(cluster.socket()).await?, Relay::to(cluster.socket()).await?];
        let start = async |at: usize| {
            let store = format!("postgres://ortoo@127.0.0.1:{}/{name}", relays[at].port);
            let secret = folder.join("node-key").to_string_lossy().into_owned();
            let args =
                ["serve", "--standby", "--region", "xilingol", "--store", &store, "--node-key", &secret];
            Node::start(&folder.join(["a", "b"][at]), &args).await
        };
        let first = start(0).await?;
        first.until_it_leads().await?;
        let nodes = [first, start(1).await?];
        nodes[1].until_it_follows(&nodes[0].base).await?;
        let balancer = Balancer::before([nodes[0].base.clone(), nodes[1].base.clone()]).await?;
        Ok(Self { nodes, relays, balancer, location: LocationFlags::of(folder, Some(&address))? })
    }

    /// Strikes the leader; how long it took until a command was answered that was sent after that. Afterwards both are
    /// there again, the other way round.
    async fn strike(&mut self, blow: Blow, stage: &Stage) -> Result<Duration> {
        let struck = self.balancer.leading().await?;
        match blow {
            Blow::Killed => self.nodes[struck].kill()?,
            Blow::Paused => self.nodes[struck].signal("STOP")?,
            Blow::Cut => self.relays[struck].cut(),
        }
        let began = Instant::now();
        let answered = until_answered(stage, began).await;
        match blow {
            Blow::Killed => self.nodes[struck].start_again().await?,
            Blow::Paused => self.nodes[struck].signal("CONT")?,
            Blow::Cut => self.relays[struck].mend(),
        }
        let other = 1 - struck;
        self.nodes[other].until_it_leads().await?;
        self.nodes[struck].until_it_follows(&self.nodes[other].base).await?;
        answered
    }

    /// Both end in order, whoever stands by first.
    async fn finish(mut self) -> Result<()> {
        let leader = self.balancer.leading().await?;
        let [a, b] = self.nodes;
        let (leader, standby) = if leader == 0 { (a, b) } else { (b, a) };
        standby.finish(EXPECTED).await?;
        leader.finish(EXPECTED).await
    }
}

/// Tries one alarm after another until one is answered.
async fn until_answered(stage: &Stage, began: Instant) -> Result<Duration> {
    let client = Client::new(&stage.base)?.with_actor("probe");
    while began.elapsed() < PATIENCE {
        let id = key();
        let entry = stage.ledger.open("probe", id, "alarm");
        stage.ledger.sends();
        let body = json!({ "source": "button", "point": stage.scene.point, "press": id.to_string() });
        match tokio::time::timeout(TRY, client.raise(&body, id)).await {
            Ok(Ok(receipt)) => {
                let took = began.elapsed();
                stage.ledger.answered(&entry, CommandFate::Acknowledged { seq: receipt.seq });
                return Ok(took);
            }
            _ => stage.ledger.forget(&entry),
        }
        tokio::time::sleep(PAUSE).await;
    }
    anyhow::bail!("nobody took over in {} s", PATIENCE.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times: Vec<u64> = (1..=10).collect();
        assert_eq!([50, 90, 99, 100].map(|at| percentile(&times, at)), [5, 9, 10, 10]);
        assert_eq!((percentile(&[7], 50), percentile(&[], 99)), (7, 0));
    }
}
