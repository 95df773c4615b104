-- Answers are read, forgotten and copied by the time they were given.
create index answer_at on answer (node, at);
