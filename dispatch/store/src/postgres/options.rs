//! Where the database is, how it is spoken to, and the proof that it keeps what it says it keeps.
//!
//! Leaves out TLS: between a server and its database on another machine, a tunnel or a private network is asked for.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tokio::time::timeout;

use super::fault;
use crate::genesis::Genesis;
use crate::store::StoreError;

/// How long to wait for a connection, new or from the pool.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is and whose journal is meant.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database`; a Unix socket is named by `?host=/folder`.
    url: String,
    /// The node whose journal this is.
    pub node: u16,
    /// Connections that read beside the one that appends.
    pub readers: u32,
    /// The first row, for a journal that is empty.
    pub genesis: Genesis,
    /// Where this process answers; a process that stands by sends others there.
    pub address: String,
}

impl std::fmt::Debug for PostgresOptions {
    // Not derived: a password is in the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("at", &self.at())
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

impl PostgresOptions {
    /// Node 1 in the database at `url`, with four readers.
    pub fn new(url: impl Into<String>, genesis: Genesis) -> Self {
        Self { url: url.into(), node: 1, readers: 4, genesis, address: String::new() }
    }

    /// Of a process that answers at `address`.
    #[must_use]
    pub fn answering_at(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The database without the password, for people.
    pub fn at(&self) -> String {
        self.parsed().map_or_else(
            |_| "the address of the database".to_owned(),
            |it| {
                let place = it.get_socket().map_or_else(
                    || format!("{}:{}", it.get_host(), it.get_port()),
                    |it| it.display().to_string(),
                );
                let database = it.get_database().unwrap_or_else(|| it.get_username());
                format!("postgres://{}@{place}/{database}", it.get_username())
            },
        )
    }

    fn parsed(&self) -> Result<PgConnectOptions, StoreError> {
        PgConnectOptions::from_str(&self.url).map_err(|error| StoreError::Unusable {
            at: "--store".into(),
            why: format!("this is not the address of a database ({error})"),
            remedy: "write postgres://USER:PASSWORD@HOST:PORT/DATABASE".into(),
        })
    }

    /// What every connection is opened with. A peer that has gone is noticed in half a minute, so that what it held is
    /// free again; nothing waits long for a lock.
    fn connect_options(&self) -> Result<PgConnectOptions, StoreError> {
        let ours = [
            ("search_path", "ortoo,public,postgis"),
            ("client_min_messages", "warning"),
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("lock_timeout", "5000"),
        ];
        Ok(self.parsed()?.application_name("ortoo").options(ours).disable_statement_logging())
    }

    /// One connection.
    pub(crate) async fn connection(&self) -> Result<PgConnection, StoreError> {
        let connected = timeout(PATIENCE, self.connect_options()?.connect()).await;
        connected.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| self.fault(error))
    }

    /// The one that appends. Its one statement is planned once, for planning takes longer than running; and planned for
    /// tables that grow, which are empty when a centre begins: by their keys.
    pub(super) async fn append_connection(&self) -> Result<PgConnection, StoreError> {
        let mut connection = self.connection().await?;
        for setting in [
            "set plan_cache_mode = force_generic_plan",
            "set enable_seqscan = off",
            "set enable_hashjoin = off",
            "set enable_mergejoin = off",
        ] {
            sqlx::query(setting).execute(&mut connection).await.map_err(|error| self.fault(error))?;
        }
        Ok(connection)
    }

    /// Connections that read, each made when it is needed first.
    pub(crate) fn pool(&self) -> Result<PgPool, StoreError> {
        let pool = PgPoolOptions::new().max_connections(self.readers.max(1)).acquire_timeout(PATIENCE);
        Ok(pool.connect_lazy_with(self.connect_options()?))
    }

    /// An error with what is wrong and what to do, where that is known.
    pub(crate) fn fault(&self, error: sqlx::Error) -> StoreError {
        fault::named(error, &self.at())
    }

    /// The same of an error that is ours already.
    pub(super) fn named(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Database(error) => self.fault(error),
            other => other,
        }
    }
}

/// Reads back what durability rests on.
pub(crate) async fn prove_durable(connection: &mut PgConnection) -> Result<(), StoreError> {
    for (setting, accepted) in [
        ("fsync", &["on"][..]),
        ("full_page_writes", &["on"][..]),
        ("synchronous_commit", &["on", "remote_apply"][..]),
    ] {
        let row = sqlx::query(AssertSqlSafe(format!("show {setting}"))).fetch_one(&mut *connection).await?;
        let found: String = row.try_get(0)?;
        if !accepted.contains(&found.as_str()) {
            return Err(StoreError::Weaker { setting, found, needed: "on" });
        }
    }
    let row = sqlx::query("show data_checksums").fetch_one(connection).await?;
    if row.try_get::<String, _>(0)? != "on" {
        // No reason to stay away: what the journal and its hashes prove they prove without it, only later.
        tracing::warn!(
            "data_checksums is off: the database gives out damaged pages, and only `ortoo verify` notices; stop it and \
             run pg_checksums --enable"
        );
    }
    Ok(())
}
