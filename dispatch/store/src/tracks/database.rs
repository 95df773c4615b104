//! Tracks in the database of the journal, over connections of their own and never in a transaction with it (D8):
//! partitions by day, which retention drops whole; each chunk with its path as a line, each unit with its last place.

use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Row};

use super::{ByUnit, Chunks, SLOT_US, TrackPoint, chunk, encoded, merge, read_chunk, read_chunks};
use crate::genesis::Genesis;
use crate::postgres::PostgresOptions;
use crate::store::StoreError;

/// Slots of one day.
const DAY_SLOTS: i64 = 86_400_000_000 / SLOT_US;

/// Older days get no partition: a device whose clock is years behind would make thousands.
const DAYS_KEPT_MAX: i64 = 400;

/// `OGC` line with M and a reference system, as `PostGIS` reads it (EWKB): the type and its two flags.
const LINE_M: u32 = 2 | 0x4000_0000 | 0x2000_0000;
const WGS84: u32 = 4326;

/// The tables of a node.
#[derive(Debug)]
pub(super) struct Database {
    pool: PgPool,
    options: PostgresOptions,
}

impl Database {
    /// The tables are made with the journal's; with what is not folded.
    pub(super) async fn connect(address: &str) -> Result<(Self, Vec<TrackPoint>), StoreError> {
        let database = Self::at_address(address)?;
        let fresh = database.fresh().await?;
        Ok((database, fresh))
    }

    /// Nothing is read of it yet.
    pub(super) fn at_address(address: &str) -> Result<Self, StoreError> {
        let mut options = PostgresOptions::new(address, Genesis::new("", Time(0)));
        options.readers = 2;
        Ok(Self { pool: options.pool()?, options })
    }

    /// What is not folded.
    pub(super) async fn fresh(&self) -> Result<Vec<TrackPoint>, StoreError> {
        let query = "select data from track_fresh where node = $1 order by ordinal";
        let rows = sqlx::query(query).bind(self.node()).fetch_all(&self.pool).await;
        let mut fresh = Vec::new();
        for row in rows.map_err(|error| self.options.fault(error))? {
            fresh.extend(chunk::decode_flush(&row.try_get::<Vec<u8>, _>(0)?)?);
        }
        Ok(fresh)
    }

    fn node(&self) -> i32 {
        i32::from(self.options.node)
    }

    pub(super) async fn keep(&self, flush: &ByUnit) -> Result<(), StoreError> {
        let last: Vec<&TrackPoint> = flush.values().filter_map(|points| points.last()).collect();
        sqlx::query(
            "with kept as (insert into track_fresh (node, data) values ($1, $2))
             insert into unit_last (node, unit, fix_time, received_at, speed_cm_s, heading_deg, at)
             select $1, unit, fix_time, received_at, speed, heading, st_setsrid(st_makepoint(lon / 1e7, lat / 1e7), 4326)
             from unnest($3::text[], $4::bigint[], $5::bigint[], $6::integer[], $7::integer[], $8::integer[], $9::integer[])
                 as it (unit, fix_time, received_at, speed, heading, lon, lat)
             on conflict (node, unit) do update
             set fix_time = excluded.fix_time, received_at = excluded.received_at, speed_cm_s = excluded.speed_cm_s,
                 heading_deg = excluded.heading_deg, at = excluded.at
             where excluded.fix_time > unit_last.fix_time",
        )
        .bind(self.node())
        .bind(encoded(flush))
        .bind(last.iter().map(|point| point.unit.as_str()).collect::<Vec<_>>())
        .bind(last.iter().map(|point| point.fix_time.0).collect::<Vec<_>>())
        .bind(last.iter().map(|point| point.received_at.0).collect::<Vec<_>>())
        .bind(last.iter().map(|point| i32::from(point.speed_cm_s)).collect::<Vec<_>>())
        .bind(last.iter().map(|point| i32::from(point.heading_deg)).collect::<Vec<_>>())
        .bind(last.iter().map(|point| point.at.lon).collect::<Vec<_>>())
        .bind(last.iter().map(|point| point.at.lat).collect::<Vec<_>>())
        .execute(&self.pool)
        .await
        .map_err(|error| self.options.fault(error))?;
        Ok(())
    }

