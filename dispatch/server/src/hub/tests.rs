use dispatch_core::command::{CancelIncident, RaiseAlarm, ReopenIncident};
use dispatch_core::kernel::id::{IncidentId, TechnicalId};
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::response::incident::CancelReason;
use dispatch_core::sample::Centre;
use dispatch_core::state::State;
use dispatch_core::technical::{Technical, TechnicalKind};
use dispatch_core::view::TechnicalView;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::*;
use crate::area_path::area_path;
use crate::clock::Clock;
use crate::hub::queue::Queue;

const JOURNAL: JournalId = JournalId(Uuid::from_u128(1));

fn view(id: u128, area: &str, count: u32) -> View {
    let technical = Technical {
        id: TechnicalId(Uuid::from_u128(id)),
        version: count,
        kind: TechnicalKind::Link,
        cause: "lost".into(),
        point: None,
        unit: None,
        area: area_path(area),
        by: None,
        first_at: Time(0),
        last_at: Time(0),
        count,
        shelf: None,
        cleared_at: None,
    };
    View::Technical(TechnicalView { technical, suppressed: None })
}

fn hub(bounds: Bounds) -> Hub {
    let truth = Truth::new(State::default(), Clock::wall());
    Hub::new(truth, JOURNAL, 10, [view(1, "a/b", 1), view(2, "a/c", 1)].into_iter(), bounds)
}

fn publish(hub: &Hub, prev: u64, seq: u64, at: Time, views: &[View], register: bool) {
    hub.publish(&[News { prev, seq, at, views, register }]);
}

fn wants(area: &str) -> Subscribe {
    Subscribe { areas: vec![area.into()], ..Subscribe::default() }
}

/// A client that is let in.
fn enter(hub: &Hub) -> (ClientId, Arc<Queue>) {
    let Entered { id, queue, .. } = hub.enter(1_000);
    (id, queue)
}

fn peer(last: u8) -> Peer {
    Peer::at_seat([127, 0, 0, last].into(), None, &State::default())
}

/// A client that has taken all there was asks for this, and is answered.
fn subscribe(hub: &Hub, id: ClientId, wanted: &Subscribe) -> Result<(), Unsubscribed> {
    hub.subscribe(id, wanted, (peer(1), 1_000))?;
    hub.answer(id, false);
    Ok(())
}

fn read(queue: &Queue) -> Vec<Value> {
    let text = |message: Message| serde_json::from_str(message.to_text().unwrap()).unwrap();
    queue.take().messages.into_iter().map(text).collect()
}

/// What was sent is what the types of the API read.
fn typed(value: &Value) -> ServerMessage {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn prev_is_what_was_sent_to_this_subscription() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    publish(&hub, 10, 11, Time(1), &[view(3, "a/c", 1)], false);
    assert!(read(&queue).is_empty(), "nothing before it subscribes");
    subscribe(&hub, id, &wants("a/b")).unwrap();
    let first = read(&queue);
    let ServerMessage::Snapshot { seq: 11, whole: true, views, .. } = typed(&first[0]) else {
        panic!("{first:?}")
    };
    assert_eq!(views, [view(1, "a/b", 1)]);
    publish(&hub, 11, 12, Time(1), &[view(2, "a/c", 2)], false);
    publish(&hub, 12, 13, Time(1), &[view(1, "a/b", 2)], false);
    publish(&hub, 13, 15, Time(1), &[view(4, "", 1)], false);
    let commits = read(&queue);
    let steps: Vec<_> =
        commits.iter().map(|commit| (commit["prev"].as_u64(), commit["seq"].as_u64())).collect();
    assert_eq!(steps, [(Some(11), Some(13)), (Some(13), Some(15))]);
    for commit in &commits {
        typed(commit);
    }
}

#[test]
fn commits_shown_together_are_one_message_each() {
    let hub = hub(Bounds { queue_commits: 3, ..Bounds::default() });
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("a/b")).unwrap();
    read(&queue);
    let (ours, others) = ([view(1, "a/b", 2)], [view(2, "a/c", 2)]);
    let news = |seq, views| News { prev: seq - 1, seq, at: Time(1), views, register: false };
    hub.publish(&[news(11, &others), news(12, &ours), news(13, &others), news(14, &ours)]);
    let steps = |messages: Vec<Value>| -> Vec<_> {
        messages.iter().map(|commit| (commit["prev"].as_u64(), commit["seq"].as_u64())).collect()
    };
    assert_eq!(steps(read(&queue)), [(Some(10), Some(12)), (Some(12), Some(14))]);
    hub.publish(&[news(15, &others)]);
    assert!(queue.take().messages.is_empty());
    hub.publish(&[news(16, &ours), news(17, &ours), news(18, &ours), news(19, &ours)]);
    assert!(queue.take().lost, "more than it may hold");
}

