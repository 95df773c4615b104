//! The tables of one node over one connection: what is read in the same words from either database.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::ops::DerefMut;

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::{FORMAT, State};

use super::dialect::{Cells, Dialect, Statement};
use super::following::Following;
use super::row;
use super::selection::selection;
use crate::audit;
use crate::batch::{Content, StoredAnswer};
use crate::delivery::{self, SinkStand};
use crate::journal::{self, JournalRow, Opened, WALK, signed, unsigned};
use crate::query::{EntityQuery, EntityRow, Page, related};
use crate::row::{Answer, Words, json, words_id};
use crate::snapshot;
use crate::store::{AuditHead, Opening, ReadingsHead, StoreError};
use crate::words::Reading;

/// Ids asked for in one statement.
const ASKED_AT_ONCE: usize = 500;

/// The tables of a node, over a connection that is lent, of a pool, or of a transaction.
pub(crate) struct Tables<D, C> {
    connection: C,
    node: i32,
    dialect: PhantomData<D>,
}

impl<D: Dialect, C: DerefMut<Target = D::Connection> + Send> Tables<D, C> {
    pub(crate) fn new(connection: C, node: i32) -> Self {
        Self { connection, node, dialect: PhantomData }
    }

    /// A statement about this node, which is `$1`.
    pub(super) fn about(&self, sql: impl Into<std::borrow::Cow<'static, str>>) -> Statement<D> {
        Statement::new(sql).bind(self.node)
    }

    pub(super) async fn all(&mut self, statement: Statement<D>) -> Result<Vec<D::Row>, StoreError> {
        Ok(D::rows(&mut self.connection, statement).await?)
    }

    pub(super) async fn one(&mut self, statement: Statement<D>) -> Result<Option<D::Row>, StoreError> {
        Ok(D::rows(&mut self.connection, statement).await?.into_iter().next())
    }

    pub(super) fn not_here(&self) -> StoreError {
        StoreError::Impossible(format!("this database does not hold node {}", self.node))
    }

    /// Head and audit head.
    pub(crate) async fn head(&mut self) -> Result<(u64, [u8; 32]), StoreError> {
        let row = self.one(self.about("select head, audit from node where id = $1")).await?;
        let row = row.ok_or_else(|| self.not_here())?;
        Ok((unsigned(row.cell(0)?), audit::stored(&row.cell::<String>(1)?)?))
    }

    /// Rows of the journal after a sequence.
    pub(crate) async fn journal(&mut self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        let columns = row::JOURNAL;
        let statement = self.about(format!(
            "select {columns} from journal where node = $1 and seq > $2 order by seq limit $3"
        ));
        let rows = self.all(statement.bind(signed(after)).bind(i64::from(limit))).await?;
        rows.iter().map(row::journal).collect()
    }

    /// Rows after a sequence that correct the clock.
    pub(crate) async fn corrections(&mut self, after: u64) -> Result<Vec<JournalRow>, StoreError> {
        let columns = row::JOURNAL;
        let statement = self.about(format!(
            "select {columns} from journal where node = $1 and seq > $2 and name = 'clock_corrected' order by seq"
        ));
        self.all(statement.bind(signed(after))).await?.iter().map(row::journal).collect()
    }

    /// The next rows on the way to the head, of which there have to be some.
    pub(super) async fn next(&mut self, after: u64) -> Result<Vec<JournalRow>, StoreError> {
        let rows = self.journal(after, WALK).await?;
        if rows.is_empty() {
            return Err(StoreError::corrupt("the journal ends before its head", format!("at row {after}")));
        }
        Ok(rows)
    }

    pub(super) async fn records(&mut self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.journal(after, limit).await?.iter().map(journal::record).collect()
    }

    /// Hash of a row, hex.
    pub(crate) async fn audit_of(&mut self, seq: u64) -> Result<Option<String>, StoreError> {
        let statement = self.about("select audit from journal where node = $1 and seq = $2");
        let row = self.one(statement.bind(signed(seq))).await?;
        Ok(row.map(|row| row.cell(0)).transpose()?)
    }

    /// A commit's last row is the one that names itself.
    pub(super) async fn commit_heads(&mut self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let statement = self.about(
            "select seq from journal where node = $1 and seq > $2 and seq = commit_head order by seq limit $3",
        );
        let rows = self.all(statement.bind(signed(after)).bind(i64::from(limit))).await?;
        rows.iter().map(|row| Ok(unsigned(row.cell(0)?))).collect()
    }

    /// Time runs back in the journal only where the clock was corrected (D7): between two corrections it is searched by
    /// halves.
    pub(super) async fn first_at(&mut self, time: Time) -> Result<Option<u64>, StoreError> {
        let (head, _) = self.head().await?;
        let corrected = self
            .all(
                self.about(
                    "select seq from journal where node = $1 and name = 'clock_corrected' order by seq",
                ),
            )
            .await?;
        let mut low = 1;
        for row in corrected {
            let next = unsigned(row.cell(0)?);
            let found = self.first_between(low, next, time).await?;
            if found < next {
                return Ok(Some(found));
            }
            low = next;
        }
        let found = self.first_between(low, head + 1, time).await?;
        Ok((found <= head).then_some(found))
    }

