//! The schema and its versions, brought up under a lock. Every released version stays here; a database of a newer one
//! is refused in a sentence.

use sqlx::Row;
use sqlx::postgres::{PgConnection, Postgres};

use super::fault;
use super::options::{PostgresOptions, prove_durable};
use crate::sql::schema::{self, Migrations, migrator, settled};
use crate::store::StoreError;

/// The journal's, with what lies beside it.
const MIGRATIONS: Migrations = &[
    (1, "journal", include_str!("migrations/0001_journal.sql")),
    (2, "tracks", include_str!("migrations/0002_tracks.sql")),
    (3, "gis", include_str!("migrations/0003_gis.sql")),
    (4, "sinks", include_str!("migrations/0004_sinks.sql")),
    (5, "pair", include_str!("migrations/0005_pair.sql")),
    (6, "keys", include_str!("migrations/0006_keys.sql")),
    (7, "formats", include_str!("migrations/0007_formats.sql")),
    (8, "corrections", include_str!("migrations/0008_corrections.sql")),
    (9, "custody", include_str!("migrations/0009_custody.sql")),
    (10, "openings", include_str!("migrations/0010_openings.sql")),
    (11, "node_key", include_str!("migrations/0011_node_key.sql")),
];

/// First half of every advisory lock of ours: the letters `Orto`.
pub(super) const LOCKS: i32 = 0x4f72_746f;

/// Second half of the lock under which schemas are changed; nodes have their numbers, which are smaller.
const SCHEMA_LOCK: i32 = 0x1_0000;

/// The oldest PostgreSQL that is supported, as `server_version_num`, and the oldest PostGIS.
const POSTGRES_MIN: i32 = 150_000;
const POSTGIS_MIN: u32 = 3;

/// Proves that the server is fit, and brings the schema to the newest version known.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    options: &PostgresOptions,
) -> Result<(), StoreError> {
    fit(connection, options).await?;
    let named = |error| options.fault(error);
    sqlx::query("select pg_advisory_lock($1, $2)")
        .bind(LOCKS)
        .bind(SCHEMA_LOCK)
        .execute(&mut *connection)
        .await
        .map_err(named)?;
    // On a failure the connection goes, and the lock with it.
    postgis(connection, options).await?;
    if !exists(connection, "select 1 from pg_namespace where nspname = 'ortoo'").await? {
        sqlx::query("create schema ortoo").execute(&mut *connection).await.map_err(named)?;
    }
    migrate(connection, options).await?;
    sqlx::query("select pg_advisory_unlock($1, $2)")
        .bind(LOCKS)
        .bind(SCHEMA_LOCK)
        .execute(connection)
        .await
        .map_err(named)?;
    Ok(())
}

/// The server is new enough and durable.
async fn fit(connection: &mut PgConnection, options: &PostgresOptions) -> Result<(), StoreError> {
    let row = sqlx::query("select current_setting('server_version_num')::integer, version()")
        .fetch_one(&mut *connection)
        .await?;
    if row.try_get::<i32, _>(0)? < POSTGRES_MIN {
        return Err(StoreError::Unusable {
            at: options.at(),
            why: format!("this is {}", row.try_get::<String, _>(1)?),
            remedy: "PostgreSQL 15 or newer is needed".into(),
        });
    }
    prove_durable(connection).await
}

async fn postgis(connection: &mut PgConnection, options: &PostgresOptions) -> Result<(), StoreError> {
    const INSTALLED: &str = "select extversion from pg_extension where extname = 'postgis'";
    if !exists(connection, INSTALLED).await? {
        sqlx::query("create extension postgis")
            .execute(&mut *connection)
            .await
            .map_err(|error| fault::without_postgis(&error, &options.at()))?;
    }
    let version: String = sqlx::query(INSTALLED).fetch_one(connection).await?.try_get(0)?;
    let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < POSTGIS_MIN {
        return Err(StoreError::Unusable {
            at: options.at(),
            why: format!("its PostGIS is {version}"),
            remedy: "PostGIS 3 or newer is needed: ALTER EXTENSION postgis UPDATE".into(),
        });
    }
    Ok(())
}

async fn exists(connection: &mut PgConnection, query: &'static str) -> Result<bool, StoreError> {
    Ok(sqlx::query(query).fetch_optional(connection).await?.is_some())
}

async fn migrate(connection: &mut PgConnection, options: &PostgresOptions) -> Result<(), StoreError> {
    let mut migrator = migrator(MIGRATIONS);
    // Ours is held already.
    migrator.set_locking(false);
    let done = migrator.run_direct(None, connection, false).await;
    settled::<Postgres>(connection, MIGRATIONS, done).await.map_err(|error| options.named(error))
}

/// Refuses a schema that is newer than this program.
pub(super) async fn not_newer(connection: &mut PgConnection) -> Result<(), StoreError> {
    schema::not_newer::<Postgres>(connection, MIGRATIONS).await
}
