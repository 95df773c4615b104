//! Outlines of the region in force for GIS users, from its package. Nothing the centre decides rests on them.

use super::PostgresStore;
use crate::sql::Held as _;
use crate::store::StoreError;

impl PostgresStore {
    /// Lays out areas and beats of a package, `GeoJSON`: whatever became of them meanwhile, they are as it says. What is not
    /// valid as a polygon is made valid.
    pub(crate) async fn lay_out(&self, region: &str, areas: &str, beats: &str) -> Result<(), StoreError> {
        sqlx::query(
            "with feature as (
                 select kind, it -> 'properties' as properties, st_multi(st_collectionextract(st_makevalid(
                     st_setsrid(st_geomfromgeojson(it -> 'geometry'), 4326)), 3)) as geom
                 from (values ('area', $3::text::jsonb), ('beat', $4::text::jsonb)) as layer (kind, features),
                      jsonb_array_elements(features -> 'features') as it
             ), gone as (
                 delete from shape where node = $1 and not exists (
                     select from feature
                     where feature.kind = shape.kind and feature.properties ->> 'code' = shape.code
                 )
             )
             insert into shape (node, kind, code, region, properties, geom)
             select $1, kind, properties ->> 'code', $2, properties, geom from feature
             on conflict (node, kind, code) do update
             set region = excluded.region, properties = excluded.properties, geom = excluded.geom
             where (shape.region, shape.properties) is distinct from (excluded.region, excluded.properties)
                or not st_orderingequals(shape.geom, excluded.geom)",
        )
        .bind(self.node())
        .bind(region)
        .bind(areas)
        .bind(beats)
        .execute(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        Ok(())
    }
}
