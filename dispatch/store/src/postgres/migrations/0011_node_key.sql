-- By what the key is told under which answers are kept: made of the key, which cannot be made of it.
alter table custody add column node_key text;