#[test]
fn what_leaves_the_interest_is_gone() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("a/b")).unwrap();
    read(&queue);
    publish(&hub, 10, 11, Time(1), &[view(1, "a/c", 2)], false);
    let ServerMessage::Commit { deltas, .. } = typed(&read(&queue)[0]) else { panic!() };
    let View::Gone(gone) = &deltas[0] else { panic!("{deltas:?}") };
    assert_eq!((gone.of.as_str(), &gone.area), ("technical", &area_path("a/b")));
    publish(&hub, 11, 12, Time(1), &[view(1, "a/c", 3)], false);
    assert!(read(&queue).is_empty());
}

#[test]
fn a_register_change_reaches_everybody() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("z")).unwrap();
    read(&queue);
    publish(&hub, 10, 11, Time(1), &[], true);
    assert!(matches!(typed(&read(&queue)[0]), ServerMessage::Commit { register: true, .. }));
}

#[test]
fn resume_sends_what_was_missed_or_begins_anew() {
    let hub = hub(Bounds { ring_commits: 2, ..Bounds::default() });
    for seq in 11..=14 {
        publish(&hub, seq - 1, seq, Time(1), &[view(1, "a/b", u32::try_from(seq).unwrap())], false);
    }
    let resumed = |journal_id, seq| {
        let (id, queue) = enter(&hub);
        subscribe(&hub, id, &Subscribe { resume: Some(Resume { journal_id, seq }), ..wants("a") }).unwrap();
        let kinds = read(&queue)
            .iter()
            .map(|message| message["type"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>();
        kinds.join(" ")
    };
    assert_eq!(resumed(JOURNAL, 14), "");
    assert_eq!(resumed(JOURNAL, 12), "commit commit");
    assert_eq!(resumed(JOURNAL, 11), "reset snapshot");
    assert_eq!(resumed(JOURNAL, 15), "reset snapshot");
    assert_eq!(resumed(JournalId(Uuid::from_u128(2)), 14), "reset snapshot");
}

#[test]
fn a_client_that_does_not_read_loses_its_queue_and_begins_anew() {
    let hub = hub(Bounds { queue_commits: 3, ..Bounds::default() });
    let (id, queue) = enter(&hub);
    let (other, others) = enter(&hub);
    subscribe(&hub, id, &wants("")).unwrap();
    subscribe(&hub, other, &wants("")).unwrap();
    for seq in 11..=20 {
        publish(&hub, seq - 1, seq, Time(1), &[view(1, "a/b", 1)], false);
        assert!(!others.take().lost, "the other is not slowed");
    }
    assert!(queue.take().lost);
    hub.answer(id, true);
    let messages = read(&queue);
    assert_eq!(messages[0]["reason"], "slow");
    assert_eq!(messages[1]["seq"], 20);
    publish(&hub, 20, 21, Time(1), &[view(1, "a/b", 1)], false);
    assert_eq!(read(&queue)[0]["prev"], 20);
}

#[test]
fn a_wider_interest_gets_what_it_adds() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("a/b")).unwrap();
    read(&queue);
    subscribe(&hub, id, &wants("a")).unwrap();
    let ServerMessage::Snapshot { whole: false, views, .. } = typed(&read(&queue)[0]) else { panic!() };
    assert_eq!(views, [view(2, "a/c", 1)]);
    assert!(subscribe(&hub, id, &Subscribe { tiles: Some(vec!["x".into()]), ..wants("a") }).is_err());
}

