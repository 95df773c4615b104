//! The versions of a schema. Every released one stays in the program, and one that is newer is refused in a sentence.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::dialect::{Cells as _, Dialect, Statement};
use crate::store::StoreError;

/// Oldest first: version, name, SQL.
pub(crate) type Migrations = &'static [(i64, &'static str, &'static str)];

/// What brings a database up; it is to be run directly, for `run` asks for more of a connection's lifetime than a
/// `Send` future can promise.
pub(crate) fn migrator(migrations: Migrations) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(migrations.iter().map(migration).collect())
}

/// What came of a migrator's run.
pub(crate) async fn settled<D: Dialect>(
    connection: &mut D::Connection,
    migrations: Migrations,
    done: Result<(), MigrateError>,
) -> Result<(), StoreError> {
    match done {
        Ok(()) => Ok(()),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
        Err(error) => {
            if matches!(error, MigrateError::VersionMissing(_)) {
                not_newer::<D>(connection, migrations).await?;
            }
            Err(StoreError::Database(sqlx::Error::Migrate(Box::new(error))))
        }
    }
}

/// Refuses a schema that is newer than this program.
pub(crate) async fn not_newer<D: Dialect>(
    connection: &mut D::Connection,
    migrations: Migrations,
) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |(version, ..)| *version);
    let rows = D::rows(connection, Statement::new("select max(version) from _sqlx_migrations")).await?;
    let found = rows.first().map(|row| row.cell::<Option<i64>>(0)).transpose()?.flatten().unwrap_or(0);
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}
