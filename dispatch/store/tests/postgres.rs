//! The store on PostgreSQL: the suite every store passes, what a server has to keep besides, and that the same journal
//! is the same in both databases.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use dispatch_core::command::NoteIncident;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_store::conformance::cluster::{OWNER, shared};
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::conformance::{self, Bench, commit, damage, passes_another_format_over};
use dispatch_store::{
    AppendOutcome, Custody as _, Deliveries as _, Delivery, DeliveryState, EntityQuery, Genesis,
    History as _, Journal as _, PostgresOptions, PostgresStore, ReadModel as _, Reading, SinkCursor,
    SqliteOptions, SqliteStore, Store, StoreError, Tracks, WordsRecords as _,
};
use futures_util::FutureExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

fn options(address: &str) -> PostgresOptions {
    PostgresOptions::new(address, Genesis::new("wall", DAWN))
}

async fn open(address: &str) -> PostgresStore {
    PostgresStore::connect(options(address)).await.unwrap()
}

/// A connection past the store.
async fn raw(address: &str) -> PgConnection {
    let mut connection = PgConnection::connect(address).await.unwrap();
    sqlx::query("set search_path = ortoo, public").execute(&mut connection).await.unwrap();
    connection
}

async fn refused(connection: &mut PgConnection, sql: &'static str) -> String {
    sqlx::query(sql).execute(connection).await.expect_err(sql).to_string()
}

/// A store with a region, an incident and an order.
async fn lived_in(address: &str) -> (PostgresStore, SmallCentre) {
    let store = open(address).await;
    let centre = conformance::lived_in(&store).await;
    (store, centre)
}

struct Databases;

impl Bench for Databases {
    type Made = PostgresStore;

    async fn fresh(&self) -> PostgresStore {
        open(&shared().database()).await
    }
}

#[tokio::test]
async fn it_keeps_what_every_store_keeps() {
    conformance::all(&Databases).await;
}

#[tokio::test]
async fn a_loss_is_found_and_recorded() {
    let outside = tempfile::tempdir().unwrap();
    conformance::loss::is_found_and_recorded(&Databases.fresh().await, outside.path()).await;
}

#[tokio::test]
async fn the_same_journal_is_the_same_in_both_databases() {
    let dir = tempfile::tempdir().unwrap();
    let genesis = Genesis::new("wall", DAWN);
    let sqlite = SqliteStore::connect(SqliteOptions::new(dir.path(), genesis.clone())).await.unwrap();
    let postgres = PostgresStore::connect(PostgresOptions::new(shared().database(), genesis)).await.unwrap();
    let mut centre = SmallCentre::from(sqlite.open().await.unwrap().state);
    centre.adopt();
    for round in 0..6 {
        let (_, incident) = centre.press(["p1", "p2"][round % 2]);
        let _ = centre.dispatch(incident, ["u0", "u1", "u2"][round % 3]);
        let words = centre.say("there is a NUL \0 in it", 30);
        centre.send(NoteIncident { incident, words, danger: false, caller_withdrew: false }).unwrap();
        let batch = centre.take();
        for outcome in [sqlite.append(&batch).await, postgres.append(&batch).await] {
            assert_eq!(outcome.committed().ok(), Some(centre.state.seq));
        }
    }
    sqlite.snapshot(&centre.state).await.unwrap();
    postgres.snapshot(&centre.state).await.unwrap();
    assert_eq!(sqlite.verify().await.unwrap(), postgres.verify().await.unwrap());
    let (one, other) = (sqlite.open().await.unwrap(), postgres.open().await.unwrap());
    assert_eq!((one.audit_head, one.state, one.answers), (other.audit_head, other.state, other.answers));
    for kind in ["alarm", "incident", "order", "unit", "point"] {
        let query = EntityQuery::of(kind);
        let page = postgres.entities(&query).await.unwrap();
        assert!(!page.rows.is_empty(), "{kind}");
        assert_eq!(sqlite.entities(&query).await.unwrap(), page);
    }
}

/// Rows and index entries read in this database so far. The session that appends says what it read when it comes to rest,
/// but at most once a second.
async fn read(connection: &mut PgConnection, store: &impl Store, centre: &mut SmallCentre) -> i64 {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    say(store, centre).await;
    let sql = "select ((select sum(seq_tup_read) from pg_stat_user_tables)
                       + (select sum(idx_tup_read) from pg_stat_user_indexes))::bigint";
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

/// A note with words, as a commit of its own.
async fn say(store: &impl Store, centre: &mut SmallCentre) {
    let incident = *centre.state.incidents().keys().next().unwrap();
    let words = centre.say("the wind has turned", 30);
    centre.send(NoteIncident { incident, words, danger: false, caller_withdrew: false }).unwrap();
    commit(store, centre).await;
}