    pub(super) async fn fold(&self, mut old: Chunks, rest: &ByUnit, slot: i64) -> Result<(), StoreError> {
        let before = old.len();
        old.retain(|(_, of), _| slot - of <= DAYS_KEPT_MAX * DAY_SLOTS);
        if old.len() < before {
            tracing::warn!(
                chunks = before - old.len(),
                "tracks older than {DAYS_KEPT_MAX} days are not kept"
            );
        }
        let named = |error| self.options.fault(error);
        let mut transaction = self.pool.begin().await.map_err(named)?;
        let mut days: Vec<i64> = old.keys().map(|(_, slot)| slot.div_euclid(DAY_SLOTS)).collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            partition(&mut transaction, day).await.map_err(named)?;
        }
        let merged = self.merged(&mut transaction, old).await?;
        write_chunks(&mut transaction, self.node(), &merged).await.map_err(named)?;
        sqlx::query("delete from track_fresh where node = $1")
            .bind(self.node())
            .execute(&mut *transaction)
            .await
            .map_err(named)?;
        if !rest.is_empty() {
            sqlx::query("insert into track_fresh (node, data) values ($1, $2)")
                .bind(self.node())
                .bind(encoded(rest))
                .execute(&mut *transaction)
                .await
                .map_err(named)?;
        }
        transaction.commit().await.map_err(named)
    }

    /// With what is there already: a late fix, or a fold that was cut short.
    async fn merged(&self, connection: &mut PgConnection, old: Chunks) -> Result<Chunks, StoreError> {
        let (units, slots): (Vec<&str>, Vec<i64>) =
            old.keys().map(|(unit, slot)| (unit.as_str(), *slot)).unzip();
        let rows = sqlx::query(
            "select unit, data, slot from unnest($2::text[], $3::bigint[]) as it (unit, slot)
             join track using (unit, slot) where node = $1",
        )
        .bind(self.node())
        .bind(units)
        .bind(slots)
        .fetch_all(connection)
        .await
        .map_err(|error| self.options.fault(error))?;
        let mut kept = Chunks::new();
        for row in &rows {
            // One that cannot be read does not stand in the way of what came since.
            let points = read_chunk(row).unwrap_or_else(|error| {
                tracing::error!(%error, "a chunk of a track is damaged; it is begun anew");
                Vec::new()
            });
            kept.insert((UnitId::from(row.try_get::<String, _>(0)?.as_str()), row.try_get(2)?), points);
        }
        let merged = old.into_iter().map(|(key, points)| {
            let mut of_unit = ByUnit::new();
            merge(&mut of_unit, kept.remove(&key).unwrap_or_default());
            merge(&mut of_unit, points);
            let points = of_unit.remove(&key.0).unwrap_or_default();
            (key, points)
        });
        Ok(merged.collect())
    }

    pub(super) async fn read(
        &self,
        unit: Option<&UnitId>,
        first: i64,
        last: i64,
    ) -> Result<Vec<TrackPoint>, StoreError> {
        let rows = sqlx::query(
            "select unit, data from track where node = $1 and slot between $2 and $3 and ($4 is null or unit = $4)",
        )
        .bind(self.node())
        .bind(first)
        .bind(last)
        .bind(unit.map(|unit| unit.as_str().to_owned()))
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.options.fault(error))?;
        read_chunks(&rows)
    }

    /// Every unit's newest chunk, if it is of this slot or later.
    pub(super) async fn last_chunks(&self, first: i64) -> Result<Vec<TrackPoint>, StoreError> {
        let rows = sqlx::query(
            "select distinct on (unit) unit, data from track where node = $1 and slot >= $2
             order by unit, slot desc",
        )
        .bind(self.node())
        .bind(first)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.options.fault(error))?;
        read_chunks(&rows)
    }

    /// Days that are over whole are dropped with their partition.
    pub(super) async fn retire(&self, before: i64) -> Result<u64, StoreError> {
        let named = |error| self.options.fault(error);
        let mut transaction = self.pool.begin().await.map_err(named)?;
        let done = sqlx::query("delete from track where slot < $1")
            .bind(before)
            .execute(&mut *transaction)
            .await
            .map_err(named)?;
        let days: Vec<String> = sqlx::query_scalar(
            "select relname::text from pg_inherits join pg_class on pg_class.oid = inhrelid
             where inhparent = 'track'::regclass",
        )
        .fetch_all(&mut *transaction)
        .await
        .map_err(named)?;
        let over = |name: &&String| {
            let day = name.strip_prefix("track_").and_then(|day| day.parse::<i64>().ok());
            day.is_some_and(|day| (day + 1) * DAY_SLOTS <= before)
        };
        for name in days.iter().filter(over) {
            let drop = format!("drop table {name}");
            sqlx::query(AssertSqlSafe(drop)).execute(&mut *transaction).await.map_err(named)?;
        }
        transaction.commit().await.map_err(named)?;
        Ok(done.rows_affected())
    }

    pub(super) fn at(&self) -> String {
        self.options.at()
    }
}