#[test]
fn frames_go_to_those_who_want_their_label_and_tile() {
    let hub = hub(Bounds::default());
    let hello = |_: &Standing| ServerMessage::Pong { t: 0 };
    hub.relabel("", &[area_path("a/b"), area_path("a/c")], hello);
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &Subscribe { positions: true, ..wants("a/b") }).unwrap();
    read(&queue);
    let frame = |label: u32| ((7, label), Bytes::from(vec![u8::try_from(label).unwrap(); 42]));
    let message = |frames: &[u32]| {
        let frames: Vec<_> = frames.iter().map(|label| frame(*label).1).collect();
        Message::Binary(dispatch_api::frame::message(frames.iter().map(|bytes| &**bytes)).into())
    };
    let (like, beside) = enter(&hub);
    subscribe(&hub, like, &Subscribe { positions: true, ..wants("a/b") }).unwrap();
    beside.take();
    hub.frames(0, vec![frame(0), frame(1)], 23);
    assert!(queue.take().messages.is_empty(), "they were made for other labels");
    hub.frames(hub.labelling(), vec![frame(0), frame(1)], 23);
    let sent = queue.take().messages;
    assert_eq!(sent, [message(&[0])]);
    let [Message::Binary(ours), Message::Binary(theirs)] = [&sent[0], &beside.take().messages[0]] else {
        panic!("binary messages")
    };
    assert_eq!(ours.as_ptr(), theirs.as_ptr(), "those who want the same share the bytes");
    subscribe(&hub, id, &Subscribe { positions: true, ..wants("a") }).unwrap();
    assert_eq!(queue.take().messages[1..], [message(&[0, 1])], "after a snapshot both frames anew, in one");
    hub.frames(hub.labelling(), vec![((7, 0), Bytes::from_static(&[0; 23]))], 23);
    queue.take();
    subscribe(&hub, id, &Subscribe { positions: true, ..wants("a") }).unwrap();
    assert_eq!(queue.take().messages, [message(&[1])], "an emptied tile is not kept");
}

#[test]
fn heartbeats_tell_at_which_seats_a_console_is_open() {
    let hub = hub(Bounds::default());
    let sits = |seat: &str| Subscribe { seat: Some(seat.into()), ..wants("a") };
    let (one, queue) = enter(&hub);
    let (other, _) = enter(&hub);
    subscribe(&hub, one, &sits("b-1")).unwrap();
    subscribe(&hub, other, &sits("a-2")).unwrap();
    assert!(subscribe(&hub, other, &sits(&"x".repeat(129))).is_err(), "and the old one stands");
    let told = || {
        hub.heartbeat(Time(5), Vec::new(), None);
        read(&queue).pop().unwrap()["seats"].clone()
    };
    assert_eq!(told(), serde_json::json!(["a-2", "b-1"]));
    subscribe(&hub, one, &wants("a")).unwrap();
    assert_eq!(told(), serde_json::json!(["a-2"]));
    hub.leave(other);
    assert!(told().is_null(), "nobody sits anywhere");
}

/// A centre with one incident that goes on and one that ended, each with its alarm and its recommendation.
fn one_open_one_ended() -> (Centre, IncidentId) {
    let mut centre = Centre::new();
    for point in ["P1", "P2"] {
        let button = RaiseAlarm { point: Some(point.into()), ..RaiseAlarm::of(AlarmSource::Button) };
        centre.send(None, button).unwrap();
    }
    let ended = *centre.state.incidents().keys().next().unwrap();
    let cancel = CancelIncident { incident: ended, expected_version: None, reason: CancelReason::FalseAlarm };
    centre.send(Some("north-dispatch"), cancel).unwrap();
    assert_eq!(centre.state.incidents().len(), 2);
    (centre, ended)
}

/// What a console is shown that asks for everything.
fn shown(hub: &Hub) -> Vec<View> {
    let (id, queue) = enter(hub);
    subscribe(hub, id, &Subscribe::default()).unwrap();
    let first = read(&queue);
    let ServerMessage::Snapshot { whole: true, mut views, .. } = typed(&first[0]) else {
        panic!("{first:?}")
    };
    hub.leave(id);
    views.sort_by_key(View::entity);
    views
}

fn all(state: &State) -> Vec<View> {
    let mut views: Vec<View> = View::all(state).collect();
    views.sort_by_key(View::entity);
    views
}

