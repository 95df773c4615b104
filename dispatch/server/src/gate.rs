//! The way to the writer: bounded lanes, one of them for alarms alone, so that nothing else can keep a call for help
//! waiting (D11).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_core::command::{Command, Envelope};
use dispatch_core::kernel::id::CommandId;
use dispatch_core::kernel::kind::Channel;
use dispatch_core::seek::live_map::{Geography, UnitFix};
use dispatch_core::view::IncidentView;
use dispatch_store::{Answer, Content, Words, minted};
use dispatch_writer::message::PositionReceipt;
use dispatch_writer::{Limits as WriterLimits, Reply, Writer};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::wall;
use crate::config::Limits;
use crate::fault::{self, Point};
use crate::region::Region;

/// Questions that may wait.
const LOOKS: usize = 1_024;
/// Seconds after which a sender may try again when a lane is full.
const RETRY_AFTER_S: u32 = 1;

/// The sending ends.
#[derive(Debug)]
pub struct Gate {
    alarms: mpsc::Sender<Ticket>,
    commands: mpsc::Sender<Ticket>,
    positions: mpsc::Sender<Fixes>,
    looks: mpsc::Sender<Look>,
    closed: AtomicBool,
    to_tell: Mutex<BTreeMap<&'static str, Told>>,
    is_to_tell: Notify,
}

/// What is to be told of a cause that the node itself has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It holds: somebody is needed.
    Holds,
    /// It is over: nobody is needed any more.
    IsOver,
}

/// The receiving ends.
#[derive(Debug)]
pub struct Inbox {
    pub(crate) alarms: mpsc::Receiver<Ticket>,
    pub(crate) commands: mpsc::Receiver<Ticket>,
    pub(crate) positions: mpsc::Receiver<Fixes>,
    pub(crate) looks: mpsc::Receiver<Look>,
}

/// A command on its way.
#[derive(Debug)]
pub struct Ticket {
    /// Keyed hash of method, path and body.
    pub fingerprint: [u8; 32],
    /// The command, its id and who sends it.
    pub envelope: Envelope,
    /// What came with it.
    pub beside: Beside,
    /// Where the reply goes.
    pub reply: oneshot::Sender<Reply>,
}

/// What comes with a command and is no part of it.
#[derive(Debug, Default)]
pub struct Beside {
    /// Words it refers to.
    pub words: Vec<Words>,
    /// The region package it adopts.
    pub adopted: Option<Box<Adopted>>,
    /// The incident it takes up again, as the read model keeps it.
    pub archived: Option<Box<IncidentView>>,
}

/// What comes with the adoption of a region.
#[derive(Debug)]
pub struct Adopted {
    /// The package itself, drawn from the commit on.
    pub region: Arc<Region>,
    /// The package, kept with the journal.
    pub content: Content,
    /// Its outlines, terrain and paces, for the writer's live map.
    pub geography: Geography,
}

/// Fixes on their way.
#[derive(Debug)]
pub(crate) struct Fixes {
    pub(crate) fixes: Vec<UnitFix>,
    pub(crate) receipt: Option<oneshot::Sender<PositionReceipt>>,
}

/// A look at the writer, on its own thread.
pub(crate) struct Look(pub(crate) Box<dyn FnOnce(&Writer) + Send>);

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Look")
    }
}

/// The writer's own bounds: its lanes hold what these hold.
pub fn writer_limits(limits: &Limits) -> WriterLimits {
    WriterLimits {
        alarms_max: limits.alarm_queue,
        commands_max: limits.command_queue,
        positions_max: limits.position_queue,
        ..WriterLimits::default()
    }
}

/// Makes both ends.
pub fn gate(limits: &Limits) -> (Gate, Inbox) {
    let (alarms, alarms_in) = mpsc::channel(limits.alarm_queue);
    let (commands, commands_in) = mpsc::channel(limits.command_queue);
    let (positions, positions_in) = mpsc::channel(limits.position_queue);
    let (looks, looks_in) = mpsc::channel(LOOKS);
    let gate = Gate {
        alarms,
        commands,
        positions,
        looks,
        closed: AtomicBool::new(false),
        to_tell: Mutex::default(),
        is_to_tell: Notify::new(),
    };
    let inbox = Inbox { alarms: alarms_in, commands: commands_in, positions: positions_in, looks: looks_in };
    (gate, inbox)
}

impl Gate {
    /// Sends a command and waits for the commit of its answer.
    pub async fn send(&self, fingerprint: [u8; 32], envelope: Envelope, beside: Beside) -> Reply {
        let (reply, answered) = oneshot::channel();
        let lane = if envelope.command.row().help { &self.alarms } else { &self.commands };
        if fault::at(Point::Decide).await
            || self.closed.load(Ordering::Acquire)
            || lane.try_send(Ticket { fingerprint, envelope, beside, reply }).is_err()
        {
            return Reply::Busy { retry_after_s: RETRY_AFTER_S };
        }
        // The writer ends only when the node stops: what it has not answered by then was not decided, or is found in
        // the journal when the same id comes again.
        answered.await.unwrap_or(Reply::NotRecorded)
    }

