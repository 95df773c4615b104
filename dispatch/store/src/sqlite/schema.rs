//! The schemas of files. Every released version stays here.

use std::path::Path;

use sqlx::Row as _;
use sqlx::sqlite::{Sqlite, SqliteConnection};

use crate::sql::schema::{Migrations, migrator, settled};
use crate::store::StoreError;

/// The journal's.
pub(crate) const JOURNAL: Migrations = &[
    (1, "journal", include_str!("migrations/0001_journal.sql")),
    (2, "sinks", include_str!("migrations/0002_sinks.sql")),
    (3, "formats", include_str!("migrations/0003_formats.sql")),
    (4, "corrections", include_str!("migrations/0004_corrections.sql")),
    (5, "custody", include_str!("migrations/0005_custody.sql")),
    (6, "answers", include_str!("migrations/0006_answers.sql")),
    (7, "openings", include_str!("migrations/0007_openings.sql")),
    (8, "node_key", include_str!("migrations/0008_node_key.sql")),
];

/// The tracks file's.
pub(crate) const TRACKS: Migrations = &[(1, "tracks", include_str!("../tracks/0001_tracks.sql"))];

/// Brings a file to the newest schema known; refuses one that is newer, or one whose applied migrations were altered.
pub(crate) async fn migrate(
    connection: &mut SqliteConnection,
    migrations: Migrations,
) -> Result<(), StoreError> {
    let done = migrator(migrations).run_direct(None, connection, false).await;
    settled::<Sqlite>(connection, migrations, done).await
}

/// Refuses a database that another program made: nothing of ours is put into it.
pub(crate) async fn is_ours(connection: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let named = "select count(*), sum(name = '_sqlx_migrations') from sqlite_schema where type = 'table'";
    let row = sqlx::query(named).fetch_one(connection).await?;
    let (tables, ours): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    if tables > 0 && ours != Some(1) {
        return Err(StoreError::corrupt("the file is the database of another program", file.display()));
    }
    Ok(())
}