async fn partition(connection: &mut PgConnection, day: i64) -> Result<(), sqlx::Error> {
    let (from, until) = (day * DAY_SLOTS, (day + 1) * DAY_SLOTS);
    // A day before 1970 has no name here; the age above keeps it away.
    let make = format!(
        "create table if not exists track_{day} partition of track for values from ({from}) to ({until})"
    );
    sqlx::query(AssertSqlSafe(make)).execute(connection).await?;
    Ok(())
}

async fn write_chunks(connection: &mut PgConnection, node: i32, chunks: &Chunks) -> Result<(), sqlx::Error> {
    let counts = chunks.values().map(|points| i32::try_from(points.len()).unwrap_or(i32::MAX));
    sqlx::query(
        "insert into track (node, unit, slot, points, data, path)
         select $1, unit, slot, points, data, st_simplify(st_geomfromewkb(path), 0.0001, true)
         from unnest($2::text[], $3::bigint[], $4::integer[], $5::bytea[], $6::bytea[])
             as it (unit, slot, points, data, path)
         on conflict (node, unit, slot) do update
         set points = excluded.points, data = excluded.data, path = excluded.path",
    )
    .bind(node)
    .bind(chunks.keys().map(|(unit, _)| unit.as_str()).collect::<Vec<_>>())
    .bind(chunks.keys().map(|(_, slot)| *slot).collect::<Vec<_>>())
    .bind(counts.collect::<Vec<_>>())
    .bind(chunks.values().map(|points| chunk::encode(points)).collect::<Vec<_>>())
    .bind(chunks.values().map(|points| line(points)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A path as EWKB; one point alone is a line to itself.
fn line(points: &[TrackPoint]) -> Vec<u8> {
    let alone = if points.len() == 1 { points.last() } else { None };
    let count = u32::try_from(points.len() + alone.iter().count()).unwrap_or(u32::MAX);
    let mut bytes = vec![1];
    bytes.extend([LINE_M, WGS84, count].iter().flat_map(|number| number.to_le_bytes()));
    for point in points.iter().chain(alone) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of this century with microseconds fit a double"
        )]
        let seconds = point.fix_time.0 as f64 / 1e6;
        let measured = [f64::from(point.at.lon) / 1e7, f64::from(point.at.lat) / 1e7, seconds];
        bytes.extend(measured.iter().flat_map(|number| number.to_le_bytes()));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_the_standard_says() {
        let point = TrackPoint {
            unit: "u".into(),
            fix_time: Time(1_500_000),
            received_at: Time(0),
            at: dispatch_core::Coord { lon: 1_165_000_000, lat: -5_000_000 },
            speed_cm_s: 0,
            heading_deg: 0,
            accuracy_m: None,
        };
        let bytes = line(&[point]);
        assert_eq!(bytes[..13], [1, 2, 0, 0, 0x60, 0xe6, 0x10, 0, 0, 2, 0, 0, 0]);
        assert_eq!(bytes.len(), 13 + 2 * 24);
        assert_eq!(bytes[13..21], 116.5_f64.to_le_bytes());
        assert_eq!(bytes[29..37], 1.5_f64.to_le_bytes());
    }
}
