-- Outlines of the region in force, from its package: laid out anew when another one is adopted.
create table shape (
    node integer not null references node (id),
    kind text not null check (kind in ('area', 'beat')),
    code text collate "C" not null,
    -- Hash of the package it is of.
    region text not null,
    properties jsonb not null,
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom)),
    primary key (node, kind, code)
);

create index shape_geom on shape using gist (geom);

-- The view in a row of the read model. JSON may hold a sign that SQL text cannot: it gives way to another here.
create function seen(doc text) returns json language sql immutable parallel safe
return replace(doc, '\u0000', '\ufffd')::json -> 'view';

-- What GIS users see: reading only, no words, nothing that says who said what.
create schema ortoo_gis;

create view ortoo_gis.area as
select node, code, properties ->> 'level' as level, properties -> 'names' ->> 'zh' as name_zh,
       properties -> 'names' ->> 'en' as name_en, geom
from shape where kind = 'area';

create view ortoo_gis.beat as
select node, code, properties ->> 'area' as area, geom from shape where kind = 'beat';

create view ortoo_gis.alarm_point as
select node, id, number, area, seen(doc) ->> 'kind' as kind, not alive as retired, place as geom
from entity where kind = 'point';

create view ortoo_gis.alarm as
select node, id, number, state, mode, area, desk, incident, seen(doc) ->> 'source' as source,
       to_timestamp(opened_at / 1e6) as received_at, to_timestamp(ended_at / 1e6) as settled_at, place as geom
from entity where kind = 'alarm';

create view ortoo_gis.incident as
select node, id, number, state, mode, area, desk, seen(doc) ->> 'incident_type' as incident_type,
       seen(doc) ->> 'priority' as priority, to_timestamp(opened_at / 1e6) as created_at,
       to_timestamp(ended_at / 1e6) as ended_at, place as geom
from entity where kind = 'incident';

-- An order has no place of its own: its incident's is drawn.
create view ortoo_gis.dispatch_order as
select entity.node, entity.id, entity.incident, entity.state, entity.mode, entity.area, entity.desk,
       seen(entity.doc) -> 'target' ->> 'unit' as unit,
       to_timestamp(entity.opened_at / 1e6) as created_at, to_timestamp(entity.ended_at / 1e6) as ended_at,
       incident.place as geom
from entity left join entity as incident
on incident.node = entity.node and incident.kind = 'incident' and incident.id = entity.incident
where entity.kind = 'order';

create view ortoo_gis.unit as
select unit_last.node, unit, entity.state as status, entity.desk, entity.area,
       to_timestamp(fix_time / 1e6) as fix_time, speed_cm_s / 100.0 as speed_m_s, heading_deg, at as geom
from unit_last left join entity
on entity.node = unit_last.node and entity.kind = 'unit' and entity.id = unit_last.unit;

create view ortoo_gis.track as
select node, unit || '/' || slot as id, unit, slot, to_timestamp(slot * 600) as began, points, path as geom from track;