    /// The first row from `low` to before `high` that was recorded at or after a time, or `high`. Time does not run back
    /// between them.
    async fn first_between(&mut self, mut low: u64, mut high: u64, time: Time) -> Result<u64, StoreError> {
        while low < high {
            let middle = low + (high - low) / 2;
            let statement = self.about("select recorded_at from journal where node = $1 and seq = $2");
            let row = self.one(statement.bind(signed(middle))).await?;
            let row = row.ok_or_else(|| {
                StoreError::corrupt("the journal has a gap", format!("row {middle} is missing"))
            })?;
            if row.cell::<i64>(0)? >= time.0 { high = middle } else { low = middle + 1 }
        }
        Ok(low)
    }

    /// What the journal says of itself last.
    async fn opened(&mut self) -> Result<Option<Opened>, StoreError> {
        let row = self
            .one(self.about(
                "select payload from journal where node = $1 and name = 'journal_opened' order by seq desc limit 1",
            ))
            .await?;
        row.map(|row| journal::opened(&row.cell::<Vec<u8>>(0)?)).transpose()
    }

    pub(super) async fn audit_head(&mut self) -> Result<AuditHead, StoreError> {
        let statement = self.about(
            "select head, audit, (select payload from journal where journal.node = node.id
                 and name = 'journal_opened' order by seq desc limit 1) from node where id = $1",
        );
        let row = self.one(statement).await?.ok_or_else(|| self.not_here())?;
        let opened = row.cell::<Option<Vec<u8>>>(2)?.map(|payload| journal::opened(&payload)).transpose()?;
        let kept = self.kept_beside().await?;
        let readings = kept.map(|kept| ReadingsHead { count: kept.readings, hash: kept.readings_audit });
        Ok(AuditHead {
            journal: opened.map(|opened| opened.journal),
            seq: unsigned(row.cell(0)?),
            hash: row.cell(1)?,
            readings: readings.unwrap_or_default(),
        })
    }

    pub(crate) async fn content(&mut self, hash: &str) -> Result<Option<Content>, StoreError> {
        let statement = Statement::new("select bytes from content where hash = $1").bind(hash.to_owned());
        let row = self.one(statement).await?;
        row.map(|row| Ok(Content { hash: hash.into(), bytes: row.cell(0)? })).transpose()
    }

    /// What was answered at or after `since`, oldest first.
    pub(super) async fn answers(&mut self, since: i64) -> Result<Vec<StoredAnswer>, StoreError> {
        self.raw_answers(since).await?.into_iter().map(Answer::read).collect()
    }

    /// What was answered before `until`, oldest first.
    pub(super) async fn answers_before(&mut self, until: i64) -> Result<Vec<StoredAnswer>, StoreError> {
        let columns = row::ANSWER;
        let statement =
            self.about(format!("select {columns} from answer where node = $1 and at < $2 order by at"));
        self.all(statement.bind(until)).await?.iter().map(|row| row::answer(row)?.read()).collect()
    }

    /// The same as it lies in the table.
    pub(crate) async fn raw_answers(&mut self, since: i64) -> Result<Vec<Answer>, StoreError> {
        let columns = row::ANSWER;
        let statement =
            self.about(format!("select {columns} from answer where node = $1 and at >= $2 order by at"));
        self.all(statement.bind(since)).await?.iter().map(row::answer).collect()
    }

    /// Words as they lie in the table.
    pub(crate) async fn raw_words(&mut self, ids: &[String]) -> Result<Vec<Words>, StoreError> {
        let (columns, listed) = (row::WORDS, D::LISTED);
        let statement =
            self.about(format!("select {columns} from words where node = $1 and words.id in ({listed})"));
        self.all(statement.bind(json(&ids))).await?.iter().map(row::words).collect()
    }

    /// How many answers [`Self::answers`] gives.
    pub(super) async fn answer_count(&mut self, since: i64) -> Result<u64, StoreError> {
        let statement = self.about("select count(*) from answer where node = $1 and at >= $2").bind(since);
        let row = self.one(statement).await?;
        Ok(unsigned(row.map(|row| row.cell(0)).transpose()?.unwrap_or_default()))
    }

    /// In the order asked.
    pub(super) async fn lookup(
        &mut self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        let (columns, pairs) = (row::ANSWER, D::PAIRS);
        let statement = self
            .about(format!("select {columns} from answer where node = $1 and (actor, command) in ({pairs})"));
        let asked: Vec<_> = commands.iter().map(|(actor, id)| (actor.as_str(), id.to_string())).collect();
        let mut found = BTreeMap::new();
        for row in &self.all(statement.bind(json(&asked))).await? {
            let answer = row::answer(row)?.read()?;
            found.insert((answer.actor.clone(), answer.command), answer);
        }
        Ok(commands.iter().map(|key| found.get(key).cloned()).collect())
    }

    /// What a node starts from: what is known already, or the newest snapshot, and the tail.
    pub(crate) async fn opening(&mut self, known: Option<Following>) -> Result<Opening, StoreError> {
        let (head, audit_head) = self.head().await?;
        let mut following = match known {
            Some(known) => known,
            None => Following::begin(self, head).await?,
        };
        following.read_on(self, head).await?;
        following.check_head(head, &audit_head)?;
        let answers = following.all_answers(self).await?;
        let Following { replay, snapshot_seq, .. } = following;
        Ok(Opening {
            head,
            audit_head,
            snapshot_seq,
            clock: self.opened().await?.map(|opened| opened.clock).unwrap_or_default(),
            answers,
            region: self.content(replay.state.region()).await?,
            state: replay.state,
        })
    }

    /// The newest snapshot at or before `head` that is of our format and gives its own hash.
    pub(super) async fn newest_snapshot(&mut self, head: u64) -> Result<Option<State>, StoreError> {
        let statement = self.about(
            "select seq, state_hash, state from snapshot where node = $1 and seq <= $2 and format = $3
             order by seq desc",
        );
        let rows = self.all(statement.bind(signed(head)).bind(FORMAT.to_owned())).await?;
        for row in &rows {
            let (hash, bytes): (String, Vec<u8>) = (row.cell(1)?, row.cell(2)?);
            if let Some(state) = snapshot::believed(unsigned(row.cell(0)?), &hash, &bytes) {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    pub(super) async fn entity(&mut self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        let columns = row::entity_columns::<D>();
        let statement =
            self.about(format!("select {columns} from entity where node = $1 and kind = $2 and id = $3"));
        let row = self.one(statement.bind(kind.to_owned()).bind(id.to_owned())).await?;
        row.as_ref().map(row::entity).transpose()
    }

    pub(super) async fn entities(&mut self, query: &EntityQuery) -> Result<Page, StoreError> {
        let rows = self.all(selection(self.node, query)).await?;
        let rows = rows.iter().map(row::entity).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::of(rows, query))
    }

    /// Everything that happened to an incident, its alarms and its orders.
    pub(super) async fn timeline(&mut self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        let Some(found) = self.entity("incident", &incident.to_string()).await? else {
            return Ok(Vec::new());
        };
        let (columns, pairs) = (row::JOURNAL, D::PAIRS);
        let statement = self.about(format!(
            "select {columns} from journal where node = $1 and seq in (
                 select seq from timeline where node = $1 and (kind, id) in ({pairs})
             ) order by seq"
        ));
        let rows = self.all(statement.bind(json(&related(&found, incident)?))).await?;
        rows.iter().map(|row| journal::record(&row::journal(row)?)).collect()
    }

    /// Who read these words, first first.
    pub(super) async fn readings(&mut self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        let (columns, order) = (row::READING, D::FIRST_READING_FIRST);
        let statement = self.about(format!(
            "select {columns} from words_reading where node = $1 and words = $2 order by {order}"
        ));
        self.all(statement.bind(id.to_string())).await?.iter().map(row::reading).collect()
    }

    /// Those of these words of which there is no record.
    pub(super) async fn unknown_words(&mut self, ids: &[WordsId]) -> Result<Vec<WordsId>, StoreError> {
        let mut known = BTreeSet::new();
        for some in ids.chunks(ASKED_AT_ONCE) {
            let places =
                (2..).map(|place| format!("${place}")).take(some.len()).collect::<Vec<_>>().join(", ");
            let query = format!("select id from words where node = $1 and id in ({places})");
            let statement =
                some.iter().fold(self.about(query), |statement, id| statement.bind(id.to_string()));
            for row in self.all(statement).await? {
                known.insert(words_id(&row.cell::<String>(0)?)?);
            }
        }
        Ok(ids.iter().filter(|id| !known.contains(id)).copied().collect())
    }

    /// Words whose time is over and whose text is still there.
    pub(crate) async fn expired_words(&mut self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        let statement = self.about(
            "select id from words where node = $1 and text is not null and expires_at <= $2
             order by expires_at, id limit $3",
        );
        let rows = self.all(statement.bind(now.0).bind(i64::from(limit))).await?;
        rows.iter().map(|row| words_id(&row.cell::<String>(0)?)).collect()
    }

    /// Where a sink stands.
    pub(super) async fn sink(&mut self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        let statement = self.about(
            "select journal, reached, (select count(*) from delivery
                 where delivery.node = $1 and delivery.sink = $2 and state = 'refused')
             from sink where node = $1 and name = $2",
        );
        let Some(found) = self.one(statement.bind(sink.to_owned())).await? else { return Ok(None) };
        let columns = row::DELIVERY;
        let statement = self.about(format!(
            "select {columns} from delivery where node = $1 and sink = $2 and state = 'waiting' order by seq"
        ));
        let rows = self.all(statement.bind(sink.to_owned())).await?;
        Ok(Some(SinkStand {
            cursor: delivery::cursor(&found.cell::<String>(0)?, found.cell(1)?)?,
            outstanding: rows.iter().map(|row| row::delivery(row)?.read()).collect::<Result<_, _>>()?,
            refused: unsigned(found.cell(2)?),
        }))
    }
}
