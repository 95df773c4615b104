-- A file holds one node. Its number is in every key all the same, so that rows of several nodes can be put together.
create table node (
    id integer primary key check (id between 0 and 65535),
    epoch integer not null,
    head integer not null,
    audit text not null,
    -- The head that the append at hand continues.
    expected integer not null
) strict;

create trigger node_fence before update of head on node when new.expected <> old.head
begin
    select raise(abort, 'stale head');
end;

create table journal (
    node integer not null references node (id),
    seq integer not null check (seq > 0),
    commit_head integer not null check (commit_head >= seq),
    name text not null,
    v integer not null,
    payload blob not null,
    desk text,
    seat text,
    actor text not null,
    on_behalf_of text,
    channel text not null,
    mode text not null,
    occurred_at integer not null,
    recorded_at integer not null,
    command text not null,
    words text,
    audit text not null,
    primary key (node, seq)
) strict;

create trigger journal_update before update on journal
begin
    select raise(abort, 'the journal is never changed');
end;

create trigger journal_delete before delete on journal
begin
    select raise(abort, 'the journal is never shortened');
end;

create table answer (
    node integer not null references node (id),
    actor text not null,
    command text not null,
    fingerprint text not null,
    answer text not null,
    at integer not null,
    primary key (node, actor, command)
) strict, without rowid;

create table entity (
    node integer not null references node (id),
    kind text not null,
    id text not null,
    area text not null,
    state text not null,
    version integer not null,
    mode text not null,
    number text,
    desk text,
    incident text,
    -- The unit an order holds.
    holds text,
    -- 1e-7 degrees.
    lon integer,
    lat integer,
    opened_at integer not null,
    ended_at integer,
    alive integer not null check (alive in (0, 1)),
    doc text not null,
    primary key (node, kind, id),
    check ((lon is null) = (lat is null))
) strict;

create index entity_opened on entity (node, kind, opened_at, id);
create index entity_incident on entity (node, incident) where incident is not null;
create unique index entity_holds on entity (node, holds) where holds is not null;
create index entity_number on entity (node, number) where number is not null;

create table timeline (
    node integer not null references node (id),
    kind text not null,
    id text not null,
    seq integer not null,
    primary key (node, kind, id, seq)
) strict, without rowid;

create table words (
    node integer not null references node (id),
    id text not null,
    incident text,
    alarm text,
    class text not null,
    lang text,
    translation_of text,
    machine integer,
    at integer not null,
    expires_at integer not null,
    digest text not null,
    salt text,
    text text,
    erased_at integer,
    primary key (node, id),
    check ((text is null) = (erased_at is not null) and (text is null) = (salt is null))
) strict;

create index words_expiry on words (node, expires_at) where text is not null;

create table words_reading (
    node integer not null references node (id),
    words text not null,
    actor text not null,
    seat text,
    purpose text not null,
    at integer not null
) strict;

create index words_reading_words on words_reading (node, words);

create table content (
    hash text primary key,
    bytes blob not null
) strict;

create table snapshot (
    node integer not null references node (id),
    seq integer not null,
    state_hash text not null,
    -- The state as JSON, compressed with zstd.
    state blob not null,
    primary key (node, seq)
) strict;
