-- Name of the format of the state; empty where it was kept before formats had names.
alter table snapshot add column format text not null default '';
