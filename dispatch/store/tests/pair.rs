//! Two processes on one PostgreSQL: who leads, who follows, and that whoever led before writes nothing any more.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use dispatch_store::conformance::cluster::shared;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::conformance::{commit, lived_in};
use dispatch_store::{
    AnyStore, AppendOutcome, Custody as _, Genesis, Handed, Journal as _, Opening, PostgresOptions,
    PostgresStore, Round, Standby, StateHash, StoreError,
};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

const FIRST: &str = "http://127.0.0.1:1";
const SECOND: &str = "http://127.0.0.1:2";
/// Rounds until what is waited for has happened or never will.
const ROUNDS_MAX: usize = 500;

fn options(database: &str, address: &str) -> PostgresOptions {
    PostgresOptions::new(database, Genesis::new("wall", DAWN)).answering_at(address)
}

/// A leader with a region, an incident and an order.
async fn leader(database: &str) -> (PostgresStore, SmallCentre) {
    let store = PostgresStore::connect(options(database, FIRST)).await.unwrap();
    let centre = lived_in(&store).await;
    (store, centre)
}

/// A connection past the store.
async fn raw(database: &str) -> PgConnection {
    let mut connection = PgConnection::connect(database).await.unwrap();
    sqlx::query("set search_path = ortoo, public").execute(&mut connection).await.unwrap();
    connection
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// Goes round until it leads.
async fn until_it_leads(standby: &mut Standby) -> (PostgresStore, Box<Opening>) {
    for _ in 0..ROUNDS_MAX {
        if let Round::Leads(store, opening) = standby.round().await.unwrap() {
            return (store, opening);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never led");
}

fn followed(round: Round) -> (Option<String>, u64) {
    match round {
        Round::Follows { leader, seq } => (leader, seq),
        Round::Leads(..) => panic!("it leads beside another"),
    }
}

#[tokio::test]
async fn a_standby_holds_the_state_and_leads_when_nobody_does() {
    let database = shared().database();
    let (store, mut centre) = leader(&database).await;
    let store = AnyStore::Postgres(store);
    assert!(!store.heartbeat().await.unwrap().standby);
    let mut standby = Standby::new(options(&database, SECOND));
    assert_eq!(followed(standby.round().await.unwrap()), (Some(FIRST.into()), centre.state.seq));
    assert!(store.heartbeat().await.unwrap().standby, "the leader hears of it");
    for point in ["p2", "p1"] {
        centre.press(point);
        commit(&store, &mut centre).await;
        assert_eq!(followed(standby.round().await.unwrap()).1, centre.state.seq);
        assert_eq!(standby.state_hash(), Some(StateHash::of(&centre.state)));
    }
    // More than it has seen.
    centre.press("p2");
    commit(&store, &mut centre).await;
    store.close().await.unwrap();
    let (store, opening) = until_it_leads(&mut standby).await;
    assert_eq!(opening.state, centre.state);
    let mut read = store.open().await.unwrap();
    let mut answers = opening.answers;
    for answers in [&mut answers, &mut read.answers] {
        answers.sort_by_key(|answer| (answer.actor.clone(), answer.command));
    }
    assert_eq!((opening.head, opening.audit_head, opening.clock), (read.head, read.audit_head, read.clock));
    assert_eq!((answers, opening.region), (read.answers, read.region));
    let mut raw = raw(&database).await;
    let standing: i64 = sqlx::query_scalar("select count(*) from standby").fetch_one(&mut raw).await.unwrap();
    assert_eq!(standing, 0, "whoever leads stands by no more");
    centre.press("p1");
    commit(&store, &mut centre).await;
    store.verify().await.unwrap();
}

#[tokio::test]
async fn a_leader_that_was_paused_writes_nothing_when_it_wakes() {
    let database = shared().database();
    let (paused, mut centre) = leader(&database).await;
    let before = centre.state.clone();
    let mut standby = Standby::new(options(&database, SECOND));
    followed(standby.round().await.unwrap());
    let mut raw = raw(&database).await;
    run(&mut raw, "update leadership set beat_at = beat_at - interval '1 minute'").await;
    let (store, opening) = until_it_leads(&mut standby).await;
    assert_eq!(opening.state, before);
    centre.press("p2");
    let batch = centre.take();
    let outcome = paused.append(&batch).await;
    assert!(!matches!(outcome, AppendOutcome::Committed { .. }), "{outcome:?}");
    let woken = paused.open().await.unwrap_err();
    assert!(matches!(woken, StoreError::Superseded { .. }), "{woken}");
    let heartbeat = AnyStore::Postgres(paused).heartbeat().await;
    assert!(heartbeat.is_err(), "{heartbeat:?}");
    let mut centre = SmallCentre::from(opening.state);
    centre.press("p1");
    commit(&store, &mut centre).await;
    store.verify().await.unwrap();
}

#[tokio::test]
async fn a_leader_that_is_heard_is_left_alone() {
    let database = shared().database();
    let (store, mut centre) = leader(&database).await;
    let store = AnyStore::Postgres(store);
    let mut raw = raw(&database).await;
    run(&mut raw, "update leadership set beat_at = beat_at - interval '1 minute'").await;
    store.heartbeat().await.unwrap();
    let mut standby = Standby::new(options(&database, SECOND));
    assert_eq!(followed(standby.round().await.unwrap()).0.as_deref(), Some(FIRST));
    centre.press("p2");
    commit(&store, &mut centre).await;
}

#[tokio::test]
async fn a_lock_that_was_lost_is_taken_again() {
    let database = shared().database();
    let (store, mut centre) = leader(&database).await;
    let store = AnyStore::Postgres(store);
    let mut raw = raw(&database).await;
    run(&mut raw, "select pg_terminate_backend(guard_pid) from leadership").await;
    // The end of a session takes a moment at the server.
    let mut again = store.heartbeat().await;
    for _ in 0..ROUNDS_MAX {
        if again.is_ok() {
            break;
        }
        again = store.heartbeat().await;
    }
    again.unwrap();
    centre.press("p2");
    commit(&store, &mut centre).await;
    let mut standby = Standby::new(options(&database, SECOND));
    followed(standby.round().await.unwrap());
}

#[tokio::test]
async fn of_two_that_stand_by_for_an_empty_database_one_begins_the_journal() {
    let database = shared().database();
    let mut first = Standby::new(options(&database, FIRST));
    let mut second = Standby::new(options(&database, SECOND));
    let Round::Leads(store, opening) = first.round().await.unwrap() else { panic!("nobody leads") };
    assert_eq!(opening.head, 1);
    assert_eq!(followed(second.round().await.unwrap()), (Some(FIRST.into()), 1));
    store.close().await.unwrap();
    // It lets another lead first.
    second.defer(Duration::from_mins(1));
    followed(second.round().await.unwrap());
    until_it_leads(&mut first).await;
    second.leave().await.unwrap();
    let mut raw = raw(&database).await;
    let standing: i64 = sqlx::query_scalar("select count(*) from standby").fetch_one(&mut raw).await.unwrap();
    assert_eq!(standing, 0, "who leaves says so");
}

#[tokio::test]
async fn an_answer_of_a_clock_that_stood_behind_is_not_missed() {
    let database = shared().database();
    let (store, mut centre) = leader(&database).await;
    let mut standby = Standby::new(options(&database, SECOND));
    followed(standby.round().await.unwrap());
    centre.press("p2");
    commit(&store, &mut centre).await;
    let mut raw = raw(&database).await;
    let behind =
        "insert into answer select node, actor, '0190a000-0000-7000-8000-000000000001', fingerprint, answer,
                  (select min(at) from answer) from answer limit 1";
    run(&mut raw, behind).await;
    store.close().await.unwrap();
    let (store, opening) = until_it_leads(&mut standby).await;
    assert_eq!(opening.answers.len(), store.open().await.unwrap().answers.len());
}

#[tokio::test]
async fn alarms_are_handed_on_once_and_leave_nothing() {
    let database = shared().database();
    let (store, _) = leader(&database).await;
    let store = AnyStore::Postgres(store);
    let alarm = |key: &str| Handed { key: key.into(), request: "{\"text\":\"a NUL \\u0000\"}".into() };
    store.hand_on(&[alarm("a"), alarm("b")]).await.unwrap();
    store.hand_on(&[alarm("b")]).await.unwrap();
    assert!(store.heartbeat().await.unwrap().handed);
    assert_eq!(store.handed().await.unwrap(), [alarm("a"), alarm("b")]);
    store.taken_in(&["a".into()]).await.unwrap();
    assert_eq!(store.handed().await.unwrap(), [alarm("b")]);
    store.taken_in(&["b".into()]).await.unwrap();
    assert!(!store.heartbeat().await.unwrap().handed);
}
