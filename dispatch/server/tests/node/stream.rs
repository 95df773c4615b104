use std::time::Duration;

use dispatch_api::client::Received;
use dispatch_api::stream::{ClientMessage, ResetReason, Resume, ServerMessage, Subscribe};
use serde_json::json;

use crate::support::{alarm_shown, key, node, node_with, start, subscribed, until, within};

#[tokio::test]
async fn an_alarm_is_shown_once_it_is_committed() {
    let bench = node().await;
    let client = bench.client();
    let (mut stream, seq) = subscribed(&client, Subscribe::default()).await;
    let receipt = client.raise(&json!({"source": "sos", "text": "secret words"}), key()).await.unwrap();
    let shown = alarm_shown(&mut stream, receipt.named.alarm.unwrap()).await;
    assert!(shown > seq && shown >= receipt.seq);
    stream.send(&ClientMessage::Ping { t: 42 }).await.unwrap();
    until(&mut stream, "the pong", |message| matches!(message, ServerMessage::Pong { t: 42 }).then_some(()))
        .await;
    stream.send_text("{\"type\":\"subscribe\",\"aeras\":[]}".into()).await.unwrap();
    until(&mut stream, "the problem", |message| match message {
        ServerMessage::Problem { code, .. } => (code == "malformed").then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn commits_follow_each_other_without_a_gap() {
    let bench = node().await;
    let client = bench.client();
    let (mut stream, mut seq) = subscribed(&client, Subscribe::default()).await;
    let mut last = None;
    for _ in 0..20 {
        last = client.raise(&json!({"source": "call"}), key()).await.unwrap().named.alarm;
    }
    let mut done = false;
    while !done {
        let message = within("a commit", stream.next()).await.unwrap().unwrap();
        if let Received::Message(ServerMessage::Commit { prev, seq: next, deltas, .. }) = message {
            assert_eq!(prev, seq);
            seq = next;
            let id = last.map(|id| id.to_string());
            done = deltas.iter().any(|view| view.kind() == "alarm" && Some(view.id()) == id);
        }
    }
}

#[tokio::test]
async fn a_restart_resumes_at_the_head_and_resets_behind_it() {
    let mut bench = node().await;
    let client = bench.client();
    let (mut stream, before) = subscribed(&client, Subscribe::default()).await;
    let raised = client.raise(&json!({"source": "call"}), key()).await.unwrap();
    alarm_shown(&mut stream, raised.named.alarm.unwrap()).await;
    drop(stream);
    bench.running.stop().await.unwrap();
    bench.running = start(&bench.data, |_| {}).await;
    let client = bench.client();
    let (journal_id, head) = {
        let state = bench.running.node.state();
        (state.journal.unwrap(), state.seq)
    };
    assert!(
        bench.running.node.state().alarms().contains_key(&raised.named.alarm.unwrap()),
        "nothing is lost"
    );

    let mut at_head = client.stream().await.unwrap();
    let resume = Some(Resume { journal_id, seq: head });
    at_head.subscribe(Subscribe { resume, ..Subscribe::default() }).await.unwrap();
    let mut behind = client.stream().await.unwrap();
    let resume = Some(Resume { journal_id, seq: before });
    behind.subscribe(Subscribe { resume, ..Subscribe::default() }).await.unwrap();
    let reason = until(&mut behind, "a reset", |message| match message {
        ServerMessage::Reset { reason } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason.await, ResetReason::TooFarBehind);
    let next = client.raise(&json!({"source": "call"}), key()).await.unwrap();
    let prev = until(&mut at_head, "the next commit", |message| match message {
        ServerMessage::Commit { prev, .. } => Some(*prev),
        ServerMessage::Snapshot { .. } | ServerMessage::Reset { .. } => {
            panic!("it stands at the head: {message:?}")
        }
        _ => None,
    });
    assert_eq!(prev.await, head);
    alarm_shown(&mut behind, next.named.alarm.unwrap()).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_and_slows_nobody() {
    let bench = node_with(|config| config.stream.stall_ms = 300).await;
    let client = bench.client();
    let (mut stream, _) = subscribed(&client, Subscribe::default()).await;
    let mut stalled = client.stream().await.unwrap();
    let node = bench.running.node.clone();
    let ended = || node.metrics.counted("ortoo_streams_ended_total", &[("why", "stalled")]);
    within("the stalled client to be let go", async {
        while ended() == 0 {
            // A resume of another journal is answered by a whole snapshot: enough of them fill every buffer between.
            let resume = Some(Resume { journal_id: dispatch_core::kernel::id::JournalId(key()), seq: 0 });
            let asked = stalled.subscribe(Subscribe { resume, ..Subscribe::default() }).await;
            let raised = client.raise(&json!({"source": "call"}), key()).await.unwrap();
            alarm_shown(&mut stream, raised.named.alarm.unwrap()).await;
            if asked.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    })
    .await;
    let raised = client.raise(&json!({"source": "call"}), key()).await.unwrap();
    alarm_shown(&mut stream, raised.named.alarm.unwrap()).await;
}

#[tokio::test]
async fn there_are_as_many_subscribers_as_there_may_be() {
    let bench = node_with(|config| config.limits.subscribers = 1).await;
    let client = bench.client();
    let (stream, _) = subscribed(&client, Subscribe::default()).await;
    let mut second = client.stream().await.unwrap();
    second.subscribe(Subscribe::default()).await.unwrap();
    within("the second to be sent away", async { while let Ok(Some(_)) = second.next().await {} }).await;
    // Somebody at a seat of the register is somebody else, and nobody has two places to give one of.
    let mut seated = client.stream().await.unwrap();
    let seat = bench.running.node.state().register().seats.keys().next().cloned();
    seated.subscribe(Subscribe { seat, ..Subscribe::default() }).await.unwrap();
    within("the third to be sent away", async { while let Ok(Some(_)) = seated.next().await {} }).await;
    stream.close().await.unwrap();
    within("room again", async {
        loop {
            let mut stream = client.stream().await.unwrap();
            stream.subscribe(Subscribe::default()).await.unwrap();
            while let Ok(Some(message)) = stream.next().await {
                if matches!(message, Received::Message(ServerMessage::Snapshot { .. })) {
                    return;
                }
            }
        }
    })
    .await;
}

/// Clients that ask for one thing after another and read nothing.
#[tokio::test]
async fn who_asks_and_does_not_read_costs_no_memory() {
    let bench = node_with(|config| config.stream.all_bytes = 200_000).await;
    let client = bench.client();
    for _ in 0..50 {
        client.raise(&json!({"source": "call", "text": "smoke"}), key()).await.unwrap();
    }
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(client.stream().await.unwrap());
    }
    let (journal_id, seq) = (bench.running.node.hub.standing().journal, 1);
    let mut most = 0;
    for turn in 0..15 {
        for (number, stream) in clients.iter_mut().enumerate() {
            let resume = (turn % 2 == 1).then_some(Resume { journal_id, seq });
            let areas = vec![String::new(), format!("{number}-{turn}")];
            stream.subscribe(Subscribe { areas, resume, ..Subscribe::default() }).await.unwrap();
            most = most.max(bench.running.node.hub.bytes());
        }
    }
    // What the kernel takes of it is not ours; of what is ours there is one snapshot beyond the bound at the most.
    assert!(most <= 400_000, "{most}");
    let (mut stream, _) = subscribed(&client, Subscribe::default()).await;
    let raised = client.raise(&json!({"source": "sos"}), key()).await.unwrap();
    alarm_shown(&mut stream, raised.named.alarm.unwrap()).await;
}

#[tokio::test]
async fn one_unit_sees_its_own_orders_only() {
    let bench = node().await;
    let client = bench.client();
    let unit = bench.unit();
    let interest = Subscribe { unit: Some(unit.as_str().into()), ..Subscribe::default() };
    let mut stream = client.stream().await.unwrap();
    stream.subscribe(interest).await.unwrap();
    let views = until(&mut stream, "its snapshot", |message| match message {
        ServerMessage::Snapshot { views, .. } => Some(views.clone()),
        _ => None,
    });
    let views = views.await;
    assert_eq!(views.iter().map(|view| (view.kind(), view.id())).collect::<Vec<_>>(), [("unit", unit)]);
    stream
        .subscribe(Subscribe { unit: Some("x".into()), positions: true, ..Subscribe::default() })
        .await
        .unwrap();
    until(&mut stream, "a refusal", |message| match message {
        ServerMessage::Problem { code, .. } => (code == "subscribe").then_some(()),
        _ => None,
    })
    .await;
}