#[test]
fn what_has_ended_is_shown_as_committed_truth_says() {
    let (mut centre, ended) = one_open_one_ended();
    let journal = centre.state.journal.unwrap();
    let truth = Truth::new(centre.state.clone(), Clock::wall());
    let views = View::all(&centre.state);
    let hub = Hub::new(truth.clone(), journal, centre.state.seq, views, Bounds::default());
    assert_eq!(shown(&hub), all(&centre.state));
    let held = |hub: &Hub, id: EntityId| hub.held().alive[&id].json.is_some();
    let alarm = centre.state.incidents()[&ended].alarms[0];
    assert!(!held(&hub, ended.into()) && !held(&hub, alarm.into()), "it is not held twice");
    // It is taken up again: it is held as it was sent, and what a console is shown is the same.
    let (prev, at) = (centre.state.seq, centre.now);
    let reopen = ReopenIncident { incident: ended, words: None };
    let records = centre.send(Some("north-dispatch"), reopen).unwrap();
    truth.take_in(&records, &centre.state);
    let views = dispatch_core::changed_views(&centre.state, &records);
    publish(&hub, prev, centre.state.seq, at, &views, false);
    assert!(held(&hub, ended.into()));
    assert_eq!(shown(&hub), all(&centre.state));
}

#[test]
fn what_happens_while_a_snapshot_is_written_comes_after_it() {
    let hub = hub(Bounds { ring_commits: 2, ..Bounds::default() });
    let (id, queue) = enter(&hub);
    let begin = || {
        let draft = hub.held().begin_anew(id, Some(ResetReason::Slow));
        assert!(draft.is_some(), "none is kept after a commit");
        draft
    };
    subscribe(&hub, id, &wants("a/b")).unwrap();
    publish(&hub, 10, 11, Time(1), &[view(1, "a/b", 2)], false);
    read(&queue);
    let draft = begin();
    publish(&hub, 11, 12, Time(1), &[view(1, "a/b", 3)], false);
    publish(&hub, 12, 13, Time(1), &[view(2, "a/c", 3)], false);
    hub.heartbeat(Time(2), Vec::new(), None);
    assert!(read(&queue).is_empty(), "nothing before the snapshot");
    hub.write(draft);
    let came = read(&queue);
    let steps: Vec<_> = came.iter().map(|one| (one["type"].as_str().unwrap(), one["seq"].as_u64())).collect();
    assert_eq!(steps, [("reset", None), ("snapshot", Some(11)), ("commit", Some(12))]);
    assert_eq!(came[2]["prev"].as_u64(), Some(11));
    // More than is kept was committed meanwhile: it is written anew.
    let draft = begin();
    for seq in 14..=17 {
        publish(&hub, seq - 1, seq, Time(1), &[view(1, "a/b", 3)], false);
    }
    hub.write(draft);
    let came = read(&queue);
    assert_eq!((came.len(), came[1]["seq"].as_u64()), (2, Some(17)));
    // One that is asked for later is the one that is waited for.
    publish(&hub, 17, 18, Time(1), &[view(1, "a/b", 4)], false);
    read(&queue);
    let (earlier, later) = (begin(), begin());
    hub.write(earlier);
    assert!(read(&queue).is_empty());
    hub.write(later);
    assert_eq!(read(&queue).len(), 2);
}

#[test]
fn what_is_gone_already_is_in_no_snapshot() {
    let (mut centre, ended) = one_open_one_ended();
    let journal = centre.state.journal.unwrap();
    let truth = Truth::new(centre.state.clone(), Clock::wall());
    let (seq, views) = (centre.state.seq, View::all(&centre.state));
    let hub = Hub::new(truth.clone(), journal, seq, views, Bounds::default());
    let archived = centre.run(86_400_000);
    truth.take_in(&archived, &centre.state);
    assert!(!centre.state.incidents().contains_key(&ended));
    // The commits that say so were not shown yet.
    let kinds: Vec<_> = shown(&hub).iter().filter_map(View::entity).collect();
    assert!(!kinds.contains(&ended.into()));
    let views = dispatch_core::changed_views(&centre.state, &archived);
    publish(&hub, seq, centre.state.seq, centre.now, &views, false);
    assert_eq!(shown(&hub), all(&centre.state));
}

#[test]
fn a_client_that_asks_and_does_not_read_costs_nothing() {
    let hub = hub(Bounds::default());
    let clients: Vec<_> = (0..20).map(|_| enter(&hub)).collect();
    for turn in 0..500 {
        for (id, _) in &clients {
            let resume = (turn % 2 == 0).then_some(Resume { journal_id: JOURNAL, seq: 10 });
            let wanted = Subscribe { resume, ..wants(&format!("a/{id}-{turn}")) };
            hub.subscribe(*id, &wanted, (peer(1), 1_000)).unwrap();
        }
    }
    assert_eq!(hub.bytes(), 0);
    assert_eq!(hub.held().interests.len(), 20, "one each is remembered");
    let (id, queue) = &clients[3];
    assert!(queue.take().asked);
    hub.answer(*id, false);
    assert!(hub.bytes() > 0);
    assert_eq!(read(queue)[0]["type"], "snapshot");
    for (id, _) in &clients {
        hub.leave(*id);
    }
    hub.held().snapshots.clear();
    assert_eq!((hub.bytes(), hub.held().interests.len()), (0, 0));
}

