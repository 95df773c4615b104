//! Sessions at the server: a connection's other end, which may outlive it there.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use crate::store::StoreError;

/// A session at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) pid: i32,
    /// A number of a process may be given again; not with the same beginning.
    pub(super) began: String,
}

impl Session {
    /// The one of a connection.
    pub(super) async fn of(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let row =
            sqlx::query("select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()")
                .fetch_one(connection)
                .await?;
        Ok(Self { pid: row.try_get(0)?, began: row.try_get(1)? })
    }

    /// Ends it, if the server still keeps it.
    pub(super) async fn end(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2",
        )
        .bind(self.pid)
        .bind(&self.began)
        .execute(connection)
        .await?;
        Ok(())
    }
}
