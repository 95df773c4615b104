//! A database as both are spoken to: a statement with its values, rows with their cells. What is spelled differently in
//! each, where a whole statement need not be, is a constant here.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::future::Future;

use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Database, Decode, Encode, Row as _, SqlSafeStr as _, SqlStr, Type,
};

/// What a database can bind and read.
pub(crate) trait ValueOf<D: Database>:
    Type<D> + for<'v> Encode<'v, D> + for<'v> Decode<'v, D>
{
}

impl<D: Database, T: Type<D> + for<'v> Encode<'v, D> + for<'v> Decode<'v, D>> ValueOf<D> for T {}

/// What every database of ours can.
pub(crate) trait Value: Send + ValueOf<Sqlite> + ValueOf<Postgres> {}

impl<T: Send + ValueOf<Sqlite> + ValueOf<Postgres>> Value for T {}

/// A row of either database.
pub(crate) trait Cells {
    /// The value of a column, counted from 0.
    fn cell<T: Value>(&self, column: usize) -> Result<T, sqlx::Error>;
}

/// Begins the row of a node about what lies beside its journal: node, the hash before the first.
pub(crate) const CUSTODY_BEGINS: &str =
    "insert into custody (node, answers_after, readings_before, readings, readings_audit)
     values ($1, 0, 0, 0, $2) on conflict (node) do nothing";

/// A database of ours.
pub(crate) trait Dialect: Database<Row: Cells> {
    /// Longitude and latitude of an entity in 1e-7 degrees, as two columns.
    const PLACE: &'static str;
    /// Readings of words in the order they were made.
    const FIRST_READING_FIRST: &'static str;
    /// The pairs of texts in `$2`, a list of lists as JSON. Asked for with `in`, not joined: `SQLite` would walk the
    /// other table whole and look each row up in the list.
    const PAIRS: &'static str;
    /// The texts in `$2`, a list as JSON.
    const LISTED: &'static str;
    /// The row that the acceptance in column `answer` names; null for a refusal.
    const ACCEPTED_ROW: &'static str;
    /// The versions of the schema since which snapshots name their format, sinks are kept, [`CUSTODY_BEGINS`] is, and the
    /// key of answers is known.
    const FORMATS_SINCE: i64;
    const SINKS_SINCE: i64;
    const CUSTODY_SINCE: i64;
    const KEY_SINCE: i64;
    /// Gives answers the fingerprints in `$2`, a list of actor, command and fingerprint as JSON.
    const KEY_ANSWERS: &'static str;
    /// Keeps a snapshot, and of those beside it the newest ones: node, sequence, format, hash, state, how many others.
    const KEEP_SNAPSHOT: &'static str;

    /// Binds one more value.
    fn bind<T: Value>(arguments: &mut Self::Arguments, value: T);

    /// All rows of the answer.
    fn rows(
        connection: &mut Self::Connection,
        statement: Statement<Self>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// How many rows were changed.
    fn change(
        connection: &mut Self::Connection,
        statement: Statement<Self>,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;
}

/// A statement and the values of its `$1`, `$2`, ….
pub(crate) struct Statement<D: Dialect> {
    sql: Cow<'static, str>,
    arguments: D::Arguments,
    bound: usize,
}

impl<D: Dialect> Statement<D> {
    /// Values are bound in the order of their numbers.
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), arguments: D::Arguments::default(), bound: 0 }
    }

    /// Binds the next value.
    pub(crate) fn bind<T: Value>(mut self, value: T) -> Self {
        self.add(value);
        self
    }

    fn add<T: Value>(&mut self, value: T) {
        D::bind(&mut self.arguments, value);
        self.bound += 1;
    }

    /// Goes on with text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.to_mut().push_str(text);
        self
    }

    /// Goes on with a value in its place.
    pub(crate) fn push_bind<T: Value>(&mut self, value: T) -> &mut Self {
        self.add(value);
        write!(self.sql.to_mut(), "${}", self.bound).expect("a string takes every text");
        self
    }

    fn parts(self) -> (SqlStr, D::Arguments) {
        let sql = match self.sql {
            Cow::Borrowed(sql) => sql.into_sql_str(),
            Cow::Owned(sql) => AssertSqlSafe(sql).into_sql_str(),
        };
        (sql, self.arguments)
    }
}

/// What is alike but for the types.
macro_rules! spoken {
    ($row:ty, $arguments:ty, $connection:ty) => {
        fn bind<T: Value>(arguments: &mut $arguments, value: T) {
            arguments.add(value).expect("numbers, texts and bytes can be bound");
        }

        async fn rows(
            connection: &mut $connection,
            statement: Statement<Self>,
        ) -> Result<Vec<$row>, sqlx::Error> {
            let (sql, arguments) = statement.parts();
            sqlx::query_with(sql, arguments).fetch_all(connection).await
        }

        async fn change(
            connection: &mut $connection,
            statement: Statement<Self>,
        ) -> Result<u64, sqlx::Error> {
            let (sql, arguments) = statement.parts();
            Ok(sqlx::query_with(sql, arguments).execute(connection).await?.rows_affected())
        }
    };
}

