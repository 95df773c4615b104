//! The schema and its versions. Every released version stays here; a file of a newer one is refused in a sentence.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, SqlSafeStr};

use crate::store::StoreError;

/// The migrations of one kind of file, oldest first: version, name, SQL.
pub(crate) type Migrations = &'static [(i64, &'static str, &'static str)];

/// The journal's.
pub(crate) const JOURNAL: Migrations = &[
    (1, "journal", include_str!("migrations/0001_journal.sql")),
    (2, "sinks", include_str!("migrations/0002_sinks.sql")),
];

/// The tracks file's.
pub(crate) const TRACKS: Migrations = &[(1, "tracks", include_str!("../tracks/0001_tracks.sql"))];

/// Brings a file to the newest schema known; refuses one that is newer, or one whose applied migrations were altered.
pub(crate) async fn migrate(
    connection: &mut SqliteConnection,
    migrations: Migrations,
) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |(version, ..)| *version);
    let list = migrations
        .iter()
        .map(|(version, name, sql)| {
            Migration::new(
                *version,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                (*sql).into_sql_str(),
                false,
            )
        })
        .collect();
    // `run` asks for more of a connection's lifetime than a `Send` future can promise; this is what it calls.
    match Migrator::with_migrations(list).run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(_)) => {
            let row = sqlx::query("select max(version) from _sqlx_migrations").fetch_one(connection).await?;
            Err(StoreError::NewerSchema { found: row.try_get(0)?, known })
        }
        Err(error) => Err(StoreError::Database(sqlx::Error::Migrate(Box::new(error)))),
    }
}