/// The append is planned when its tables are empty: it must not be planned to read the whole of them.
#[tokio::test]
async fn a_commit_reads_no_more_when_the_journal_has_grown() {
    const COMMITS: i64 = 20;
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    let mut beside = raw(&address).await;
    for _ in 0..400 {
        say(&store, &mut centre).await;
    }
    let before = read(&mut beside, &store, &mut centre).await;
    for _ in 1..COMMITS {
        say(&store, &mut centre).await;
    }
    let each = (read(&mut beside, &store, &mut centre).await - before) / COMMITS;
    assert!((1..100).contains(&each), "a commit reads {each} rows");
}

#[tokio::test]
async fn sinks_move_with_the_centre() {
    let dir = tempfile::tempdir().unwrap();
    let genesis = Genesis::new("wall", DAWN);
    let files = SqliteStore::connect(SqliteOptions::new(dir.path(), genesis.clone())).await.unwrap();
    let mut centre = SmallCentre::from(files.open().await.unwrap().state);
    centre.adopt();
    centre.press("p1");
    commit(&files, &mut centre).await;
    let cursor = SinkCursor { journal: centre.state.journal.unwrap(), seq: 3 };
    let row = |seq, state, status| Delivery { seq, state, attempts: 2, status, at: DAWN };
    let rows = [
        row(2, DeliveryState::Confirmed, Some(200)),
        row(3, DeliveryState::Refused, Some(404)),
        row(4, DeliveryState::Waiting, None),
    ];
    files.deliver("gateway", &rows, cursor).await.unwrap();
    let stood = files.deliveries("gateway").await.unwrap();
    files.close().await.unwrap();
    let address = shared().database();
    dispatch_store::postgres::copy(dir.path(), &address).await.unwrap();
    let database = PostgresStore::connect(PostgresOptions::new(address, genesis)).await.unwrap();
    assert_eq!(database.deliveries("gateway").await.unwrap(), stood);
    assert!(stood.is_some_and(|stood| stood.outstanding == rows[2..] && stood.refused == 1));
}

#[tokio::test]
async fn a_session_of_an_earlier_epoch_writes_nothing() {
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    let before = centre.state.seq;
    let mut raw = raw(&address).await;
    sqlx::query("update node set epoch = epoch + 1").execute(&mut raw).await.unwrap();
    centre.press("p2");
    let batch = centre.take();
    let outcome = store.append(&batch).await;
    assert!(matches!(&outcome, AppendOutcome::NotCommitted { why } if why.contains("stale")), "{outcome:?}");
    assert_eq!(store.records(0, 1_000).await.unwrap().len() as u64, before);
    // It does not go on, nor does it take the lead back.
    assert!(matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }));
    let opened = store.open().await.unwrap_err();
    assert!(matches!(opened, StoreError::Superseded { .. }), "{opened}");
    store.close().await.unwrap();
    let store = open(&address).await;
    assert_eq!(store.open().await.unwrap().head, before);
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    store.verify().await.unwrap();
}

/// Whoever takes over raises the epoch; an append that is under way at that moment waits for it, and then it is stale.
#[tokio::test]
async fn an_append_beside_a_takeover_is_stale() {
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    let before = centre.state.seq;
    let mut raw = raw(&address).await;
    sqlx::query("begin").execute(&mut raw).await.unwrap();
    sqlx::query("update node set epoch = epoch + 1").execute(&mut raw).await.unwrap();
    centre.press("p2");
    let batch = centre.take();
    let beside = store.clone();
    let append = tokio::spawn(async move { beside.append(&batch).await });
    let waits = "select count(*) from pg_locks where not granted and locktype = 'transactionid'";
    while !append.is_finished() && sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut raw).await.unwrap() == 0
    {
        tokio::task::yield_now().await;
    }
    sqlx::query("commit").execute(&mut raw).await.unwrap();
    let outcome = append.await.unwrap();
    assert!(matches!(&outcome, AppendOutcome::NotCommitted { why } if why.contains("stale")), "{outcome:?}");
    assert_eq!(store.records(0, 1_000).await.unwrap().len() as u64, before);
}

