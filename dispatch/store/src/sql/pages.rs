//! Tables a page at a time, each after the row that was read last: what a verification and a copy read. A page is read in
//! less than a second, so that nobody who reads stands in the way of a checkpoint.

use std::collections::BTreeMap;
use std::ops::DerefMut;

use super::dialect::{Cells as _, Dialect, Statement};
use super::row;
use super::tables::Tables;
use crate::batch::Content;
use crate::journal::{signed, unsigned};
use crate::query::EntityRow;
use crate::row::{Answer, Words};
use crate::rows::TimelineRow;
use crate::snapshot::{Kept, StateHash};
use crate::store::StoreError;
use crate::words::ChainedReading;

/// Rows of a page.
pub(crate) const PAGE: u32 = 500;

/// What is known of what lies beside the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptBeside {
    /// Whatever a client's command recorded in a later row has its answer.
    pub(crate) answers_after: u64,
    /// Readings that were made before they were chained.
    pub(crate) readings_before: u64,
    /// Readings in the chain.
    pub(crate) readings: u64,
    /// Hash of the last of them, hex.
    pub(crate) readings_audit: String,
}

impl<D: Dialect, C: DerefMut<Target = D::Connection> + Send> Tables<D, C> {
    /// The version of the schema, which may be older than ours where nothing is written.
    pub(super) async fn schema(&mut self) -> Result<i64, StoreError> {
        let row = self.one(Statement::new("select max(version) from _sqlx_migrations")).await?;
        Ok(row.map(|row| row.cell::<Option<i64>>(0)).transpose()?.flatten().unwrap_or_default())
    }

    /// What is known of what lies beside the journal; none where the schema is older.
    pub(crate) async fn kept_beside(&mut self) -> Result<Option<KeptBeside>, StoreError> {
        if self.schema().await? < D::CUSTODY_SINCE {
            return Ok(None);
        }
        let statement = self.about(
            "select answers_after, readings_before, readings, readings_audit from custody where node = $1",
        );
        let row = self.one(statement).await?.ok_or_else(|| self.not_here())?;
        Ok(Some(KeptBeside {
            answers_after: unsigned(row.cell(0)?),
            readings_before: unsigned(row.cell(1)?),
            readings: unsigned(row.cell(2)?),
            readings_audit: row.cell(3)?,
        }))
    }

    /// By what the key is told under which answers are kept.
    pub(crate) async fn known_key(&mut self) -> Result<Option<String>, StoreError> {
        if self.schema().await? < D::KEY_SINCE {
            return Ok(None);
        }
        let row = self.one(self.about("select node_key from custody where node = $1")).await?;
        Ok(row.map(|row| row.cell::<Option<String>>(0)).transpose()?.flatten())
    }

    /// Entities of a kind, by id.
    pub(crate) async fn entity_page(
        &mut self,
        kind: &str,
        after: &str,
    ) -> Result<Vec<EntityRow>, StoreError> {
        let columns = row::entity_columns::<D>();
        let statement = self.about(format!(
            "select {columns} from entity where node = $1 and kind = $2 and id > $3 order by id limit $4"
        ));
        let statement = statement.bind(kind.to_owned()).bind(after.to_owned()).bind(i64::from(PAGE));
        self.all(statement).await?.iter().map(row::entity).collect()
    }

    /// The kind of entities that is stored next to this one.
    pub(super) async fn next_kind(&mut self, after: &str) -> Result<Option<String>, StoreError> {
        let statement =
            self.about("select kind from entity where node = $1 and kind > $2 order by kind limit 1");
        let row = self.one(statement.bind(after.to_owned())).await?;
        Ok(row.map(|row| row.cell(0)).transpose()?)
    }

    /// Entries of the timeline.
    pub(crate) async fn timeline_page(
        &mut self,
        after: Option<&TimelineRow>,
    ) -> Result<Vec<TimelineRow>, StoreError> {
        let (kind, id, seq) =
            after.map_or(("", "", 0), |row| (row.kind.as_str(), row.id.as_str(), signed(row.seq)));
        let statement = self.about(
            "select kind, id, seq from timeline where node = $1 and (kind, id, seq) > ($2, $3, $4)
             order by kind, id, seq limit $5",
        );
        let statement = statement.bind(kind.to_owned()).bind(id.to_owned()).bind(seq).bind(i64::from(PAGE));
        let entry = |row: &D::Row| {
            Ok(TimelineRow { kind: row.cell(0)?, id: row.cell(1)?, seq: unsigned(row.cell(2)?) })
        };
        self.all(statement).await?.iter().map(entry).collect()
    }

    /// Words, by id.
    pub(super) async fn words_page(&mut self, after: &str) -> Result<Vec<Words>, StoreError> {
        let columns = row::WORDS;
        let statement = self
            .about(format!("select {columns} from words where node = $1 and id > $2 order by id limit $3"));
        let rows = self.all(statement.bind(after.to_owned()).bind(i64::from(PAGE))).await?;
        rows.iter().map(row::words).collect()
    }

