-- What every commit pays for, and for nothing.

-- The head is the last row: looked up by the key. As a maximum it was planned while the journal was empty, and read the
-- whole of it at every commit from then on.
create or replace function head_is_a_row() returns trigger language plpgsql as $$
begin
    if exists (
        select from ortoo.node where node.id = new.id and (
            (node.head > 0 and not exists (
                select from ortoo.journal where journal.node = node.id and journal.seq = node.head
            ))
            or exists (select from ortoo.journal where journal.node = node.id and journal.seq > node.head)
        )
    ) then
        raise exception 'the head is the last row' using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

-- The one statement that writes these rows takes their node from the row whose head it moves: to look that row up and
-- lock it again for each of them proves nothing. A node is never removed.
alter table journal drop constraint journal_node_fkey;
alter table entity drop constraint entity_node_fkey;
alter table timeline drop constraint timeline_node_fkey;
alter table answer drop constraint answer_node_fkey;
alter table words drop constraint words_node_fkey;
