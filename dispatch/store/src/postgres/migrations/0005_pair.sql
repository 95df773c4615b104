-- Who leads a node: the epoch it leads in, where it answers, its sessions (so that whoever takes over can end them), and
-- when it was last heard, by the clock of this database.
create table leadership (
    node integer primary key references node (id),
    epoch bigint not null,
    address text not null,
    guard_pid integer not null,
    guard_began text not null,
    append_pid integer not null,
    append_began text not null,
    beat_at timestamptz not null
);

-- Who stands by, how far it has read the journal, and when it was last heard.
create table standby (
    node integer not null references node (id),
    address text not null,
    seq bigint not null check (seq >= 0),
    seen_at timestamptz not null,
    primary key (node, address)
);

-- Alarms that a leader which had to go could not record: whoever leads takes them in. Nothing stays here.
create table handed_alarm (
    node integer not null references node (id),
    key text collate "C" not null,
    request text not null,
    handed_at timestamptz not null default clock_timestamp(),
    primary key (node, key)
);
