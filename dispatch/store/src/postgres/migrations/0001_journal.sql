-- One database may hold several nodes: a node's number is in every key. Tables are in the schema `ortoo`, which GIS
-- users do not see: theirs is `ortoo_gis`.
create table node (
    id integer primary key check (id between 0 and 65535),
    -- Raised whenever a process opens the journal to write: a statement of an earlier one writes nothing.
    epoch bigint not null,
    head bigint not null,
    audit text not null
);

create table journal (
    node integer not null references node (id),
    seq bigint not null check (seq > 0),
    commit_head bigint not null check (commit_head >= seq),
    name text not null,
    v integer not null,
    -- JSON as it was written and hashed, never reformatted.
    payload bytea not null,
    desk text,
    seat text,
    actor text not null,
    on_behalf_of text,
    channel text not null,
    mode text not null,
    occurred_at bigint not null,
    recorded_at bigint not null,
    command text not null,
    words text,
    audit text not null,
    primary key (node, seq)
);

create function journal_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is never changed or shortened' using errcode = 'restrict_violation';
end
$$;

create trigger journal_is_kept before update or delete on journal for each row execute function journal_is_kept();
create trigger journal_is_whole before truncate on journal for each statement execute function journal_is_kept();

-- What is added continues the journal without a gap and ends at the head.
create function journal_continues() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select node, min(seq) as low, max(seq) as high, count(*) as count from added group by node) as it
        join ortoo.node on node.id = it.node
        where it.high <> node.head or it.high - it.low + 1 <> it.count or (it.low > 1 and not exists (
            select from ortoo.journal where journal.node = it.node and journal.seq = it.low - 1
        ))
    ) then
        raise exception 'the journal is gapless and ends at the head' using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create trigger journal_continues after insert on journal referencing new table as added
for each statement execute function journal_continues();

-- And the head is never moved without its row: looked at when a transaction ends, as the head then stands.
create function head_is_a_row() returns trigger language plpgsql as $$
begin
    if (select head from ortoo.node where id = new.id)
        <> (select coalesce(max(seq), 0) from ortoo.journal where node = new.id)
    then
        raise exception 'the head is the last row' using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create constraint trigger head_is_a_row after update of head on node deferrable initially deferred
for each row when (old.head is distinct from new.head) execute function head_is_a_row();

create table answer (
    node integer not null references node (id),
    actor text not null,
    command text not null,
    fingerprint text not null,
    answer text not null,
    at bigint not null,
    primary key (node, actor, command)
);

create index answer_at on answer (node, at);

-- Ids and paths are compared byte by byte, as everywhere else.
create table entity (
    node integer not null references node (id),
    kind text not null,
    id text collate "C" not null,
    area text collate "C" not null,
    state text not null,
    version bigint not null,
    mode text not null,
    number text,
    desk text,
    incident text,
    -- The unit an order holds.
    holds text,
    place geometry(Point, 4326),
    opened_at bigint not null,
    ended_at bigint,
    alive boolean not null,
    doc text not null,
    primary key (node, kind, id)
);

create index entity_opened on entity (node, kind, opened_at, id);
create index entity_incident on entity (node, incident) where incident is not null;
create index entity_number on entity (node, number) where number is not null;
create unique index entity_holds on entity (node, holds) where holds is not null;
create index entity_place on entity using gist (place) where place is not null;

create table timeline (
    node integer not null references node (id),
    kind text not null,
    id text collate "C" not null,
    seq bigint not null,
    primary key (node, kind, id, seq)
);

create table words (
    node integer not null references node (id),
    id text collate "C" not null,
    incident text,
    alarm text,
    class text not null,
    lang text,
    translation_of text,
    machine boolean,
    at bigint not null,
    expires_at bigint not null,
    digest text not null,
    salt text,
    -- UTF-8. Not of type text, which cannot hold every character a person or a machine may send.
    text bytea,
    erased_at bigint,
    primary key (node, id),
    check ((text is null) = (erased_at is not null) and (text is null) = (salt is null))
);

create index words_expiry on words (node, expires_at) where text is not null;

create table words_reading (
    node integer not null references node (id),
    ordinal bigint generated always as identity,
    words text collate "C" not null,
    actor text not null,
    seat text,
    purpose text not null,
    at bigint not null,
    primary key (node, words, ordinal)
);

create table content (
    hash text primary key,
    bytes bytea not null
);

create table snapshot (
    node integer not null references node (id),
    seq bigint not null,
    state_hash text not null,
    -- The state as JSON, compressed with zstd.
    state bytea not null,
    primary key (node, seq)
);
