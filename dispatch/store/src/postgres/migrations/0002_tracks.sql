-- Where units were. What is not folded yet: one row for each append.
create table track_fresh (
    node integer not null references node (id),
    ordinal bigint generated always as identity,
    data bytea not null,
    primary key (node, ordinal)
);

-- One row for each unit and ten minutes of fix time, in partitions by day: `track_<days since 1970>`, made when they
-- are needed first and dropped when retention is over.
create table track (
    node integer not null,
    unit text collate "C" not null,
    -- Ten minutes since 1970.
    slot bigint not null,
    points integer not null,
    -- Every fix, as the program writes it.
    data bytea not null,
    -- For maps: simplified to about ten metres, M is the time of a fix in seconds since 1970.
    path geometry(LineStringM, 4326) not null,
    primary key (node, unit, slot)
) partition by range (slot);

create index track_slot on track (node, slot);
create index track_path on track using gist (path);

-- Where each unit was last.
create table unit_last (
    node integer not null,
    unit text collate "C" not null,
    fix_time bigint not null,
    received_at bigint not null,
    speed_cm_s integer not null,
    heading_deg integer not null,
    at geometry(Point, 4326) not null,
    primary key (node, unit)
) with (fillfactor = 50);

create index unit_last_at on unit_last using gist (at);
