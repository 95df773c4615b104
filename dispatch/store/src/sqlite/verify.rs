//! The proof of the journal, read in one view of the database beside a centre that goes on.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Row};

use super::read::journal_rows;
use super::row::{self, ENTITY_COLUMNS};
use super::{SqliteStore, node_head};
use crate::journal::{WALK, unsigned};
use crate::proof::{Model, Proof};
use crate::store::{StoreError, Verified};

impl SqliteStore {
    pub(super) async fn prove(&self) -> Result<Verified, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let mut view = connection.begin().await?;
        let node = self.node();
        let (head, audit_head) = node_head(&mut view, node).await?;
        let mut proof = Proof::new(snapshot_hashes(&mut view, node).await?);
        while proof.seq() < head {
            let rows = journal_rows(&mut view, node, proof.seq(), WALK).await?;
            if rows.is_empty() {
                return Err(StoreError::corrupt(
                    "the journal reaches its head",
                    format!("ends at {}", proof.seq()),
                ));
            }
            rows.iter().try_for_each(|row| proof.row(row))?;
        }
        let model = stored_model(&mut view, node).await?;
        proof.finish(&audit_head, &model)
    }
}

async fn stored_model(view: &mut SqliteConnection, node: i64) -> Result<Model, StoreError> {
    let mut model = Model::default();
    let query = format!("select {ENTITY_COLUMNS} from entity where node = $1");
    for row in sqlx::query(AssertSqlSafe(query)).bind(node).fetch_all(&mut *view).await? {
        let entity = row::entity(&row)?;
        model.entities.insert((entity.kind.clone(), entity.id.clone()), entity);
    }
    for row in
        sqlx::query("select kind, id, seq from timeline where node = $1").bind(node).fetch_all(view).await?
    {
        model.timeline.insert((row.try_get(0)?, row.try_get(1)?, unsigned(row.try_get(2)?)));
    }
    Ok(model)
}

async fn snapshot_hashes(
    view: &mut SqliteConnection,
    node: i64,
) -> Result<BTreeMap<u64, String>, StoreError> {
    let rows = sqlx::query("select seq, state_hash from snapshot where node = $1")
        .bind(node)
        .fetch_all(view)
        .await?;
    rows.iter().map(|row| Ok((unsigned(row.try_get(0)?), row.try_get(1)?))).collect()
}
