//! What goes into the writer and what comes out.

use std::sync::Arc;

use dispatch_core::command::{AcceptLoss, CorrectClock, Envelope, RaiseAlarm, RaiseTechnical, Tick};
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, AlarmId, CommandId, JournalId, Minter};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::seek::live_map::{Geography, UnitFix};
use dispatch_core::state::State;
use dispatch_core::view::{AlarmView, IncidentView, View};
use dispatch_store::{
    Answer, AppendOutcome, Batch, Content, Opening, StoreError, StoredAnswer, TrackPoint, Words,
};

use crate::clock::Reading;

/// A command as it reaches the writer.
#[derive(Clone, Debug)]
pub struct Request {
    /// Names the request to the driver, which answers by it; unique among those open.
    pub token: u64,
    /// Keyed hash of method, path and body (D6).
    pub fingerprint: [u8; 32],
    /// The command, who sent it and how.
    pub envelope: Envelope,
    /// Words that came with it; stored only if it is accepted.
    pub words: Vec<Words>,
    /// The region package it adopts.
    pub contents: Vec<Content>,
    /// The ground of that package; the live map takes it when the adoption is committed.
    pub geography: Option<Box<Geography>>,
    /// The incident it takes up again, as the read model keeps it; used where it has left live state (D11).
    pub archived: Option<Box<IncidentView>>,
}

impl Request {
    /// Whether this is a person's or device's call for help: such a request has a lane that nothing else can fill and
    /// is never answered `Busy` before every place in that lane is taken.
    pub fn is_alarm(&self) -> bool {
        self.envelope.command.row().help
    }

    /// Whether it is taken while nobody goes on without what the journal has lost: a call for help, what the node or a
    /// device says of itself, and the word of whoever sets things right.
    pub(crate) fn passes_halt(&self) -> bool {
        let command = &self.envelope.command;
        let sets_right = command.get::<AcceptLoss>().is_some() || command.get::<CorrectClock>().is_some();
        let is_told = command.get::<RaiseTechnical>().is_some();
        self.is_alarm() || sets_right || is_told || self.envelope.channel == Channel::System
    }

    /// Gives a call for help that came under another one's id, or may have, an id of its own, the same whenever it comes
    /// again: a device that counts from 1 or has no clock must not have its next press taken for its last. `why` goes on
    /// record with it.
    pub(crate) fn rename(&mut self, why: &str) {
        let was = Minter::new(&self.envelope.actor, self.envelope.id).mint();
        self.envelope.id = self.own_key().1;
        let alarm = AlarmId(Minter::new(&self.envelope.actor, self.envelope.id).mint());
        for words in self.words.iter_mut().filter(|words| words.alarm == Some(AlarmId(was))) {
            words.alarm = Some(alarm);
        }
        if let Some(raise) = self.envelope.command.get_mut::<RaiseAlarm>() {
            raise.flaws.push(format!("idempotency-key: {why}"));
        }
    }

    /// The key it has under that id.
    pub(crate) fn own_key(&self) -> (ActorId, CommandId) {
        let own = ActorId::from(format!("{:?}", self.fingerprint).as_str());
        (self.envelope.actor.clone(), CommandId(Minter::new(&own, self.envelope.id).mint()))
    }

    /// The command that stands for a tick: the node's own, with nobody waiting for its answer.
    pub(crate) fn tick(id: CommandId) -> Self {
        let envelope = Envelope {
            id,
            actor: ActorId::from("system"),
            on_behalf_of: None,
            seat: None,
            channel: Channel::System,
            occurred_at: None,
            command: Tick {}.into(),
        };
        let (words, contents) = (Vec::new(), Vec::new());
        Self { token: 0, fingerprint: [0; 32], envelope, words, contents, geography: None, archived: None }
    }

    /// The key answers are kept by.
    pub fn key(&self) -> (ActorId, CommandId) {
        (self.envelope.actor.clone(), self.envelope.id)
    }
}

/// When something happens to the writer.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// What the clocks of the machine show, from which the writer makes the node's time.
    pub reading: Reading,
    /// What the wall's clock says: clients mint their ids by it, whatever the node's is scaled to.
    pub wall: Time,
    /// What a clock in the region shows at a time.
    pub local: &'a dyn Fn(Time) -> LocalTime,
}

