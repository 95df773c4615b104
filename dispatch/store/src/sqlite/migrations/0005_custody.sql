-- What lies beside the journal, and how much of it can be proved.
create table custody (
    node integer primary key references node (id),
    -- Whatever a client's command recorded in a later row was answered, and the answer is kept still.
    answers_after integer not null check (answers_after >= 0),
    -- Readings that were made before they were chained.
    readings_before integer not null check (readings_before >= 0),
    -- Readings in the chain, and the hash of the last of them.
    readings integer not null check (readings >= 0),
    readings_audit text not null
) strict;

-- Place in the chain, from 1, and the hash of this reading and all before it; neither where it was made before.
alter table words_reading add column place integer;
alter table words_reading add column audit text;
create unique index words_reading_place on words_reading (node, place);

insert into custody
select id, head, (select count(*) from words_reading where words_reading.node = node.id), 0,
       '0000000000000000000000000000000000000000000000000000000000000000'
from node;
