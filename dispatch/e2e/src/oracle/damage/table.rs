//! What is done to the tables of a database, past every guard it has: by its owner, with triggers off.

use anyhow::{Context as _, Result};
use dispatch_store::conformance::cluster::Cluster;

use super::super::chance::Chance;

/// Ours, those of the schema's version and of partitions included.
const TABLES: &str = "select table_name from information_schema.tables
     where table_schema = 'ortoo' and table_type = 'BASE TABLE' order by table_name";

/// Guards ask for who they are; this one is asked nothing.
const UNGUARDED: &str = "set session_replication_role = replica;";

/// Does something to a table of a database by chance: to which, and what, in words.
pub fn strike(
    cluster: &Cluster,
    database: &str,
    older: &str,
    chance: &mut Chance,
) -> Result<(String, String)> {
    let tables = lines(&cluster.psql(database, TABLES));
    let filled: Vec<&String> =
        tables.iter().filter(|table| count(cluster, database, table).is_ok_and(|rows| rows > 0)).collect();
    let table = filled[pick(chance, filled.len())];
    let rows = count(cluster, database, table)?;
    let row = format!(
        "ctid = (select ctid from ortoo.{table} order by ctid offset {} limit 1)",
        chance.below(rows)
    );
    let done = match chance.below(8) {
        0 => {
            cluster.psql(database, &format!("{UNGUARDED} delete from ortoo.{table} where {row}"));
            format!("a row of {table} removed")
        }
        1 => {
            cluster.psql(database, &format!("{UNGUARDED} delete from ortoo.{table}"));
            format!("all rows of {table} removed")
        }
        2 => {
            replace(cluster, database, older, table);
            format!("{table} replaced by what it was")
        }
        _ => change(cluster, database, table, &row, chance)?,
    };
    Ok((table.clone(), done))
}

/// All rows of a table are those it had earlier.
fn replace(cluster: &Cluster, database: &str, older: &str, table: &str) {
    let file = cluster.scratch("rows");
    cluster.psql(older, &format!("copy ortoo.{table} to '{file}'"));
    let back = format!("{UNGUARDED} delete from ortoo.{table}; copy ortoo.{table} from '{file}'");
    cluster.psql(database, &back);
}

/// A column of a row says something else.
fn change(cluster: &Cluster, database: &str, table: &str, row: &str, chance: &mut Chance) -> Result<String> {
    let columns = cluster.psql(
        database,
        &format!(
            "select column_name || ' ' || data_type from information_schema.columns
             where table_schema = 'ortoo' and table_name = '{table}' and is_generated = 'NEVER'
             order by ordinal_position"
        ),
    );
    let columns = lines(&columns);
    let chosen = &columns[pick(chance, columns.len())];
    let (column, kind) = chosen.split_once(' ').context("a column has a type")?;
    let other = match kind {
        "bytea" => {
            let place = chance.below(1 << 20);
            format!(
                "set_byte({column}, ({place} % greatest(length({column}), 1))::int,
                          get_byte({column}, ({place} % greatest(length({column}), 1))::int) # 4)"
            )
        }
        "smallint" | "integer" | "bigint" | "numeric" => format!("{column} + 1"),
        "boolean" => format!("not {column}"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "text" | "character varying" => format!("overlay({column} placing 'Z' from length({column}) for 1)"),
        "timestamp with time zone" => format!("{column} + interval '1 hour'"),
        "ARRAY" => format!("{column} || {column}"),
        _ => "null".to_owned(),
    };
    // An empty value has no byte to change, and some columns cannot be empty: then the row goes.
    let sql = format!(
        "{UNGUARDED} do $$ begin
             update ortoo.{table} set {column} = {other} where {row};
         exception when others then delete from ortoo.{table} where {row};
         end $$"
    );
    cluster.psql(database, &sql);
    Ok(format!("{table}.{column} ({kind}) of a row changed"))
}

fn count(cluster: &Cluster, database: &str, table: &str) -> Result<u64> {
    cluster.psql(database, &format!("select count(*) from ortoo.{table}")).trim().parse().context("a count")
}

fn lines(printed: &str) -> Vec<String> {
    printed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn pick(chance: &mut Chance, len: usize) -> usize {
    usize::try_from(chance.below(len as u64)).unwrap_or(0)
}