#[tokio::test]
async fn a_cut_connection_leaves_the_outcome_unknown_until_it_is_opened_again() {
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    let before = centre.state.seq;
    // The append is made to wait for a row, and its session is ended meanwhile.
    let mut holder = raw(&address).await;
    let mut held = holder.begin().await.unwrap();
    sqlx::query("select * from node for update").execute(&mut *held).await.unwrap();
    centre.press("p2");
    let batch = centre.take();
    let mut killer = raw(&address).await;
    let append = store.append(&batch);
    let kill = async {
        loop {
            let done = sqlx::query(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and application_name = 'ortoo'",
            )
            .fetch_all(&mut killer)
            .await
            .unwrap();
            if !done.is_empty() {
                break;
            }
        }
    };
    let (outcome, ()) = tokio::join!(append, kill);
    assert!(matches!(outcome, AppendOutcome::Unknown { .. }), "{outcome:?}");
    held.rollback().await.unwrap();
    assert!(
        matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }),
        "closed until it is opened"
    );
    assert_eq!(store.open().await.unwrap().head, before);
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    store.verify().await.unwrap();
}

#[tokio::test]
async fn an_append_that_was_cut_off_is_settled_by_opening() {
    let (store, mut centre) = lived_in(&shared().database()).await;
    // Polled once, so that it is under way, and dropped. A busy machine may have it done by then: another one is tried.
    let batch = loop {
        centre.press("p2");
        let batch = centre.take();
        if store.append(&batch).now_or_never().is_none() {
            break batch;
        }
    };
    let next = store.append(&batch).await;
    assert!(matches!(next, AppendOutcome::NotCommitted { .. }), "closed until it is opened again: {next:?}");
    let opening = store.open().await.unwrap();
    if opening.head == batch.expected_head().unwrap() {
        assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    }
    assert_eq!(store.open().await.unwrap().state, centre.state);
    store.verify().await.unwrap();
}

#[tokio::test]
async fn the_database_itself_refuses_what_must_not_be() {
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    let mut raw = raw(&address).await;
    for sql in
        ["update journal set actor = 'x'", "delete from journal where seq = 1", "truncate journal cascade"]
    {
        let error = refused(&mut raw, sql).await;
        assert!(error.contains("journal is never"), "{error}");
    }
    let error = refused(&mut raw, "update node set head = head + 1").await;
    assert!(error.contains("head is the last row"), "{error}");
    let gap =
        "insert into journal select node, seq + 100, commit_head + 100, name, v, payload, desk, seat, actor,
               on_behalf_of, channel, mode, occurred_at, recorded_at, command, words, audit
               from journal where seq = 1";
    let error = refused(&mut raw, gap).await;
    assert!(error.contains("gapless"), "{error}");
    // Two orders that hold one unit.
    let (_, incident) = centre.press("p2");
    centre.dispatch(incident, "u1").unwrap();
    commit(&store, &mut centre).await;
    let error = refused(&mut raw, "update entity set holds = 'u0' where kind = 'order'").await;
    assert!(error.contains("entity_holds"), "{error}");
    store.verify().await.unwrap();
}

