-- What the journal is called, and by which clock, stands in few of its rows: they are found without reading the others.
create index journal_openings on journal (node, seq) where name = 'journal_opened';
