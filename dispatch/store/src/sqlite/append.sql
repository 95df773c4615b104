begin immediate;
update node set expected = $2, head = $3, audit = $4 where id = $1;
insert into journal (node, seq, commit_head, name, v, payload, desk, seat, actor, on_behalf_of, channel, mode,
                     occurred_at, recorded_at, command, words, audit)
select $1, value ->> 'seq', value ->> 'commit_head', value ->> 'name', value ->> 'v',
       cast(value ->> 'payload' as blob), value ->> 'desk', value ->> 'seat', value ->> 'actor',
       value ->> 'on_behalf_of', value ->> 'channel', value ->> 'mode', value ->> 'occurred_at',
       value ->> 'recorded_at', value ->> 'command', value ->> 'words', value ->> 'audit'
from jsonb_each($5);
insert into entity (node, kind, id, area, state, version, mode, number, desk, incident, holds, lon, lat, opened_at,
                    ended_at, alive, doc)
select $1, value ->> 'kind', value ->> 'id', value ->> 'area', value ->> 'state', value ->> 'version',
       value ->> 'mode', value ->> 'number', value ->> 'desk', value ->> 'incident', value ->> 'holds',
       value ->> '$.place.lon', value ->> '$.place.lat', value ->> 'opened_at', value ->> 'ended_at',
       value ->> 'alive', value ->> 'doc'
from jsonb_each($6) where true
on conflict (node, kind, id) do update
set area = excluded.area, state = excluded.state, version = excluded.version, mode = excluded.mode,
    number = excluded.number, desk = excluded.desk, incident = excluded.incident, holds = excluded.holds,
    lon = excluded.lon, lat = excluded.lat, opened_at = excluded.opened_at, ended_at = excluded.ended_at,
    alive = excluded.alive, doc = excluded.doc;
-- Written so that it is looked up by the key: as a join it reads every entity of the node.
update entity set alive = 0
where node = $1 and (kind, id) in (select value ->> 'kind', value ->> 'id' from jsonb_each($7));
insert into timeline (node, kind, id, seq)
select $1, value ->> 'kind', value ->> 'id', value ->> 'seq' from jsonb_each($8);
-- Not begun unless the clock was corrected; what comes with it has its time.
update answer set at = at + $13 where $13 <> 0 and node = $1;
insert into answer (node, actor, command, fingerprint, answer, at)
select $1, value ->> 'actor', value ->> 'command', value ->> 'fingerprint', value ->> 'answer', value ->> 'at'
from jsonb_each($9) where true
-- One that was forgotten and not purged: a call under its key rings, and nothing that waits with it is held up.
on conflict (node, actor, command) do update
set fingerprint = excluded.fingerprint, answer = excluded.answer, at = excluded.at;
update words set expires_at = expires_at + $13 where $13 <> 0 and node = $1 and text is not null;
insert into words (node, id, incident, alarm, class, lang, translation_of, machine, at, expires_at, digest, salt, text,
                   erased_at)
select $1, value ->> 'id', value ->> 'incident', value ->> 'alarm', value ->> 'class', value ->> 'lang',
       value ->> 'translation_of', value ->> 'machine', value ->> 'at', value ->> 'expires_at', value ->> 'digest',
       value ->> 'salt', value ->> 'text', value ->> 'erased_at'
from jsonb_each($10);
update words set text = null, salt = null, erased_at = $12
where node = $1 and text is not null and id in (select value from jsonb_each($11));
commit;
