//! Reads: what a node opens with, pieces of the journal, pages of the read model.

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId};
use dispatch_core::kernel::time::Time;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, QueryBuilder, Row, Sqlite};

use super::row::{self, ENTITY_COLUMNS, JOURNAL_COLUMNS};
use super::snapshot::newest;
use super::{SqliteStore, node_head};
use crate::batch::{ANSWERS_KEPT_US, Content, StoredAnswer};
use crate::journal::{self, JournalRow, WALK, signed, unsigned};
use crate::query::{EntityQuery, EntityRow, Page, prefix_end, related};
use crate::replay::Replay;
use crate::rows;
use crate::store::{AuditHead, Opening, StoreError};

impl SqliteStore {
    pub(super) async fn read_opening(&self) -> Result<Opening, StoreError> {
        let node = self.node();
        let mut connection = self.readers().acquire().await?;
        let mut view = connection.begin().await?;
        let (head, audit_head) = node_head(&mut view, node).await?;
        let mut replay = Replay::from(newest(&mut view, node, head).await?.unwrap_or_default());
        let snapshot_seq = replay.state.seq;
        while replay.state.seq < head {
            let rows = journal_rows(&mut view, node, replay.state.seq, WALK).await?;
            if rows.is_empty() {
                return Err(StoreError::corrupt(
                    "the journal reaches its head",
                    format!("it ends at {}", replay.state.seq),
                ));
            }
            for row in &rows {
                replay.apply(&journal::record(row)?)?;
            }
        }
        let answers = sqlx::query(
            "select actor, command, fingerprint, answer, at from answer where node = $1 and at >= $2 order by at",
        )
        .bind(node)
        .bind(replay.state.now.0.saturating_sub(ANSWERS_KEPT_US))
        .fetch_all(&mut *view)
        .await?;
        let clock = sqlx::query(
            "select payload from journal where node = $1 and name = 'journal_opened' order by seq desc limit 1",
        )
        .bind(node)
        .fetch_optional(&mut *view)
        .await?;
        let region = content(&mut view, &replay.state.region).await?;
        Ok(Opening {
            head,
            audit_head,
            snapshot_seq,
            clock: clock.map(|row| clock_of(&row)).transpose()?.unwrap_or_default(),
            answers: answers.iter().map(row::answer).collect::<Result<_, _>>()?,
            region,
            state: replay.state,
        })
    }

    pub(super) async fn read_answers(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let mut found = Vec::with_capacity(commands.len());
        for (actor, command) in commands {
            let row = sqlx::query(
                "select actor, command, fingerprint, answer, at from answer
                 where node = $1 and actor = $2 and command = $3",
            )
            .bind(self.node())
            .bind(actor.as_str())
            .bind(command.to_string())
            .fetch_optional(&mut *connection)
            .await?;
            found.push(row.as_ref().map(row::answer).transpose()?);
        }
        Ok(found)
    }

