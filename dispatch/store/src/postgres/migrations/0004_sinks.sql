-- How far each sink has come: every row up to `reached` is confirmed, refused for good, or was not for it.
create table sink (
    node integer not null references node (id),
    name text collate "C" not null,
    -- The journal's id at that row: with the sequence it is the key by which receivers tell repeats.
    journal text not null,
    reached bigint not null check (reached >= 0),
    primary key (node, name)
);

create table delivery (
    node integer not null references node (id),
    sink text collate "C" not null,
    seq bigint not null,
    state text not null check (state in ('waiting', 'confirmed', 'refused')),
    attempts bigint not null,
    -- What the receiver answered last, an HTTP status.
    status integer,
    at bigint not null,
    primary key (node, sink, seq)
);

create index delivery_open on delivery (node, sink, state, seq) where state <> 'confirmed';