impl Cells for SqliteRow {
    fn cell<T: Value>(&self, column: usize) -> Result<T, sqlx::Error> {
        self.try_get(column)
    }
}

impl Cells for PgRow {
    fn cell<T: Value>(&self, column: usize) -> Result<T, sqlx::Error> {
        self.try_get(column)
    }
}

impl Dialect for Sqlite {
    const PLACE: &'static str = "lon, lat";
    const FIRST_READING_FIRST: &'static str = "rowid";
    const PAIRS: &'static str = "select value ->> 0, value ->> 1 from json_each($2)";
    const LISTED: &'static str = "select value from json_each($2)";
    const KEY_ANSWERS: &'static str =
        "update answer set fingerprint = it.value ->> 2 from json_each($2) as it
         where node = $1 and actor = it.value ->> 0 and command = it.value ->> 1";
    const ACCEPTED_ROW: &'static str = "answer ->> '$.accepted.seq'";
    const FORMATS_SINCE: i64 = 3;
    const SINKS_SINCE: i64 = 2;
    const CUSTODY_SINCE: i64 = 5;
    const KEY_SINCE: i64 = 8;
    const KEEP_SNAPSHOT: &'static str =
        "insert or replace into snapshot (node, seq, format, state_hash, state) values ($1, $2, $3, $4, $5);
         delete from snapshot where node = $1 and seq <> $2 and seq not in
             (select seq from snapshot where node = $1 and seq <> $2 order by seq desc limit $6)";

    spoken!(SqliteRow, SqliteArguments, SqliteConnection);
}

impl Dialect for Postgres {
    /// A coordinate of 1e-7 degrees comes back exactly: its doubt as a double is a ten-millionth of that.
    const PLACE: &'static str = "round(st_x(place) * 1e7)::integer, round(st_y(place) * 1e7)::integer";
    const FIRST_READING_FIRST: &'static str = "ordinal";
    const PAIRS: &'static str = "select it ->> 0, it ->> 1 from jsonb_array_elements($2::text::jsonb) as it";
    const LISTED: &'static str = "select jsonb_array_elements_text($2::text::jsonb)";
    const KEY_ANSWERS: &'static str = "update answer set fingerprint = it ->> 2
         from jsonb_array_elements($2::text::jsonb) as it
         where node = $1 and actor = it ->> 0 and command = it ->> 1";
    const ACCEPTED_ROW: &'static str = "(answer::json -> 'accepted' ->> 'seq')::bigint";
    const FORMATS_SINCE: i64 = 7;
    const SINKS_SINCE: i64 = 4;
    const CUSTODY_SINCE: i64 = 9;
    const KEY_SINCE: i64 = 11;
    const KEEP_SNAPSHOT: &'static str = "with kept as (
             insert into snapshot (node, seq, format, state_hash, state) values ($1, $2, $3, $4, $5)
             on conflict (node, seq) do update
             set format = excluded.format, state_hash = excluded.state_hash, state = excluded.state
         )
         delete from snapshot where node = $1 and seq <> $2 and seq not in
             (select seq from snapshot where node = $1 and seq <> $2 order by seq desc limit $6)";

    spoken!(PgRow, PgArguments, PgConnection);
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;
    use crate::sqlite::schema::{JOURNAL, migrate};

    #[tokio::test]
    async fn pairs_and_openings_are_looked_up() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("memory opens");
        migrate(&mut connection, JOURNAL).await.expect("it is empty");
        for (table, columns, key) in [
            ("timeline", "kind, id", "kind=? AND id=?"),
            ("answer", "actor, command", "actor=? AND command=?"),
        ] {
            let sql = format!(
                "explain query plan select * from {table} where node = $1 and ({columns}) in ({})",
                Sqlite::PAIRS
            );
            let statement = Statement::new(sql).bind(1_i32).bind("[]".to_owned());
            let plan = Sqlite::rows(&mut connection, statement).await.expect("it can be planned");
            let first: String = plan[0].cell(3).expect("a step is described");
            assert!(first.starts_with("SEARCH") && first.contains(key), "{first}");
        }
        let opened = "explain query plan select payload from journal
                      where node = $1 and name = 'journal_opened' order by seq desc limit 1";
        let plan = Sqlite::rows(&mut connection, Statement::new(opened).bind(1_i32)).await;
        let first: String = plan.expect("it can be planned")[0].cell(3).expect("a step is described");
        assert!(first.contains("journal_openings"), "{first}");
    }
}
