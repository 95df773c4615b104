-- Time runs back only at these rows, which whoever looks for a time has to know.
create index journal_corrected on journal (node, seq) where name = 'clock_corrected';