#[tokio::test]
async fn verification_finds_what_was_tampered_with() {
    let off = "alter table journal disable trigger user; alter table node disable trigger user; ";
    for (sql, rule) in [
        ("update journal set actor = 'nobody' where seq = 3", "audit chain"),
        ("delete from journal where seq = 3", "the journal has a gap"),
        ("delete from journal where seq = (select max(seq) from journal)", "ends before its head"),
        ("update entity set state = 'cleared' where kind = 'order'", "read model"),
        ("update entity set place = st_translate(place, 0.0000001, 0) where kind = 'point'", "read model"),
        ("delete from timeline where kind = 'order'", "timeline"),
        (
            "update snapshot set state_hash = case when state_hash like '0%' then '1' else '0' end || substr(state_hash, 2)",
            "snapshot",
        ),
    ] {
        let address = shared().database();
        let (store, centre) = lived_in(&address).await;
        store.snapshot(&centre.state).await.unwrap();
        store.verify().await.unwrap();
        let mut raw = raw(&address).await;
        sqlx::raw_sql(AssertSqlSafe(format!("{off}{sql}"))).execute(&mut raw).await.unwrap();
        let error = store.verify().await.unwrap_err();
        assert!(error.to_string().contains(rule), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_snapshot_of_another_format_is_not_compared() {
    let address = shared().database();
    let (store, mut centre) = lived_in(&address).await;
    store.snapshot(&centre.state).await.unwrap();
    let mut raw = raw(&address).await;
    // As one written before formats had names: neither its hash nor its bytes mean anything to us.
    let aged = "update snapshot set format = '', state_hash = '', state = '\\x00'";
    sqlx::query(aged).execute(&mut raw).await.unwrap();
    passes_another_format_over(&store, &mut centre, 1).await;
}

#[tokio::test]
async fn alarm_points_and_places_are_real_geometry() {
    let address = shared().database();
    let (store, centre) = lived_in(&address).await;
    let mut raw = raw(&address).await;
    let near = "select count(*) from entity where kind = $1
                and st_dwithin(place::geography, st_setsrid(st_makepoint($2 / 1e7, $3 / 1e7), 4326)::geography, 1)";
    let at = centre.state.register().points.values().next().unwrap().at;
    for kind in ["point", "alarm", "incident"] {
        let count: i64 =
            sqlx::query_scalar(near).bind(kind).bind(at.lon).bind(at.lat).fetch_one(&mut raw).await.unwrap();
        assert_eq!(count, 1, "{kind}");
    }
    let unit = UnitId::from("u0");
    let orders = store.entities(&EntityQuery::of("order")).await.unwrap().rows;
    assert_eq!(orders[0].holds.as_deref(), Some(unit.as_str()));
}

async fn said(options: PostgresOptions) -> String {
    let said = PostgresStore::connect(options).await.unwrap_err().to_string();
    assert!(!said.contains('\n') && !said.contains("secret"), "one line, no password: {said}");
    said
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let server = shared();
    let address = server.database();
    let database = address.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    drop(lived_in(&address).await);
    server.psql("postgres", "create role guarded login password 'right'");
    server.guard("guarded");
    let wrong = server.address("guarded:secret", &database);
    let sentence = said(options(&wrong)).await;
    assert!(sentence.contains("password is wrong") && sentence.contains("--store"), "{sentence}");

    let sentence = said(options(&server.address(OWNER, "nowhere"))).await;
    assert!(sentence.contains("no such database") && sentence.contains("createdb"), "{sentence}");

    let nobody = "postgres://ortoo:secret@localhost/centre?host=/nowhere-at-all";
    let sentence = said(options(nobody)).await;
    assert!(sentence.contains("no PostgreSQL answers") && sentence.contains("start it"), "{sentence}");
    let sentence = said(options("mysql//secret")).await;
    assert!(sentence.contains("postgres://USER:PASSWORD@HOST"), "{sentence}");

    server.psql("postgres", "create role reader login");
    server.psql(
        &database,
        "grant usage on schema ortoo to reader; grant select on all tables in schema ortoo to reader",
    );
    let sentence = said(options(&server.address("reader", &database))).await;
    assert!(sentence.contains("may not write") && sentence.contains("owner"), "{sentence}");

    server.psql("postgres", "create role plain login");
    server.psql("postgres", "create database bare owner plain template template0");
    let sentence = said(options(&server.address("plain", "bare"))).await;
    assert!(sentence.contains("no PostGIS") && sentence.contains("CREATE EXTENSION postgis"), "{sentence}");

    server
        .psql("postgres", "create role hasty superuser login; alter role hasty set synchronous_commit = off");
    let sentence = said(options(&server.address("hasty", &database))).await;
    assert!(sentence.contains("synchronous_commit") && sentence.contains("durable"), "{sentence}");

    server.psql(
        &database,
        "insert into ortoo._sqlx_migrations (version, description, success, checksum, execution_time)
         values (99, 'later', true, '', 0)",
    );
    let error = PostgresStore::connect(options(&address)).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error}");
    let error = PostgresStore::beside(options(&address)).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn one_journal_has_one_process() {
    let address = shared().database();
    let (store, _) = lived_in(&address).await;
    let second = PostgresStore::connect(options(&address)).await;
    assert!(matches!(second, Err(StoreError::InUse { .. })), "{second:?}");
    // Beside it, only reading is possible.
    let beside = PostgresStore::beside(options(&address)).await.unwrap();
    assert_eq!(beside.verify().await.unwrap(), store.verify().await.unwrap());
    let mut centre = SmallCentre::from(store.open().await.unwrap().state);
    centre.press("p2");
    assert!(matches!(beside.append(&centre.take()).await, AppendOutcome::NotCommitted { .. }));
    let reading = Reading { actor: "a".into(), seat: None, purpose: "test".into(), at: DAWN };
    assert_eq!(beside.words(&[], &reading).await.unwrap(), []);
    beside.backup(std::path::Path::new("x")).await.expect_err("pg_dump does that");
}

#[tokio::test]
async fn tracks_are_kept_as_in_a_file_and_drawn_besides() {
    let address = shared().database();
    drop(open(&address).await);
    conformance::tracks::a_fold_changes_nothing(async || Tracks::in_database(&address).await.unwrap()).await;
    let mut raw = raw(&address).await;
    let drawn: (i64, f64) = sqlx::query_as(
        "select count(*), max(st_length(geom::geography)) from ortoo_gis.track where unit = 'a'",
    )
    .fetch_one(&mut raw)
    .await
    .unwrap();
    assert_eq!(drawn.0, 3);
    assert!((20.0..60.0).contains(&drawn.1), "600 s at some centimetres a second: {} m", drawn.1);
    let last: i64 = sqlx::query_scalar("select fix_time from unit_last where unit = 'a'")
        .fetch_one(&mut raw)
        .await
        .unwrap();
    assert_eq!(last, 1_495_000_000, "a late fix does not draw a unit back");
}

#[tokio::test]
async fn days_that_are_over_are_dropped_whole() {
    let address = shared().database();
    drop(open(&address).await);
    let tracks = Tracks::in_database(&address).await.unwrap();
    conformance::tracks::retention_forgets(&tracks).await;
    let mut raw = raw(&address).await;
    let days = "select count(*) from pg_inherits where inhparent = 'track'::regclass";
    assert_eq!(sqlx::query_scalar::<_, i64>(days).fetch_one(&mut raw).await.unwrap(), 1);
    assert_eq!(tracks.retire(Time(86_400_000_000)).await.unwrap(), 1);
    assert_eq!(sqlx::query_scalar::<_, i64>(days).fetch_one(&mut raw).await.unwrap(), 0);
}

#[tokio::test]
async fn everything_in_a_database_is_proved_or_named() {
    damage::everything_is_proved_or_named(&open(&shared().database()).await).await;
}

#[tokio::test]
async fn from_a_snapshot_on_the_tail_is_proved() {
    damage::a_tail_is_proved(&open(&shared().database()).await).await;
}

#[tokio::test]
async fn every_damage_is_found_and_named() {
    let address = shared().database();
    let store = open(&address).await;
    let words = damage::eventful(&store).await.words;
    store.prove(&damage::proving()).await.unwrap();
    store.close().await.unwrap();
    let database = address.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    for (place, (sql, said)) in damage::damages(&words).into_iter().enumerate() {
        let copy = format!("{database}_{place}");
        shared().psql("postgres", &format!("create database {copy} owner {OWNER} template {database}"));
        let address = shared().address(OWNER, &copy);
        let mut raw = raw(&address).await;
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
        let store = PostgresStore::beside(options(&address)).await.unwrap();
        let error = store.prove(&damage::proving()).await.expect_err(&sql).to_string();
        store.close().await.unwrap();
        assert!(error.contains(said), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_damaged_text_is_given_to_nobody() {
    let address = shared().database();
    let store = open(&address).await;
    let words = damage::eventful(&store).await.words;
    let sql = format!("update words set text = '110' where id = '{}'", words[1]);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut raw(&address).await).await.unwrap();
    damage::damaged_words_are_kept_back(&store, &words, words[1]).await;
}

/// Two that read at once stand in the chain one after the other, and appends do not wait for them.
#[tokio::test]
async fn readings_at_once_are_one_chain() {
    let address = shared().database();
    let store = open(&address).await;
    let damage::Eventful { mut centre, words } = damage::eventful(&store).await;
    let mut held = raw(&address).await;
    sqlx::raw_sql("begin; select * from custody for update").execute(&mut held).await.unwrap();
    let readings: Vec<_> = (0..6)
        .map(|_| {
            let (store, words) = (store.clone(), words.clone());
            tokio::spawn(async move { store.words(&words, &damage::reading()).await.unwrap().len() })
        })
        .collect();
    centre.press("p1");
    commit(&store, &mut centre).await;
    assert!(readings.iter().all(|reading| !reading.is_finished()), "they wait for the row that is held");
    sqlx::query("commit").execute(&mut held).await.unwrap();
    for reading in readings {
        assert_eq!(reading.await.unwrap(), words.len());
    }
    let verified = store.prove(&damage::proving()).await.unwrap();
    assert_eq!(verified.proved("readings"), 7 * words.len() as u64);
}

#[tokio::test]
async fn everything_moves_with_the_centre() {
    let dir = tempfile::tempdir().unwrap();
    let genesis = Genesis::new("wall", DAWN);
    let files = SqliteStore::connect(SqliteOptions::new(dir.path(), genesis.clone())).await.unwrap();
    damage::eventful(&files).await;
    let (told, head) = (files.prove(&damage::proving()).await.unwrap(), files.audit_head().await.unwrap());
    files.close().await.unwrap();
    let address = shared().database();
    dispatch_store::postgres::copy(dir.path(), &address).await.unwrap();
    let database = PostgresStore::connect(PostgresOptions::new(address, genesis)).await.unwrap();
    assert_eq!(database.prove(&damage::proving()).await.unwrap(), told);
    assert_eq!(database.audit_head().await.unwrap(), head, "with the chain of its readings");
}
