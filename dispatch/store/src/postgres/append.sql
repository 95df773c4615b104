with fence as (
    update node set head = $3, audit = $4
    where id = $1 and epoch = $5 and head = $2
    returning id as node
), written as (
    insert into journal (node, seq, commit_head, name, v, payload, desk, seat, actor, on_behalf_of, channel, mode,
                         occurred_at, recorded_at, command, words, audit)
    select fence.node, it.* from fence cross join unnest(
        $6::bigint[], $7::bigint[], $8::text[], $9::integer[], $10::bytea[], $11::text[], $12::text[], $13::text[],
        $14::text[], $15::text[], $16::text[], $17::bigint[], $18::bigint[], $19::text[], $20::text[], $21::text[]
    ) as it
), shown as (
    insert into entity (node, kind, id, area, state, version, mode, number, desk, incident, holds, place, opened_at,
                        ended_at, alive, doc)
    select fence.node, it.kind, it.id, it.area, it.state, it.version, it.mode, it.number, it.desk,
           it.incident, it.holds, st_setsrid(st_makepoint(it.lon / 1e7, it.lat / 1e7), 4326), it.opened_at,
           it.ended_at, it.alive, it.doc
    from fence cross join unnest(
        $22::text[], $23::text[], $24::text[], $25::text[], $26::bigint[], $27::text[], $28::text[], $29::text[],
        $30::text[], $31::text[], $32::integer[], $33::integer[], $34::bigint[], $35::bigint[], $36::boolean[],
        $37::text[]
    ) with ordinality as it (kind, id, area, state, version, mode, number, desk, incident, holds, lon, lat,
                              opened_at, ended_at, alive, doc, ordinal)
    -- Whoever gives a unit up is written before whoever takes it.
    order by it.ordinal
    on conflict (node, kind, id) do update
    set area = excluded.area, state = excluded.state, version = excluded.version, mode = excluded.mode,
        number = excluded.number, desk = excluded.desk, incident = excluded.incident, holds = excluded.holds,
        place = excluded.place, opened_at = excluded.opened_at, ended_at = excluded.ended_at,
        alive = excluded.alive, doc = excluded.doc
), left_state as (
    update entity set alive = false
    from fence cross join unnest($38::text[], $39::text[]) as gone (kind, id)
    where entity.node = fence.node and entity.kind = gone.kind and entity.id = gone.id
    -- Seldom there are any, and while a table is new the join is planned to read the whole of it: not begun without.
    and cardinality($38::text[]) > 0
), about as (
    insert into timeline (node, kind, id, seq)
    select fence.node, it.* from fence cross join unnest($40::text[], $41::text[], $42::bigint[]) as it
), answered as (
    insert into answer (node, actor, command, fingerprint, answer, at)
    select fence.node, it.*
    from fence cross join unnest($43::text[], $44::text[], $45::text[], $46::text[], $47::bigint[]) as it
    -- One that was forgotten and not purged: a call under its key rings, and nothing that waits with it is held up.
    on conflict (node, actor, command) do update
    set fingerprint = excluded.fingerprint, answer = excluded.answer, at = excluded.at
), said as (
    insert into words (node, id, incident, alarm, class, lang, translation_of, machine, at, expires_at, digest, salt,
                       text, erased_at)
    select fence.node, it.* from fence cross join unnest(
        $48::text[], $49::text[], $50::text[], $51::text[], $52::text[], $53::text[], $54::boolean[], $55::bigint[],
        $56::bigint[], $57::text[], $58::text[], $59::bytea[], $60::bigint[]
    ) as it
), erased as (
    update words set text = null, salt = null, erased_at = $62
    from fence cross join unnest($61::text[]) as gone (id)
    where words.node = fence.node and words.id = gone.id and words.text is not null
    and cardinality($61::text[]) > 0
), kept as (
    insert into content (hash, bytes)
    select it.* from fence cross join unnest($63::text[], $64::bytea[]) as it
    on conflict (hash) do nothing
), aged as (
    -- Not begun unless the clock was corrected; what comes with it has its time.
    update answer set at = at + $65::bigint from fence where $65::bigint <> 0 and answer.node = fence.node
), lasting as (
    update words set expires_at = expires_at + $65::bigint from fence
    where $65::bigint <> 0 and words.node = fence.node and words.text is not null and words.id <> all ($61::text[])
)
select node from fence