#[test]
fn an_answer_waits_until_what_was_before_is_taken() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("a/b")).unwrap();
    hub.subscribe(id, &wants("a"), (peer(1), 9)).unwrap();
    publish(&hub, 10, 11, Time(1), &[view(1, "a/b", 2)], false);
    let due = queue.take();
    assert_eq!((due.messages.len(), due.asked), (2, false), "the first snapshot, and the commit after it");
    let due = queue.take();
    assert!(due.messages.is_empty() && due.asked);
    hub.answer(id, false);
    let ServerMessage::Snapshot { seq: 11, whole: false, views, .. } = typed(&read(&queue)[0]) else {
        panic!()
    };
    assert_eq!(views, [view(2, "a/c", 1)]);
}

#[test]
fn another_journal_is_shown_to_those_who_read() {
    let hub = hub(Bounds::default());
    let (id, queue) = enter(&hub);
    subscribe(&hub, id, &wants("a")).unwrap();
    read(&queue);
    hub.held().snapshots.clear();
    hub.replace(JournalId(Uuid::from_u128(2)), 3, [view(1, "a/b", 7)].into_iter());
    assert_eq!(hub.bytes(), 0, "nothing is written before it is asked for");
    publish(&hub, 3, 4, Time(1), &[view(1, "a/b", 8)], false);
    assert!(queue.take().asked);
    hub.answer(id, false);
    let came = read(&queue);
    let steps: Vec<_> = came.iter().map(|one| (one["type"].as_str().unwrap(), one["seq"].as_u64())).collect();
    assert_eq!(steps, [("reset", None), ("snapshot", Some(4))]);
}

#[test]
fn when_all_are_owed_too_much_each_has_its_share() {
    let hub = hub(Bounds { all_bytes: 4_000, ..Bounds::default() });
    let clients: Vec<_> = (0..4).map(|_| enter(&hub)).collect();
    for (at, (id, queue)) in clients.iter().enumerate() {
        // Interests of their own, so that nothing is shared.
        let areas = vec!["a".into(), format!("z{at}")];
        subscribe(&hub, *id, &Subscribe { areas, ..Subscribe::default() }).unwrap();
        read(queue);
    }
    let mut most = 0;
    for seq in 11..200 {
        publish(&hub, seq - 1, seq, Time(1), &[view(1, "a/b", 7)], false);
        most = most.max(hub.bytes());
    }
    assert!(most < 4_000 + 4 * 1_000, "{most}");
    assert!(clients.iter().all(|(_, queue)| queue.take().lost), "nobody has read");
    assert_eq!(hub.bytes(), 0);
}

#[tokio::test]
async fn who_has_most_places_gives_one_to_who_has_none() {
    let hub = hub(Bounds::default());
    let greedy: Vec<Entered> = (0..3).map(|_| hub.enter(3)).collect();
    for entered in &greedy {
        hub.subscribe(entered.id, &wants("a"), (peer(1), 3)).unwrap();
    }
    let again = hub.enter(3);
    assert_eq!(hub.subscribe(again.id, &wants("a"), (peer(1), 3)), Err(Unsubscribed::Full));
    let modest = hub.enter(3);
    hub.subscribe(modest.id, &wants("a"), (peer(2), 3)).unwrap();
    greedy[0].leave.notified().await;
    hub.subscribe(modest.id, &wants("a/b"), (peer(2), 3)).unwrap();
    let second = hub.enter(3);
    assert_eq!(
        hub.subscribe(second.id, &wants("a"), (peer(2), 3)),
        Err(Unsubscribed::Full),
        "as many as the other"
    );
}

#[tokio::test]
async fn those_who_never_subscribe_give_way_to_one_another() {
    let hub = hub(Bounds::default());
    let silent: Vec<Entered> = (0..17).map(|_| hub.enter(10)).collect();
    silent[0].leave.notified().await;
    assert_eq!(hub.clients(), 16);
}
