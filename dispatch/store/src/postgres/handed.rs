//! Alarms one leader hands to the next. They hold what people said (D12), so nothing of them stays once they are taken.

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use crate::pair::Handed;
use crate::sql::Held as _;
use crate::store::StoreError;

/// Alarms taken in at once; what is left is seen with the next heartbeat.
const AT_ONCE: i64 = 256;

impl PostgresStore {
    /// Hands alarms on; one that was handed on before is not another.
    pub(crate) async fn hand_on(&self, alarms: &[Handed]) -> Result<(), StoreError> {
        let keys: Vec<&str> = alarms.iter().map(|alarm| alarm.key.as_str()).collect();
        let requests: Vec<&str> = alarms.iter().map(|alarm| alarm.request.as_str()).collect();
        sqlx::query(
            "insert into handed_alarm (node, key, request)
             select $1, it.* from unnest($2::text[], $3::text[]) as it on conflict (node, key) do nothing",
        )
        .bind(self.node())
        .bind(keys)
        .bind(requests)
        .execute(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        Ok(())
    }

    /// What was handed on and is not taken in yet, oldest first.
    pub(crate) async fn handed(&self) -> Result<Vec<Handed>, StoreError> {
        let rows = sqlx::query(
            "select key, request from handed_alarm where node = $1 order by handed_at, key limit $2",
        )
        .bind(self.node())
        .bind(AT_ONCE)
        .fetch_all(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        let read = |row: &PgRow| Ok(Handed { key: row.try_get(0)?, request: row.try_get(1)? });
        rows.iter().map(read).collect()
    }

    /// These are in the journal now.
    pub(crate) async fn taken_in(&self, keys: &[String]) -> Result<(), StoreError> {
        sqlx::query("delete from handed_alarm where node = $1 and key = any($2)")
            .bind(self.node())
            .bind(keys)
            .execute(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        self.tend("vacuum handed_alarm");
        Ok(())
    }
}
