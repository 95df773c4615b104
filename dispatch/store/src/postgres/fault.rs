//! What PostgreSQL says, in one line that names what is wrong and what to do.

use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::store::{AppendOutcome, StoreError};

/// The error with its remedy, where we know one.
pub(super) fn named(error: sqlx::Error, at: &str) -> StoreError {
    let unusable = |why: String, remedy: &str| StoreError::Unusable {
        at: at.to_owned(),
        why,
        remedy: remedy.to_owned(),
    };
    match &error {
        sqlx::Error::Database(said) => match remedy(said.code().as_deref().unwrap_or_default()) {
            Some((why, remedy)) => unusable(format!("{why} ({})", said.message()), remedy),
            None => StoreError::Database(error),
        },
        sqlx::Error::Io(said) => unusable(
            format!("no PostgreSQL answers there ({said})"),
            "start it, or name another address with --store",
        ),
        sqlx::Error::PoolTimedOut => {
            unusable("PostgreSQL did not answer in time".into(), "look whether it runs and what it waits for")
        }
        sqlx::Error::Tls(said) => unusable(
            format!("the connection is to be encrypted ({said})"),
            "this program speaks no TLS to its database: use ?sslmode=disable over a private network or a tunnel",
        ),
        _ => StoreError::Database(error),
    }
}

/// What an SQLSTATE means to us, and what to do about it.
fn remedy(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "28P01" | "28000" => (
            "user or password is wrong",
            "give the right ones with --store postgres://USER:PASSWORD@HOST/DATABASE, or look into pg_hba.conf",
        ),
        "3D000" => ("there is no such database", "make it first: createdb --owner=USER DATABASE"),
        "42501" | "25006" => (
            "this user may not write there",
            "connect as the owner of the database (ALTER DATABASE … OWNER TO …), and not to a read-only standby",
        ),
        "53100" => ("its disk is full", "make room on the database's disk; nothing acknowledged is lost"),
        "53300" => ("it has no connection left", "raise max_connections or close other clients"),
        "57P03" => ("it is starting up or shutting down", "wait until it takes connections"),
        "55P03" => ("another session holds what is needed", "look for it in pg_stat_activity and end it"),
        _ => return None,
    })
}

/// What a user may not do says nothing of damage, though its class does.
const NOT_ALLOWED: &str = "42501";

/// Whether tables, or the disk under them, are damaged or gone: classes of SQLSTATE.
pub(crate) fn tells_of_damage(error: &sqlx::Error) -> bool {
    let said = error.as_database_error().and_then(|said| said.try_downcast_ref::<PgDatabaseError>());
    said.is_some_and(|said| {
        said.code() != NOT_ALLOWED && ["42", "58", "XX"].iter().any(|class| said.code().starts_with(class))
    })
}

/// What an error says about a statement that commits by itself: it is undone when the server says so and lives on.
/// When the server ends the session, or nothing is heard of it, nobody knows.
pub(super) fn outcome(error: sqlx::Error, at: &str) -> AppendOutcome {
    let undone = match &error {
        sqlx::Error::Database(said) => {
            let severity = said.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
            severity == Some(PgSeverity::Error)
        }
        // It was never sent.
        sqlx::Error::Encode(_) => true,
        _ => false,
    };
    let why = named(error, at).to_string();
    if undone { AppendOutcome::NotCommitted { why } } else { AppendOutcome::Unknown { why } }
}

/// Whether PostgreSQL refused to make an extension it does not have or this user may not make.
pub(super) fn without_postgis(error: &sqlx::Error, at: &str) -> StoreError {
    StoreError::Unusable {
        at: at.to_owned(),
        why: format!("this database has no PostGIS ({error})"),
        remedy: "install it (Debian: postgresql-15-postgis-3), then as a superuser in this database: CREATE EXTENSION postgis"
            .into(),
    }
}
