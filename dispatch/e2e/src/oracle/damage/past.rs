//! What a centre had lived through when something was damaged: the same centre at three moments, and what it says of
//! itself while nothing is wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dispatch_core::kernel::id::AlarmId;
use dispatch_store::conformance::cluster::Cluster;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::super::chain::Stage;
use super::super::ledger::Ledger;
use super::super::load::Load;
use super::look::{Seen, look};
use super::place::Place;
use crate::cast::{Operator, Scene, key, let_nothing_run_out, raise};
use crate::node::{Node, said};

/// How long everybody is at work before each moment.
const BUSY: Duration = Duration::from_millis(600);

/// Calls before each moment, each with words of its own.
const CALLS: usize = 4;

/// The mirror is at most this far behind.
const MIRRORED: Duration = Duration::from_millis(1_500);

/// An alarm as it was raised and answered.
#[derive(Clone, Debug)]
pub struct Raised {
    /// Who raised it.
    pub actor: String,
    /// Under which id.
    pub id: Uuid,
    /// Saying what.
    pub body: Value,
    /// What it became.
    pub alarm: AlarmId,
}

/// The centre at one moment, while nobody runs it.
#[derive(Debug)]
pub struct Moment {
    /// Its files, and its database.
    pub place: Place,
    /// What had been raised.
    pub raised: Vec<Raised>,
    /// What it says of itself when it is started from here.
    pub truth: Seen,
}

/// A centre that lived for a while.
#[derive(Debug)]
pub struct Past {
    /// Where an alarm can be raised, and by whom it is taken.
    pub scene: Scene,
    /// Killed, long before the others.
    pub older: Place,
    /// Stopped in order.
    pub rest: Moment,
    /// Killed at work.
    pub killed: Moment,
    /// A backup, taken before it was stopped in order; of the embedded store alone.
    pub backup: Option<PathBuf>,
    /// The rows that it holds.
    pub backed_up: Vec<String>,
    folder: TempDir,
}

impl Past {
    /// Lives it.
    pub async fn live(cluster: Option<&Cluster>, seed: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let living = Place::new(&folder.path().join("living"), cluster)?;
        let mut node = living.start().await?;
        let scene = Scene::find(&node).await?;
        let_nothing_run_out(&node, &scene).await?;
        let mut raised = Vec::new();
        busy(&node, &scene, seed, &mut raised).await?;
        node.kill()?;
        let older = living.copy(&folder.path().join("older"), cluster)?;
        node.start_again().await?;
        busy(&node, &scene, seed + 1, &mut raised).await?;
        let backup = cluster.is_none().then(|| folder.path().join("backup"));
        let mut backed_up = Vec::new();
        if let Some(into) = &backup {
            let (data, copy) = (node.data().to_str().context("UTF-8")?, into.to_str().context("UTF-8")?);
            said(&["backup", "--data-dir", data, copy])?;
            backed_up = Place::of(into.clone(), folder.path().join("none"), None).rows()?;
        }
        ensure!(node.stop().await?.success(), "it stops in order");
        let rest = living.copy(&folder.path().join("rest"), cluster)?;
        let rest = Moment::of(rest, &scene, raised.clone(), cluster).await?;
        node.start_again().await?;
        busy(&node, &scene, seed + 2, &mut raised).await?;
        node.kill()?;
        let killed = living.copy(&folder.path().join("killed"), cluster)?;
        let killed = Moment::of(killed, &scene, raised, cluster).await?;
        Ok(Self { scene, older, rest, killed, backup, backed_up, folder })
    }

    /// A folder beside the moments.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Moment {
    /// With what an undamaged copy says.
    async fn of(place: Place, scene: &Scene, raised: Vec<Raised>, cluster: Option<&Cluster>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let copy = place.copy(&folder.path().join("control"), cluster)?;
        let before = copy.rows()?;
        let mut node = copy.start().await?;
        let mut truth = look(&node, scene, &raised).await?;
        node.kill()?;
        ensure!(copy.rows()?.starts_with(&before), "what is not damaged goes on");
        truth.rows = before;
        copy.clear(cluster);
        Ok(Self { place, raised, truth })
    }
}

/// Chains of alarms lived to their end, calls with words, words read, an alarm answered.
async fn busy(node: &Node, scene: &Scene, seed: u64, raised: &mut Vec<Raised>) -> Result<()> {
    let ledger = Arc::new(Ledger::default());
    let stage = Arc::new(Stage::new(node.base.clone(), scene.clone(), ledger, seed));
    let mut load = Load::begin(&stage);
    tokio::time::sleep(BUSY).await;
    load.check()?;
    load.heal().await?;
    for _ in 0..CALLS {
        let number = raised.len();
        let (actor, id) = (format!("caller-{number}"), key());
        let caller = json!({ "number": format!("13900{number:06}") });
        let body =
            json!({ "source": "call", "text": format!("smoke behind camp {number}"), "caller": caller });
        let alarm = node.client(&actor)?.raise(&body, id).await?.named.alarm.context("an alarm has an id")?;
        raised.push(Raised { actor, id, body, alarm });
    }
    let press = raise(node, &json!({ "source": "point", "number": scene.number })).await?;
    let operator = Operator::sit(node, &scene.seat)?;
    operator.answer(press).await?;
    operator.save_type(press, &scene.incident_type).await?;
    // The mirror has it too before the moment comes.
    tokio::time::sleep(MIRRORED).await;
    Ok(())
}
