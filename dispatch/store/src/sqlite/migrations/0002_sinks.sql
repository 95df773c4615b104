-- How far each sink has come: every row up to `reached` is confirmed, refused for good, or was not for it.
create table sink (
    node integer not null references node (id),
    name text not null,
    -- The journal's id at that row: with the sequence it is the key by which receivers tell repeats.
    journal text not null,
    reached integer not null check (reached >= 0),
    primary key (node, name)
) strict, without rowid;

create table delivery (
    node integer not null references node (id),
    sink text not null,
    seq integer not null,
    state text not null check (state in ('waiting', 'confirmed', 'refused')),
    attempts integer not null,
    -- What the receiver answered last, an HTTP status.
    status integer,
    at integer not null,
    primary key (node, sink, seq)
) strict, without rowid;

create index delivery_open on delivery (node, sink, state, seq) where state <> 'confirmed';
