//! Stands by while another node leads the same database, and leads when none does.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use dispatch_store::{AnyStore, Genesis, NodeKey, Opening, Round, Standby};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::stopped::Stopped;
use crate::clock::{Clock, wall};
use crate::config::Config;
use crate::descriptors;
use crate::http::guard::Entrance;
use crate::http::standby::{Following, Seen, router};
use crate::lead::Leaving;
use crate::metrics::Metrics;
use crate::room::Room;
use crate::running::{Beginning, Running};
use crate::terminal::say;
use crate::witness::Followed;
use crate::{http, logs, mirror, node_key};

/// Between two looks at the journal of whoever leads.
const LOOK: Duration = Duration::from_millis(100);
/// Between two looks at a database that does not answer.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Between two tries to copy what is followed.
const MIRROR_AGAIN: Duration = Duration::from_secs(2);
/// Whoever is to have the lead after this node has so long to take it.
const YIELD: Duration = Duration::from_secs(10);

/// `ortoo serve --standby`.
pub(crate) async fn standby(mut config: Config, accept_loss: bool) -> anyhow::Result<()> {
    config.limits = descriptors::fitted(config.limits, descriptors::raise());
    let listener = TcpListener::bind(config.listen).await;
    let listener = Arc::new(listener.with_context(|| format!("listen at {}", config.listen))?);
    let address = config.advertised(listener.local_addr()?);
    let clock = Clock::wall();
    let mut standby = config.location().stand_by(Genesis::new(clock.name(), clock.now()), &address)?;
    let mut stopped = Stopped::listen()?;
    let mut followed = Followed::new(&config.data_dir)?;
    let key_file = config.node_key();
    let key = node_key::read_or_make(&key_file).or_else(|error| {
        tracing::error!(error = logs::told(&error), "the node's key cannot be read");
        node_key::for_now()
    })?;
    say(&format!("Ortoo stands by at {address}"))?;
    loop {
        let server = StandbyServer::open(&config, &listener);
        let taken = tokio::select! {
            taken = stand_by(&mut standby, &mut followed, &server.seen, &key) => Some(taken),
            () = mirror_followed(&config) => None,
            () = stopped.told() => None,
        };
        server.close().await?;
        let (store, opening) = match taken {
            Some(Ok(lead)) => lead,
            refused_or_told => {
                // Not being heard any more says the same, later.
                let _ = timeout(LOOK_AGAIN, standby.leave()).await;
                let Some(Err(OtherKey { leader })) = refused_or_told else { return Ok(()) };
                bail!(
                    "{} is another key than that of the server which leads at {leader}: a call repeated after a \
                     takeover would ring twice; copy its key there, or name a copy with --node-key",
                    key_file.display()
                );
            }
        };
        let beginning = Beginning {
            opened: Some((store, opening)),
            listener: Some(listener.clone()),
            accept_loss,
            ..Beginning::default()
        };
        let mut running = Running::start(config.clone(), beginning).await?;
        tracing::info!(address, "leads");
        say(&format!("Ortoo leads at {address}"))?;
        let node = running.node.clone();
        let why = tokio::select! {
            () = stopped.told() => return running.stop().await,
            error = running.failed() => return Err(error),
            why = node.lead.has_to_leave() => why,
        };
        running.leave().await?;
        match why {
            Leaving::Superseded => tracing::warn!("another process took the lead; this one stands by"),
            Leaving::Yielded => tracing::info!("the lead was yielded; this one stands by"),
        }
        standby.defer(YIELD);
    }
}

/// Copies what the leader commits into this server's own mirror, if there is to be one.
async fn mirror_followed(config: &Config) {
    let Some(dir) = config.mirror() else { return std::future::pending().await };
    let clock = Clock::wall();
    loop {
        // None is there before somebody has led.
        if let Ok(store) = config.location().look(Genesis::new(clock.name(), clock.now())).await {
            let error = mirror::follow(&store, dir).await;
            tracing::error!(%error, "the mirror is behind; nothing waits for it");
            let _ = timeout(LOOK_AGAIN, store.close()).await;
        }
        sleep(MIRROR_AGAIN).await;
    }
}

/// Whoever leads keeps answers under another key.
struct OtherKey {
    leader: String,
}

/// Looks round after round, until this process leads; not beside one that has another key, for whom it could not answer
/// repeats. Where nobody leads it does all the same: calls are taken.
async fn stand_by(
    standby: &mut Standby,
    followed: &mut Followed,
    seen: &watch::Sender<Seen>,
    key: &NodeKey,
) -> Result<(AnyStore, Box<Opening>), OtherKey> {
    let mut failing = false;
    loop {
        let wait = match standby.round().await {
            Ok(Round::Leads(store, opening)) => return Ok((AnyStore::Postgres(store), opening)),
            Ok(Round::Follows { leader: Some(leader), .. })
                if standby.known_key().is_some_and(|known| known != key.check()) =>
            {
                return Err(OtherKey { leader });
            }
            Ok(Round::Follows { leader, seq }) => {
                if failing {
                    tracing::info!("the database answers again");
                }
                failing = false;
                if let Some(reached) = standby.reached()
                    && let Err(error) = followed.reached(reached, wall())
                {
                    tracing::error!(%error, "what is followed cannot be witnessed");
                }
                seen.send_replace(Seen { leader, seq });
                LOOK
            }
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "the journal cannot be followed");
                }
                failing = true;
                seen.send_modify(|seen| seen.leader = None);
                LOOK_AGAIN
            }
        };
        sleep(wait).await;
    }
}

/// What answers while another node leads.
struct StandbyServer {
    seen: watch::Sender<Seen>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
}

impl StandbyServer {
    fn open(config: &Config, listener: &Arc<TcpListener>) -> Self {
        let (seen, stop) = (watch::Sender::new(Seen::default()), watch::Sender::new(false));
        let metrics = Arc::new(Metrics::default());
        let router = router(Following { seen: seen.subscribe(), metrics: metrics.clone() });
        let entrance = Arc::new(Entrance::new(config, metrics, None, Room::of(&config.limits)));
        let served = tokio::spawn(http::serve(entrance, router, listener.clone(), stop.subscribe()));
        Self { seen, stop, served }
    }

    /// Answers what came, and lets the address be.
    async fn close(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.served.await.context("a task of the standby failed")
    }
}