    /// Sends fixes; false when the lane is full. With `wait` it answers what became of them.
    pub async fn positions(&self, fixes: Vec<UnitFix>, wait: bool) -> Result<Option<PositionReceipt>, Full> {
        let (receipt, answered) = if wait {
            let (sender, receiver) = oneshot::channel();
            (Some(sender), Some(receiver))
        } else {
            (None, None)
        };
        self.positions.try_send(Fixes { fixes, receipt }).map_err(|_| Full)?;
        match answered {
            None => Ok(None),
            Some(answered) => answered.await.map(Some).map_err(|_| Full),
        }
    }

    /// Looks at the writer; none when it has ended.
    pub async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Writer) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, answered) = oneshot::channel();
        let look = Look(Box::new(move |writer| {
            // Whoever asked may have gone.
            let _ = sender.send(look(writer));
        }));
        self.looks.send(look).await.ok()?;
        answered.await.ok()
    }

    /// Does something on the node's own behalf.
    pub async fn own(&self, command: Command) -> anyhow::Result<Answer> {
        let name = command.name();
        done(name, self.own_with(command, None).await)
    }

    /// Raises a technical alarm of the node's own, beside whatever is done: its machine needs somebody.
    pub fn tell_beside(&self, cause: &'static str) {
        self.say(cause, Told::Holds);
    }

    /// Clears what stands of it, beside whatever is done: what it told of is over.
    pub fn is_over(&self, cause: &'static str) {
        self.say(cause, Told::IsOver);
    }

    /// The last word on a cause counts.
    fn say(&self, cause: &'static str, told: Told) {
        self.told().insert(cause, told);
        self.is_to_tell.notify_one();
    }

    /// Something is to be told.
    pub(crate) async fn is_to_tell(&self) {
        self.is_to_tell.notified().await;
    }

    /// All that is to be told, taken.
    pub(crate) fn to_tell(&self) -> BTreeMap<&'static str, Told> {
        std::mem::take(&mut *self.told())
    }

    /// What was taken could not be told, and is to be, unless something else was said since.
    pub(crate) fn tell_again(&self, cause: &'static str, told: Told) {
        self.told().entry(cause).or_insert(told);
    }

    fn told(&self) -> MutexGuard<'_, BTreeMap<&'static str, Told>> {
        self.to_tell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adopts a region.
    pub async fn adopt(&self, region: &Arc<Region>) -> anyhow::Result<Answer> {
        done("adopt_region", self.adoption(region).await)
    }

    /// Adopts a region; the reply as the writer gives it.
    pub async fn adoption(&self, region: &Arc<Region>) -> Reply {
        let adopted =
            Adopted { region: region.clone(), content: region.content(), geography: region.geography() };
        self.own_with(region.adoption().into(), Some(Box::new(adopted))).await
    }

    async fn own_with(&self, command: Command, adopted: Option<Box<Adopted>>) -> Reply {
        let id = CommandId(minted(wall()));
        let envelope = Envelope {
            id,
            actor: "system".into(),
            on_behalf_of: None,
            seat: None,
            channel: Channel::System,
            occurred_at: None,
            command,
        };
        let fingerprint = *blake3::hash(id.0.as_bytes()).as_bytes();
        self.send(fingerprint, envelope, Beside { adopted, ..Beside::default() }).await
    }

    /// Takes nothing more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }
}

/// What was asked on the node's own behalf was done, or why not.
fn done(name: &str, reply: Reply) -> anyhow::Result<Answer> {
    match reply {
        Reply::Answer(Answer::Refused(refusal)) => Err(anyhow::anyhow!("{name} was refused: {refusal}")),
        Reply::Answer(answer) | Reply::Repeated(answer) => Ok(answer),
        other => Err(anyhow::anyhow!("{name} was not done: {other:?}")),
    }
}

/// A lane is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What became of fixes: how many, by the word the API and the metrics have for it.
pub fn verdicts(receipt: &PositionReceipt) -> [(&'static str, u64); 8] {
    [
        ("applied", receipt.applied.into()),
        ("late", receipt.late.into()),
        ("repeated", receipt.repeated.into()),
        ("over_limit", receipt.over_limit.into()),
        ("off_duty", receipt.off_duty.into()),
        ("unknown_unit", receipt.unknown_unit.into()),
        ("impossible", receipt.impossible.into()),
        ("jump", receipt.jump.into()),
    ]
}
