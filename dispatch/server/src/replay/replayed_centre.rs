//! The shipped writer and store on a clock that is the log's own. Commands are decided one after the other, each at the
//! log's time, and committed many together: one batch is in the air while the next is decided, as in a node under load.
//!
//! **What is decided counts before it is durable**, because nobody else listens: should a commit fail, the whole replay
//! is given up.

use anyhow::{Context, bail};
use dispatch_core::command::{Command, Envelope};
use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::time::Time;
use dispatch_core::screen::on_screen;
use dispatch_core::seek::live_map::UnitFix;
use dispatch_core::state::State;
use dispatch_store::{Answer, AppendOutcome, Content, Store};
use dispatch_writer::{Input, Limits, Moment, Output, Reading, Reply, Request, Writer};
use tokio::task::JoinHandle;

use super::world;
use crate::clock::Calendar;

/// A writer, its store, and the batch in the air.
pub struct ReplayedCentre<S> {
    writer: Writer,
    limits: Limits,
    store: S,
    calendar: Calendar,
    now: Time,
    actor: ActorId,
    /// The append under way, by the number of its flight.
    flight: Option<(u64, JoinHandle<AppendOutcome>)>,
    /// What was decided since the last batch was sent.
    decided: usize,
    ids: u64,
    /// How many commands were sent.
    pub commands: u64,
    /// How many batches were committed.
    pub commits: u64,
}

impl<S: Store + Clone + 'static> ReplayedCentre<S> {
    /// Drives a writer just opened on an empty store, with the limits it was opened with.
    pub fn new(writer: Writer, limits: Limits, store: S, calendar: Calendar) -> Self {
        Self {
            writer,
            limits,
            store,
            calendar,
            now: Time(0),
            actor: ActorId::from("log"),
            flight: None,
            decided: 0,
            ids: 0,
            commands: 0,
            commits: 0,
        }
    }

    /// Everything decided so far.
    pub fn state(&self) -> &State {
        self.writer.speculative()
    }

    /// Lets the clock come to `at`; whatever is due happens.
    pub async fn pass_to(&mut self, at: Time) -> anyhow::Result<()> {
        self.now = self.now.max(at);
        if self.state().timers().next_due().is_none_or(|due| due > self.now) {
            return Ok(());
        }
        let id = self.next_id();
        self.decide(Input::Tick { id });
        self.commit_when_full().await
    }

    /// Sends one command; what was decided on it.
    pub async fn send(
        &mut self,
        command: impl Into<Command>,
        contents: Vec<Content>,
    ) -> anyhow::Result<Answer> {
        let id = self.next_id();
        // The world itself is given by the node; what happens in it comes from a seat.
        let has_seats = !self.state().register().seats.is_empty();
        let envelope = Envelope {
            id,
            actor: self.actor.clone(),
            on_behalf_of: None,
            seat: has_seats.then(world::seat),
            channel: if has_seats { Channel::Api } else { Channel::System },
            occurred_at: Some(self.now),
            // A log had no screen: every command is of one who sees what is there.
            command: on_screen(self.state(), command.into()),
        };
        let request = Request {
            token: self.ids,
            fingerprint: [0; 32],
            envelope,
            words: Vec::new(),
            contents,
            geography: None,
            archived: None,
        };
        self.commands += 1;
        self.decide(Input::Command(Box::new(request)));
        if self.writer.decided(&self.actor, id).is_none() {
            // The batch had no room for it: it waits, at the same time of the log, for the next one.
            self.commit().await?;
        }
        let answer = self.writer.decided(&self.actor, id).context("the writer did not decide")?.clone();
        self.commit_when_full().await?;
        Ok(answer)
    }

    /// Reports where a unit stands.
    pub fn position(&mut self, fix: UnitFix) {
        self.decide(Input::Positions { token: 0, fixes: vec![fix] });
    }

    /// Waits until all is durable and gives the store back.
    pub async fn into_store(mut self) -> anyhow::Result<S> {
        self.commit().await?;
        self.land().await?;
        self.carry_out().await?;
        Ok(self.store)
    }

    fn next_id(&mut self) -> CommandId {
        self.ids += 1;
        let millis = u64::try_from(self.now.0 / 1_000).unwrap_or_default();
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.ids.to_be_bytes());
        CommandId(uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid())
    }

    fn handle(&mut self, input: Input) {
        let local = |at| self.calendar.local(at);
        let reading = Reading { since_boot: self.now.0, shows: self.now };
        self.writer.handle(Moment { reading, wall: self.now, local: &local }, input);
    }

    /// Hands in what is to be decided.
    fn decide(&mut self, input: Input) {
        self.handle(input);
        self.decided += 1;
    }

    async fn commit_when_full(&mut self) -> anyhow::Result<()> {
        if self.decided < self.limits.batch_commands_max { Ok(()) } else { self.commit().await }
    }

    /// Sends what was decided, once the batch before it has landed.
    async fn commit(&mut self) -> anyhow::Result<()> {
        self.land().await?;
        self.decided = 0;
        self.carry_out().await
    }

    /// Waits for the batch in the air.
    async fn land(&mut self) -> anyhow::Result<()> {
        let Some((flight, appended)) = self.flight.take() else { return Ok(()) };
        let outcome = appended.await.context("append")?;
        self.handle(Input::Appended { flight, outcome });
        self.commits += 1;
        Ok(())
    }

    async fn carry_out(&mut self) -> anyhow::Result<()> {
        let outputs: Vec<Output> = self.writer.drain().collect();
        for output in outputs {
            match output {
                Output::Append { flight, batch } => {
                    let store = self.store.clone();
                    let append = tokio::spawn(async move { store.append(&batch).await });
                    self.flight = Some((flight, append));
                }
                Output::Answer { reply: Reply::Answer(_), .. } => {}
                Output::Answer { reply, .. } => bail!("the writer answered {reply:?}"),
                Output::Snapshot(state) => self.store.snapshot(&state).await?,
                Output::Reopen | Output::Lookup(_) => bail!("the store failed while the log was replayed"),
                _ => {}
            }
        }
        Ok(())
    }
}
