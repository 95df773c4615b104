//! Gives the world its time and carries what it says: positions in batches, alarms and acts over HTTP, orders from the
//! stream. Outlives the server: what was under way is sent again under the same command id, and a day that has drifted
//! from the server's clock is begun anew from the server's own truth.
//!
//! Leaves out: everything that decides what is said; see [`crate::world`].

mod clock;
mod lane;
mod listener;
mod pulse;
mod report;
mod uplink;
mod wire;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::Clock;
use dispatch_api::client::Client;
use dispatch_api::question::{Page, UnitItem};
use dispatch_core::kernel::time::Time;
use lane::{Answered, Lanes};
use listener::Heard;
use pulse::Pulse;
use region::Package;
pub use report::Report;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;
use uplink::Uplink;

use crate::caller::Storm;
use crate::heartbeats::PointHeartbeats;
use crate::message::{Body, Message};
use crate::moment::seconds_between;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::world::World;

/// Real time between two steps of the world.
const STEP: Duration = Duration::from_millis(200);
/// The world does not catch up more than this, s of simulated time at speed 1, nor this many real seconds' worth.
const CATCH_UP_S: f64 = 600.0;
const CATCH_UP_REAL_S: f64 = 20.0;
/// First wait between two tries to reach the server, and the longest.
pub(crate) const BACKOFF: Duration = Duration::from_millis(250);
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// The head of a journal that holds a region and nothing else is below this: the day begins as the seed says.
const FRESH_HEAD: u64 = 16;

/// What is simulated, and where it reports.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the server, `http://127.0.0.1:8110`.
    pub base_url: String,
    /// The region the server has adopted.
    pub region: Arc<Package>,
    /// Seed of the day.
    pub seed: u64,
    /// Simulated seconds per real second: the rate of the server's clock.
    pub speed: f64,
    /// What kind of day it is.
    pub settings: Settings,
    /// A drill that falls into the day; none for an ordinary day.
    pub storm: Option<Storm>,
}

/// Why the simulation ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The options contradict themselves.
    #[error("{field}: {rule}")]
    Options {
        /// Name of the option at fault.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The server answers, but not as a server of this version would.
    #[error("the server at {base_url} does not answer as expected: {why}")]
    Server {
        /// Address of the server.
        base_url: String,
        /// What is wrong.
        why: String,
    },
}

/// Lives beside the server until `shutdown` turns true or its sender is dropped. A server that cannot be reached is
/// waited for.
pub async fn run(options: Options, mut shutdown: watch::Receiver<bool>) -> Result<Report, SimError> {
    if !(options.speed > 0.0 && options.speed.is_finite()) {
        return Err(SimError::Options { field: "speed", rule: "must be a number above 0" });
    }
    let scene = Arc::new(Scene::of(&options.region));
    let mut report = Report::default();
    let mut storm = options.storm.clone();
    loop {
        let stopped = async { shutdown.wait_for(|stop| *stop).await.map(|_| ()) };
        tokio::select! {
            _ = stopped => return Ok(report),
            lived = Life::begin(&options, &scene, &mut report, &mut storm) => lived?,
        }
        report.begun_anew += 1;
    }
}

/// One world and its connections.
struct Life<'a> {
    world: World,
    clock: Clock,
    lanes: Lanes,
    uplink: Uplink,
    scene: Arc<Scene>,
    heartbeats: PointHeartbeats,
    pulse: Pulse,
    /// Said, and not taken by a lane yet: while there is any the world stands still.
    backlog: VecDeque<Message>,
    report: &'a mut Report,
    speed: f64,
}

impl<'a> Life<'a> {
    /// Begins a world from the server's truth and lives in it until it has to be begun anew.
    async fn begin(
        options: &Options,
        scene: &Arc<Scene>,
        report: &'a mut Report,
        storm: &mut Option<Storm>,
    ) -> Result<(), SimError> {
        let (heard_in, mut heard) = mpsc::channel(256);
        let listener = listener::spawn(options.base_url.clone(), heard_in);
        let hello = loop {
            match heard.recv().await {
                Some(Heard::Hello(hello)) => break hello,
                Some(_) => {}
                None => return Ok(()),
            }
        };
        let client = Client::new(&options.base_url)
            .map_err(|error| SimError::Server { base_url: options.base_url.clone(), why: error.to_string() })?
            .with_actor("sim");
        // A day that goes on is another day than the one that began: the same seed must not repeat its first hours.
        let seed = if hello.head < FRESH_HEAD { options.seed } else { options.seed.wrapping_add(hello.head) };
        let mut world = World::new(Arc::clone(scene), options.settings.clone(), seed, hello.now);
        for unit in units(&client, &options.base_url).await? {
            if let Some(fix) = unit.fix {
                world.place(&unit.id, fix.at);
            }
        }
        let (answers_in, answers) = mpsc::unbounded_channel();
        let life = Life {
            world,
            clock: Clock::new(hello.now, Instant::now(), options.speed),
            lanes: Lanes::spawn(&client, &answers_in),
            uplink: Uplink::spawn(client.clone()),
            scene: Arc::clone(scene),
            heartbeats: PointHeartbeats::new(
                scene.points.len(),
                options.settings.point_heartbeat_s,
                options.settings.points_mute,
                seed,
                hello.now,
            ),
            pulse: Pulse::spawn(client),
            backlog: VecDeque::new(),
            report,
            speed: options.speed,
        };
        life.live(heard, answers, storm).await;
        drop(listener);
        Ok(())
    }

