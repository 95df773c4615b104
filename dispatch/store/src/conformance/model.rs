//! The read model: pages, filters, timelines, and what left live state.

use std::collections::BTreeSet;

use dispatch_core::command::{CancelIncident, Tick};
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::response::incident::CancelReason;

use super::journal::{commit, settled};
use super::small_centre::{SmallCentre, call, envelope};
use crate::query::{Cursor, EntityQuery};
use crate::store::Store;

pub(super) async fn pages_show_every_row_once<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    for _ in 0..7 {
        centre.send(call()).expect("a call is taken");
    }
    // Two in one commit of the same time come out in the order of their ids.
    commit(store, &mut centre).await;
    for limit in [1, 2, 3, 7, 0] {
        let mut query = EntityQuery { limit, ..EntityQuery::of("alarm") };
        let mut seen = Vec::new();
        loop {
            let page = store.entities(&query).await.expect("reads");
            assert!(limit == 0 || page.rows.len() <= limit as usize);
            seen.extend(page.rows.iter().map(crate::query::EntityRow::cursor));
            match page.next {
                // A cursor goes to a client and comes back as text.
                Some(next) => {
                    query.after = Some(next.to_string().parse::<Cursor>().expect("a cursor is text"));
                }
                None => break,
            }
        }
        assert_eq!(seen.len(), 7);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once");
    }
}

pub(super) async fn filters_keep_what_they_say<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (pressed, incident) = centre.press("p1");
    centre.dispatch(incident, "u2").expect("the unit is free");
    centre.send(call()).expect("a call is taken");
    commit(store, &mut centre).await;
    let count = async |query: EntityQuery| store.entities(&query).await.expect("reads").rows.len();
    let alarms = || EntityQuery::of("alarm");
    let path = |codes: &[&str]| AreaPath(codes.iter().map(|code| (*code).into()).collect());
    assert_eq!(count(alarms()).await, 2);
    assert_eq!(
        count(EntityQuery { area: path(&["15", "1501"]), ..alarms() }).await,
        1,
        "the call has no place"
    );
    assert_eq!(
        count(EntityQuery { area: path(&["15", "150"]), ..alarms() }).await,
        0,
        "a code is not a prefix of another"
    );
    assert_eq!(count(EntityQuery { states: vec!["ringing".into()], ..alarms() }).await, 1);
    assert_eq!(count(EntityQuery { modes: vec![Mode::Test, Mode::Exercise], ..alarms() }).await, 0);
    assert_eq!(count(EntityQuery { incident: Some(incident.to_string()), ..alarms() }).await, 1);
    assert_eq!(
        count(EntityQuery { incident: Some(incident.to_string()), ..EntityQuery::of("order") }).await,
        1
    );
    assert_eq!(count(EntityQuery { desk: Some("banner".into()), ..EntityQuery::of("incident") }).await, 1);
    assert_eq!(count(EntityQuery { from: Some(centre.now), ..alarms() }).await, 1);
    assert_eq!(count(EntityQuery { until: Some(centre.now), ..alarms() }).await, 1);
    assert_eq!(count(EntityQuery { alive: Some(false), ..alarms() }).await, 0);
    let alarm = pressed.named.alarm.expect("an alarm").to_string();
    let row = store.entity("alarm", &alarm).await.expect("reads").expect("it is there");
    assert_eq!(count(EntityQuery { number: row.number.clone(), ..alarms() }).await, 1);
    assert_eq!((row.state.as_str(), row.area.as_str()), ("settled", "15/1501/"));
}

pub(super) async fn a_timeline_holds_alarm_orders_and_incident<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (_, incident) = centre.press("p1");
    commit(store, &mut centre).await;
    centre.press("p2");
    centre.dispatch(incident, "u0").expect("the unit is free");
    commit(store, &mut centre).await;
    let timeline = store.timeline(incident).await.expect("reads");
    let names: BTreeSet<&str> = timeline.iter().map(|record| record.event.name()).collect();
    for name in ["alarm_raised", "incident_created", "order_created", "order_advanced"] {
        assert!(names.contains(name), "{name} is missing from {names:?}");
    }
    assert!(timeline.windows(2).all(|pair| pair[0].seq < pair[1].seq), "in order, each once");
    let all = store.records(0, 10_000).await.expect("reads");
    assert!(timeline.len() + 4 <= all.len(), "what is of the other incident is not in it");
    assert!(timeline.iter().all(|record| all.contains(record)));
}

pub(super) async fn what_left_state_is_kept<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (_, incident) = centre.press("p1");
    let cancel = CancelIncident { incident, expected_version: None, reason: CancelReason::NothingFound };
    centre.send(cancel).expect("it can be cancelled");
    commit(store, &mut centre).await;
    let id = incident.to_string();
    let row = store.entity("incident", &id).await.expect("reads").expect("it is there");
    assert!(row.alive && row.state == "cancelled" && row.ended_at.is_some());
    archive(&mut centre, incident);
    commit(store, &mut centre).await;
    let gone = store.entity("incident", &id).await.expect("reads").expect("it is still there");
    assert!(!gone.alive, "archived from state, kept in the read model");
    assert_eq!(gone.doc, row.doc);
    assert!(store.timeline(incident).await.expect("reads").len() > 2);
    store.verify().await.expect("the read model is what a replay makes");
}

/// Lets two days pass.
pub(super) fn archive(centre: &mut SmallCentre, incident: dispatch_core::kernel::id::IncidentId) {
    centre.now = centre.now.plus_ms(2 * 86_400_000);
    for _ in 0..50 {
        let id = centre.mint();
        centre.send_as(envelope(id, "system", None, Tick {})).expect("a tick is never refused");
        if !centre.state.incidents().contains_key(&incident) {
            return;
        }
    }
    panic!("two days after its end an incident is archived");
}