    /// Since when these words are erased, if they are; those that are not stored are left out.
    pub(super) async fn erased(
        &mut self,
        ids: impl Iterator<Item = String> + Send,
    ) -> Result<BTreeMap<String, Option<i64>>, StoreError> {
        let mut statement = self.about("select id, erased_at from words where node = $1 and id in (");
        listed(&mut statement, ids);
        let rows = self.all(statement).await?;
        rows.iter().map(|row| Ok((row.cell(0)?, row.cell(1)?))).collect()
    }

    /// Answers, by actor and command.
    pub(super) async fn answers_page(&mut self, after: (&str, &str)) -> Result<Vec<Answer>, StoreError> {
        let columns = row::ANSWER;
        let statement = self.about(format!(
            "select {columns} from answer where node = $1 and (actor, command) > ($2, $3)
             order by actor, command limit $4"
        ));
        let statement = statement.bind(after.0.to_owned()).bind(after.1.to_owned()).bind(i64::from(PAGE));
        self.all(statement).await?.iter().map(row::answer).collect()
    }

    /// Actor and command of rows of the journal, by sequence.
    pub(super) async fn commands(
        &mut self,
        rows: impl Iterator<Item = u64> + Send,
    ) -> Result<BTreeMap<u64, (String, String)>, StoreError> {
        let rows: Vec<i64> = rows.map(signed).collect();
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut statement =
            self.about("select seq, actor, command from journal where node = $1 and seq in (");
        listed(&mut statement, rows.into_iter());
        let rows = self.all(statement).await?;
        rows.iter().map(|row| Ok((unsigned(row.cell(0)?), (row.cell(1)?, row.cell(2)?)))).collect()
    }

    /// Readings in the chain, by place.
    pub(super) async fn readings_page(&mut self, after: u64) -> Result<Vec<ChainedReading>, StoreError> {
        let columns = row::CHAINED;
        let statement = self.about(format!(
            "select {columns} from words_reading where node = $1 and place > $2 order by place limit $3"
        ));
        let rows = self.all(statement.bind(signed(after)).bind(i64::from(PAGE))).await?;
        rows.iter().map(row::chained).collect()
    }

    /// Hash of a reading in the chain, hex.
    pub(super) async fn reading_audit(&mut self, place: u64) -> Result<Option<String>, StoreError> {
        if self.schema().await? < D::CUSTODY_SINCE {
            return Ok(None);
        }
        let statement = self.about("select audit from words_reading where node = $1 and place = $2");
        let row = self.one(statement.bind(signed(place))).await?;
        Ok(row.map(|row| row.cell(0)).transpose()?)
    }

    /// A region package next to this one, by hash.
    pub(super) async fn next_content(&mut self, after: &str) -> Result<Option<Content>, StoreError> {
        // Packages are of no node.
        let statement =
            Statement::new("select hash, bytes from content where hash > $1 order by hash limit 1");
        let row = self.one(statement.bind(after.to_owned())).await?;
        row.map(|row| Ok(Content { hash: row.cell(0)?, bytes: row.cell(1)? })).transpose()
    }

    /// The rows of which there are snapshots.
    pub(super) async fn snapshot_rows(&mut self) -> Result<Vec<u64>, StoreError> {
        let rows = self.all(self.about("select seq from snapshot where node = $1 order by seq")).await?;
        rows.iter().map(|row| Ok(unsigned(row.cell(0)?))).collect()
    }

    /// The snapshot of a row; none where it made room for a newer one.
    pub(super) async fn snapshot_of(&mut self, seq: u64) -> Result<Option<Kept>, StoreError> {
        let format = if self.schema().await? < D::FORMATS_SINCE { "''" } else { "format" };
        let statement = self
            .about(format!("select {format}, state_hash, state from snapshot where node = $1 and seq = $2"));
        let row = self.one(statement.bind(signed(seq))).await?;
        let kept = |row: D::Row| {
            let hash = StateHash { format: row.cell(0)?, hash: row.cell(1)? };
            Ok(Kept { hash, bytes: row.cell(2)? })
        };
        row.map(kept).transpose()
    }

    /// How many rows of this node a table holds.
    pub(super) async fn count(
        &mut self,
        table: &'static str,
        which: &'static str,
    ) -> Result<u64, StoreError> {
        let statement = self.about(format!("select count(*) from {table} where node = $1{which}"));
        let row = self.one(statement).await?;
        Ok(unsigned(row.map(|row| row.cell(0)).transpose()?.unwrap_or_default()))
    }

    /// The last row that something was sent of, or a sink has come to.
    pub(super) async fn sent(&mut self) -> Result<u64, StoreError> {
        let statement = self.about(
            "select coalesce(max(seq), 0) from (select max(seq) as seq from delivery where node = $1
                 union all select max(reached) from sink where node = $1) as sent",
        );
        let row = self.one(statement).await?;
        Ok(unsigned(row.map(|row| row.cell(0)).transpose()?.unwrap_or_default()))
    }
}

/// Goes on with a list of values and the bracket that ends it.
fn listed<D: Dialect, T: super::dialect::Value>(
    statement: &mut Statement<D>,
    values: impl Iterator<Item = T>,
) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            statement.push(", ");
        }
        statement.push_bind(value);
    }
    statement.push(")");
}