/// What happens to the writer.
#[derive(Debug)]
pub enum Input {
    /// A command is handed in.
    Command(Box<Request>),
    /// Fixes of units, in the order they came.
    Positions {
        /// Names the receipt.
        token: u64,
        /// One position of a unit each.
        fixes: Vec<UnitFix>,
    },
    /// Time has passed.
    Tick {
        /// Id of the command that this tick becomes if anything is due.
        id: CommandId,
    },
    /// What became of a batch.
    Appended {
        /// Number of the batch, as `Output::Append` gave it.
        flight: u64,
        /// Whether it was committed, was not, or nobody knows.
        outcome: AppendOutcome,
    },
    /// The answer to [`Output::Reopen`].
    Reopened(Result<Box<Opening>, StoreError>),
    /// The answer to [`Output::Lookup`], in its order.
    Found(Result<Vec<Option<StoredAnswer>>, StoreError>),
}

/// What the driver has to do, in order.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "outputs are few, and moved once")]
pub enum Output {
    /// Append this batch and report by `Input::Appended`.
    Append {
        /// Names the batch.
        flight: u64,
        /// The records, answers and views to commit.
        batch: Arc<Batch>,
    },
    /// Answer a request.
    Answer {
        /// The request, by the token it came with.
        token: u64,
        /// What its sender is told.
        reply: Reply,
    },
    /// What became of fixes: a receipt, not a commit (D8).
    Positions {
        /// The fixes, by the token they came with.
        token: u64,
        /// How many fixes came to each verdict.
        receipt: PositionReceipt,
    },
    /// Fixes that belong into history, those live included, for the tracks file.
    Tracks(Vec<TrackPoint>),
    /// A commit is durable: show it.
    Publish(Arc<Commit>),
    /// Open the store again and report by `Input::Reopened`.
    Reopen,
    /// Look these up and report by `Input::Found`.
    Lookup(Vec<(ActorId, CommandId)>),
    /// The journal went on without this writer: everything shown is to be replaced by this state (D15).
    Reset(Arc<State>),
    /// Keep this state as a snapshot. It is what the journal holds, never speculation.
    Snapshot(Arc<State>),
    /// An alarm that could not be recorded yet: show it with sound, marked 未入库 (D3).
    Unrecorded(Unrecorded),
    /// An alarm shown as unrecorded is in the journal now, or was answered otherwise: take the mark off.
    Recorded {
        /// Who raised it.
        actor: ActorId,
        /// The command that raised it.
        command: CommandId,
    },
    /// A named degraded mode began or ended (D17).
    Degraded {
        /// Which: `clock_in_doubt` or `not_recording`.
        code: &'static str,
        /// Whether it began; false when it ended.
        on: bool,
    },
}

/// How a request is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Decided and durable.
    Answer(Answer),
    /// The same command had been answered before: the same answer.
    Repeated(Answer),
    /// The journal could not take it; it may be sent again under the same id.
    NotRecorded,
    /// The journal has lost something and nobody has accepted that; it may be sent again under the same id.
    Halted,
    /// The same id with another body; never for an alarm.
    Conflict,
    /// The id is older than ids are kept.
    Expired,
    /// No room; nothing was decided.
    Busy {
        /// Seconds to wait before it is tried again.
        retry_after_s: u32,
    },
}

/// A durable commit, as it is shown (D15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Id of the journal it belongs to.
    pub journal: JournalId,
    /// The head before it.
    pub prev: u64,
    /// The head after it.
    pub seq: u64,
    /// The records it added, in the order of their sequence.
    pub records: Vec<Record>,
    /// The entities they changed.
    pub views: Vec<View>,
    /// When its last record was decided.
    pub at: Time,
}

/// An alarm the journal could not take yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// Who raised it.
    pub actor: ActorId,
    /// The command that raises it.
    pub command: CommandId,
    /// The alarm as the core makes it, under the id it will have; it rings and has no number yet. A repeat is the alarm
    /// it repeats.
    pub alarm: AlarmView,
    /// What was said with it, which no store holds yet.
    pub words: Vec<Words>,
    /// It is kept to be recorded; false when there was no room, so that nothing will ever take its mark off.
    pub kept: bool,
}

/// What became of fixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionReceipt {
    /// Live at once.
    pub applied: u32,
    /// Older than the last one: history only.
    pub late: u32,
    /// The live fix once more.
    pub repeated: u32,
    /// The unit is off duty: dropped.
    pub off_duty: u32,
    /// Nobody knows the unit.
    pub unknown_unit: u32,
    /// Breaks a rule: dropped.
    pub impossible: u32,
    /// Farther than the unit can have gone: held until a second agrees.
    pub jump: u32,
    /// Beyond the limit of one batch: not looked at; send them again.
    pub over_limit: u32,
}