    pub(super) async fn read_records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        journal_rows(&mut connection, self.node(), after, limit).await?.iter().map(journal::record).collect()
    }

    pub(super) async fn read_commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let rows = sqlx::query(
            "select distinct commit_head from journal where node = $1 and seq > $2 order by commit_head limit $3",
        )
        .bind(self.node())
        .bind(signed(after))
        .bind(i64::from(limit))
        .fetch_all(&self.readers())
        .await?;
        rows.iter().map(|row| Ok(unsigned(row.try_get(0)?))).collect()
    }

    /// Time never runs back in the journal (D7), so it is searched by halves.
    pub(super) async fn find_first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let (head, _) = node_head(&mut connection, self.node()).await?;
        let (mut low, mut high) = (1, head + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = sqlx::query("select recorded_at from journal where node = $1 and seq = $2")
                .bind(self.node())
                .bind(signed(middle))
                .fetch_one(&mut *connection)
                .await?;
            if row.try_get::<i64, _>(0)? >= time.0 { high = middle } else { low = middle + 1 }
        }
        Ok((low <= head).then_some(low))
    }

    pub(super) async fn read_timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        let Some(row) = self.read_entity("incident", &incident.to_string()).await? else {
            return Ok(Vec::new());
        };
        let about = related(&row, incident)?;
        let query = format!(
            "select {JOURNAL_COLUMNS} from journal where node = $1 and seq in (
                 select timeline.seq from json_each($2) as about join timeline
                 on timeline.node = $1 and timeline.kind = about.value ->> 0 and timeline.id = about.value ->> 1
             ) order by seq"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(self.node())
            .bind(serde_json::to_string(&about).expect("strings are always JSON"))
            .fetch_all(&self.readers())
            .await?;
        rows.iter().map(|row| journal::record(&row::journal(row)?)).collect()
    }

    pub(super) async fn read_entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        let query = format!("select {ENTITY_COLUMNS} from entity where node = $1 and kind = $2 and id = $3");
        let row = sqlx::query(AssertSqlSafe(query))
            .bind(self.node())
            .bind(kind)
            .bind(id)
            .fetch_optional(&self.readers())
            .await?;
        row.as_ref().map(row::entity).transpose()
    }

    pub(super) async fn read_entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        let limit = query.limit_capped();
        let mut sql = selection(self.node(), query);
        sql.push(" order by opened_at desc, id desc limit ").push_bind(i64::from(limit) + 1);
        let mut rows = sql
            .build()
            .fetch_all(&self.readers())
            .await?
            .iter()
            .map(row::entity)
            .collect::<Result<Vec<_>, _>>()?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(EntityRow::cursor) } else { None };
        Ok(Page { rows, next })
    }

    pub(super) async fn read_content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        content(&mut *self.readers().acquire().await?, hash).await
    }

    pub(super) async fn delete_answers(&self, before: Time) -> Result<u64, StoreError> {
        let mut write = self.inner.write.lock().await;
        let connection = write.connection.as_mut().ok_or_else(StoreError::closed)?;
        let done = sqlx::query("delete from answer where node = $1 and at < $2")
            .bind(self.node())
            .bind(before.0)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn read_audit_head(&self) -> Result<AuditHead, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let row = sqlx::query(
            "select head, audit, (select payload from journal where journal.node = node.id
                 and name = 'journal_opened' order by seq desc limit 1) from node where id = $1",
        )
        .bind(self.node())
        .fetch_one(&mut *connection)
        .await?;
        let opened =
            row.try_get::<Option<Vec<u8>>, _>(2)?.map(|payload| journal::opened(&payload)).transpose()?;
        Ok(AuditHead {
            journal: opened.map(|it| it.journal),
            seq: unsigned(row.try_get(0)?),
            hash: row.try_get(1)?,
        })
    }
}

fn clock_of(row: &SqliteRow) -> Result<String, StoreError> {
    Ok(journal::opened(&row.try_get::<Vec<u8>, _>(0)?)?.clock)
}

/// The rows of a query, without their order.
fn selection(node: i64, query: &EntityQuery) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!("select {ENTITY_COLUMNS} from entity where node = "));
    sql.push_bind(node).push(" and kind = ").push_bind(query.kind.clone());
    if !query.area.0.is_empty() {
        let prefix = rows::prefix(&query.area);
        let end = prefix_end(&prefix);
        sql.push(" and area >= ").push_bind(prefix).push(" and area < ").push_bind(end);
    }
    let modes: Vec<String> = query.modes.iter().map(journal::word).collect();
    for (column, values) in [("state", &query.states), ("mode", &modes)] {
        if !values.is_empty() {
            let list = serde_json::to_string(values).expect("strings are always JSON");
            sql.push(format!(" and {column} in (select value from json_each(")).push_bind(list).push("))");
        }
    }
    let desk = query.desk.as_ref().map(ToString::to_string);
    for (column, value) in [("desk", &desk), ("number", &query.number), ("incident", &query.incident)] {
        if let Some(value) = value {
            sql.push(format!(" and {column} = ")).push_bind(value.clone());
        }
    }
    if let Some(alive) = query.alive {
        sql.push(" and alive = ").push_bind(alive);
    }
    if let Some(from) = query.from {
        sql.push(" and opened_at >= ").push_bind(from.0);
    }
    if let Some(until) = query.until {
        sql.push(" and opened_at < ").push_bind(until.0);
    }
    if let Some(after) = &query.after {
        sql.push(" and (opened_at, id) < (")
            .push_bind(after.opened_at.0)
            .push(", ")
            .push_bind(after.id.clone())
            .push(")");
    }
    sql
}

/// Rows of the journal after a sequence.
pub(super) async fn journal_rows(
    connection: &mut SqliteConnection,
    node: i64,
    after: u64,
    limit: u32,
) -> Result<Vec<JournalRow>, StoreError> {
    let query =
        format!("select {JOURNAL_COLUMNS} from journal where node = $1 and seq > $2 order by seq limit $3");
    let rows = sqlx::query(AssertSqlSafe(query))
        .bind(node)
        .bind(signed(after))
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    rows.iter().map(row::journal).collect()
}

async fn content(connection: &mut SqliteConnection, hash: &str) -> Result<Option<Content>, StoreError> {
    let row = sqlx::query("select bytes from content where hash = $1")
        .bind(hash)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Content { hash: hash.into(), bytes: row.try_get(0)? })).transpose()
}
