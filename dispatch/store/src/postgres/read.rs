//! Reads: what a node opens with, pieces of the journal, pages of the read model.

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId};
use dispatch_core::kernel::time::Time;
use sqlx::postgres::{PgConnection, PgRow, Postgres};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Transaction};

use super::follow::Following;
use super::row::{self, ENTITY_COLUMNS, JOURNAL_COLUMNS};
use super::{PostgresStore, node_head};
use crate::batch::{Content, StoredAnswer};
use crate::journal::{self, JournalRow, signed, unsigned};
use crate::query::{EntityQuery, EntityRow, Page, prefix_end, related};
use crate::rows;
use crate::store::{AuditHead, Opening, StoreError};

impl PostgresStore {
    /// One view of the database for several reads; it ends when it is dropped.
    pub(super) async fn view(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let begun = self.inner.readers.begin_with("begin isolation level repeatable read read only").await;
        begun.map_err(|error| self.fault(error))
    }

    /// What a node starts from: what is known already, or the newest snapshot, and the tail.
    pub(super) async fn read_opening(&self, known: Option<Following>) -> Result<Opening, StoreError> {
        let node = self.node();
        let mut view = self.view().await?;
        let (head, audit_head) = node_head(&mut view, node).await?;
        let mut following = match known {
            Some(known) => known,
            None => Following::begin(&mut view, node, head).await?,
        };
        following.read_on(&mut view, node, head).await?;
        let answers = following.all_answers(&mut view, node).await?;
        let clock = sqlx::query(
            "select payload from journal where node = $1 and name = 'journal_opened' order by seq desc limit 1",
        )
        .bind(node)
        .fetch_optional(&mut *view)
        .await?;
        let Following { replay, snapshot_seq, .. } = following;
        Ok(Opening {
            head,
            audit_head,
            snapshot_seq,
            clock: clock.map(|row| clock_of(&row)).transpose()?.unwrap_or_default(),
            answers,
            region: content(&mut view, &replay.state.region).await?,
            state: replay.state,
        })
    }

    pub(super) async fn read_answers(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        let actors: Vec<&str> = commands.iter().map(|(actor, _)| actor.as_str()).collect();
        let ids: Vec<String> = commands.iter().map(|(_, command)| command.to_string()).collect();
        let rows = sqlx::query(
            "select actor, command, fingerprint, answer, at, ordinal
             from unnest($2::text[], $3::text[]) with ordinality as asked (actor, command, ordinal)
             join answer using (actor, command) where node = $1",
        )
        .bind(self.node())
        .bind(actors)
        .bind(ids)
        .fetch_all(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        let mut found = vec![None; commands.len()];
        for row in &rows {
            let place = usize::try_from(row.try_get::<i64, _>(5)? - 1).unwrap_or_default();
            found[place] = Some(row::answer(row)?);
        }
        Ok(found)
    }

    pub(super) async fn read_records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut connection = self.reader().await?;
        journal_rows(&mut connection, self.node(), after, limit).await?.iter().map(journal::record).collect()
    }

    pub(super) async fn read_commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        // A commit's last row is the one that names itself.
        let query = "select seq from journal where node = $1 and seq > $2 and seq = commit_head order by seq limit $3";
        let rows = sqlx::query(query)
            .bind(self.node())
            .bind(signed(after))
            .bind(i64::from(limit))
            .fetch_all(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        rows.iter().map(|row| Ok(unsigned(row.try_get(0)?))).collect()
    }

    /// Time never runs back in the journal (D7), so it is searched by halves.
    pub(super) async fn find_first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        let mut connection = self.reader().await?;
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
        let (kinds, ids): (Vec<&str>, Vec<String>) = related(&row, incident)?.into_iter().unzip();
        let query = format!(
            "select {JOURNAL_COLUMNS} from journal where node = $1 and seq in (
                 select timeline.seq from unnest($2::text[], $3::text[]) as about (kind, id)
                 join timeline on timeline.node = $1 and timeline.kind = about.kind and timeline.id = about.id
             ) order by seq"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(self.node())
            .bind(kinds)
            .bind(ids)
            .fetch_all(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        rows.iter().map(|row| journal::record(&row::journal(row)?)).collect()
    }

    pub(super) async fn read_entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        let query = format!("select {ENTITY_COLUMNS} from entity where node = $1 and kind = $2 and id = $3");
        let row = sqlx::query(AssertSqlSafe(query))
            .bind(self.node())
            .bind(kind)
            .bind(id)
            .fetch_optional(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        row.as_ref().map(row::entity).transpose()
    }

    pub(super) async fn read_entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        let limit = query.limit_capped();
        let mut sql = selection(self.node(), query);
        sql.push(" order by opened_at desc, id desc limit ").push_bind(i64::from(limit) + 1);
        let rows = sql.build().fetch_all(&self.inner.readers).await.map_err(|error| self.fault(error))?;
        let mut rows = rows.iter().map(row::entity).collect::<Result<Vec<_>, _>>()?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(EntityRow::cursor) } else { None };
        Ok(Page { rows, next })
    }

    pub(super) async fn read_content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        content(&mut *self.reader().await?, hash).await
    }

    pub(super) async fn delete_answers(&self, before: Time) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from answer where node = $1 and at < $2")
            .bind(self.node())
            .bind(before.0)
            .execute(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        Ok(done.rows_affected())
    }

    pub(super) async fn read_audit_head(&self) -> Result<AuditHead, StoreError> {
        let row = sqlx::query(
            "select head, audit, (select payload from journal where journal.node = node.id
                 and name = 'journal_opened' order by seq desc limit 1) from node where id = $1",
        )
        .bind(self.node())
        .fetch_one(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        let opened = row.try_get::<Option<Vec<u8>>, _>(2)?;
        let opened = opened.map(|payload| journal::opened(&payload)).transpose()?;
        Ok(AuditHead {
            journal: opened.map(|it| it.journal),
            seq: unsigned(row.try_get(0)?),
            hash: row.try_get(1)?,
        })
    }
}

fn clock_of(row: &PgRow) -> Result<String, StoreError> {
    Ok(journal::opened(&row.try_get::<Vec<u8>, _>(0)?)?.clock)
}

/// The rows of a query, without their order.
fn selection(node: i32, query: &EntityQuery) -> QueryBuilder<Postgres> {
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
            sql.push(format!(" and {column} = any(")).push_bind(values.clone()).push(")");
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
    connection: &mut PgConnection,
    node: i32,
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

async fn content(connection: &mut PgConnection, hash: &str) -> Result<Option<Content>, StoreError> {
    let row = sqlx::query("select bytes from content where hash = $1")
        .bind(hash)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Content { hash: hash.into(), bytes: row.try_get(0)? })).transpose()
}
