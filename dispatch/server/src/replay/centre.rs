//! The shipped writer and store on a clock that is the log's own: each command is answered before the next is sent.

use std::collections::VecDeque;

use anyhow::{Context, bail};
use dispatch_core::command::{Command, Envelope};
use dispatch_core::field::UnitFix;
use dispatch_core::id::{ActorId, CommandId};
use dispatch_core::kind::Channel;
use dispatch_core::screen::on_screen;
use dispatch_core::state::State;
use dispatch_core::time::Time;
use dispatch_store::{Answer, Content, Store};
use dispatch_writer::{Input, Moment, Output, Reply, Request, Writer};

use super::world;
use crate::clock::Calendar;

/// A writer, its store, and what is committed.
pub struct Centre<S> {
    writer: Writer,
    store: S,
    calendar: Calendar,
    now: Time,
    /// Committed truth.
    pub state: State,
    /// Commands sent.
    pub commands: u64,
}

impl<S: Store> Centre<S> {
    /// Drives a writer just opened on an empty store.
    pub fn new(writer: Writer, store: S, calendar: Calendar) -> Self {
        Self { writer, store, calendar, now: Time(0), state: State::default(), commands: 0 }
    }

    /// Lets the clock come to `at`; whatever is due happens.
    pub async fn pass_to(&mut self, at: Time) -> anyhow::Result<()> {
        self.now = self.now.max(at);
        let id = self.next_id();
        self.handle(Input::Tick { id }).await.map(drop)
    }

    /// Sends one command and waits until it is answered.
    pub async fn send(
        &mut self,
        command: impl Into<Command>,
        contents: Vec<Content>,
    ) -> anyhow::Result<Answer> {
        let envelope = Envelope {
            id: self.next_id(),
            actor: ActorId::from("log"),
            on_behalf_of: None,
            seat: (!self.state.register.seats.is_empty()).then(world::seat),
            channel: Channel::Api,
            occurred_at: Some(self.now),
            // A log had no screen: every command is of one who sees what is there.
            command: on_screen(&self.state, command.into()),
        };
        let request = Request {
            token: self.commands,
            fingerprint: [0; 32],
            envelope,
            words: Vec::new(),
            contents,
            geography: None,
            archived: None,
        };
        let reply = self.handle(Input::Command(Box::new(request))).await?;
        match reply.context("the writer gave no answer")? {
            Reply::Answer(answer) => Ok(answer),
            other => bail!("the writer answered {other:?}"),
        }
    }

    /// Reports where a unit stands.
    pub async fn position(&mut self, fix: UnitFix) -> anyhow::Result<()> {
        self.handle(Input::Positions { token: 0, fixes: vec![fix] }).await.map(drop)
    }

    /// Gives the store back.
    pub fn into_store(self) -> S {
        self.store
    }

    fn next_id(&mut self) -> CommandId {
        self.commands += 1;
        let millis = u64::try_from(self.now.0 / 1_000).unwrap_or_default();
        let mut counter = [0; 10];
        counter[2..].copy_from_slice(&self.commands.to_be_bytes());
        CommandId(uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid())
    }

    /// Handles one input and all that follows from it; the reply, if it was a command.
    async fn handle(&mut self, input: Input) -> anyhow::Result<Option<Reply>> {
        let mut inputs = VecDeque::from([input]);
        let mut answered = None;
        while let Some(input) = inputs.pop_front() {
            let moment = Moment { clock: self.now, wall: self.now, local: self.calendar.local(self.now) };
            self.writer.handle(moment, input);
            let outputs: Vec<Output> = self.writer.drain().collect();
            for output in outputs {
                match output {
                    Output::Append { flight, batch } => {
                        let outcome = self.store.append(&batch).await;
                        inputs.push_back(Input::Appended { flight, outcome });
                    }
                    Output::Answer { reply, .. } => answered = Some(reply),
                    Output::Publish(commit) => {
                        for record in &commit.records {
                            dispatch_core::apply(&mut self.state, record);
                        }
                    }
                    Output::Snapshot(state) => self.store.snapshot(&state).await?,
                    Output::Reopen | Output::Lookup(_) => {
                        bail!("the store failed while the log was replayed")
                    }
                    _ => {}
                }
            }
        }
        Ok(answered)
    }
}
