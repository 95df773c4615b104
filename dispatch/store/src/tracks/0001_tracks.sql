create table unit (
    id integer primary key,
    code text not null unique
) strict;

-- One unit, ten minutes of fix time. The format of `data` is in chunk.rs.
create table chunk (
    unit integer not null references unit (id),
    -- Fix time in microseconds, divided by 600,000,000 and rounded down.
    slot integer not null,
    points integer not null,
    data blob not null,
    primary key (unit, slot)
) strict;

create index chunk_slot on chunk (slot);

-- What came since the last fold, one row for each append.
create table fresh (
    id integer primary key,
    data blob not null
) strict;