    async fn live(
        mut self,
        mut heard: mpsc::Receiver<Heard>,
        mut answers: mpsc::UnboundedReceiver<Answered>,
        storm: &mut Option<Storm>,
    ) {
        let mut step = tokio::time::interval(STEP);
        step.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = false;
        loop {
            tokio::select! {
                said = heard.recv() => match said {
                    Some(said) => {
                        if !self.hear(said, &mut known, storm) {
                            return;
                        }
                    }
                    None => return,
                },
                Some(answered) = answers.recv() => self.answered(&answered),
                _ = step.tick() => {
                    if known && !self.step() {
                        return;
                    }
                }
            }
        }
    }

    /// Takes in what the stream says; false when the world has to be begun anew.
    fn hear(&mut self, said: Heard, known: &mut bool, storm: &mut Option<Storm>) -> bool {
        match said {
            Heard::Hello(hello) => {
                self.report.reconnected += 1;
                return self.is_near(hello.now);
            }
            Heard::Whole(views) => {
                self.world.hear_all(&views);
                if !std::mem::replace(known, true)
                    && let Some(storm) = storm.take()
                {
                    self.world.storm(&storm);
                }
            }
            Heard::Commit(views) => self.world.hear(&views),
            Heard::Heartbeat(now, seats) => {
                self.world.attend(seats);
                self.clock.set(now, Instant::now());
                return self.is_near(now);
            }
        }
        true
    }

    fn answered(&mut self, answered: &Answered) {
        self.report.answered(answered);
        self.world.answered(answered.serial, &answered.reply);
    }

    /// Whether the server's time is one the world can live on to.
    fn is_near(&self, now: Time) -> bool {
        let ahead = seconds_between(self.world.now(), now);
        ahead.abs() <= CATCH_UP_S.max(CATCH_UP_REAL_S * self.speed)
    }

    /// Lives on to the present; false when the gap is too wide.
    fn step(&mut self) -> bool {
        let now = self.clock.now(Instant::now());
        if !self.is_near(now) {
            return false;
        }
        while let Some(message) = self.backlog.pop_front() {
            if let Err(message) = self.lanes.send(message) {
                self.backlog.push_front(message);
                return true;
            }
        }
        let messages = self.world.step(now);
        self.report.simulated_s += seconds_between(self.report.until.unwrap_or(now), now).max(0.0);
        self.report.until = Some(now);
        let mut fixes = Vec::new();
        for message in messages {
            match &message.body {
                Body::Fix(fix) => fixes.push(wire::position(fix)),
                Body::Intent(_) => {
                    if !self.backlog.is_empty() {
                        self.backlog.push_back(message);
                    } else if let Err(message) = self.lanes.send(message) {
                        self.backlog.push_back(message);
                    }
                }
            }
        }
        self.uplink.send(fixes);
        let heartbeats = self.heartbeats.until(now);
        self.pulse.send(heartbeats.into_iter().map(|point| self.scene.points[point].id.clone()).collect());
        self.report.tally = self.world.tally().clone();
        self.report.uplink = self.uplink.counts();
        true
    }
}

/// Every unit the server knows, with its last fix.
async fn units(client: &Client, base_url: &str) -> Result<Vec<UnitItem>, SimError> {
    let mut units = Vec::new();
    let mut after: Option<String> = None;
    let mut wait = BACKOFF;
    loop {
        let from = after.as_deref().map_or_else(String::new, |after| format!("&after={after}"));
        match client.get::<Page<UnitItem>>(&format!("/units?limit=1000{from}")).await {
            Ok(page) => {
                units.extend(page.items);
                after = page.next;
                if after.is_none() {
                    return Ok(units);
                }
            }
            Err(error) if lane::is_passing(&error) => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(BACKOFF_MAX);
            }
            Err(error) => {
                return Err(SimError::Server { base_url: base_url.to_owned(), why: error.to_string() });
            }
        }
    }
}
