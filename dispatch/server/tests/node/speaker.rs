//! Who speaks, at the door: one unit is one whichever way it is spelt, nobody is another, and whoever does not exist calls
//! for help and does nothing else.

use dispatch_api::client::{Client, ClientError};
use dispatch_api::problem::Problem;
use dispatch_api::question::WordsText;
use dispatch_core::kernel::id::{CommandId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::view::{AlarmView, IncidentView};
use dispatch_store::{Words, WordsClass};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Bench, key, node};

fn problem(error: ClientError) -> Problem {
    match error {
        ClientError::Problem(problem) => *problem,
        other => panic!("{other}"),
    }
}

/// Status, code and field of a refusal.
async fn refused(client: &Client, (collection, id, act): (&str, &str, &str), body: Value) -> (u16, String) {
    let problem = problem(client.act(collection, id, act, &body, key()).await.unwrap_err());
    (problem.status, problem.code)
}

fn device(bench: &Bench, actor: &str) -> Client {
    bench.client().with_actor(actor).with_channel("device")
}

/// An order, the unit it was given to, and another unit of the same desk.
async fn ordered(bench: &Bench) -> (String, String, String) {
    let client = bench.client();
    let alarm = json!({"source": "button", "point": bench.point(), "press": key().to_string()});
    let incident = client.raise(&alarm, key()).await.unwrap().named.incident.unwrap().to_string();
    let seen: IncidentView = client.get(&format!("/incidents/{incident}")).await.unwrap();
    let fresh: Value = client.get(&format!("/incidents/{incident}/recommendation")).await.unwrap();
    let unit = |at: usize| fresh["ranked"][at]["candidate"]["unit"].as_str().unwrap().to_owned();
    let body = json!({"expected_version": seen.incident.version, "targets": [{"unit": unit(0)}],
        "confirmed": true, "recommendation": seen.incident.recommendation, "override_reason": "nearer"});
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    let given = dispatcher.act("incidents", &incident, "dispatch", &body, key()).await.unwrap();
    (given.named.orders[0].to_string(), unit(0), unit(1))
}

#[tokio::test]
async fn a_unit_is_itself_however_it_is_spelt_and_nobody_else_is() {
    let bench = node().await;
    let (order, own, other) = ordered(&bench).await;
    let signed = json!({"state": "signed", "source": "device"});
    let on_order = ("orders", order.as_str(), "advance");
    let off_duty = ("units", own.as_str(), "duty");
    for actor in [other.clone(), format!("unit:{other}")] {
        let phone = device(&bench, &actor);
        assert_eq!(refused(&phone, on_order, signed.clone()).await, (422, "invalid".into()), "{actor}");
        assert_eq!(refused(&phone, off_duty, json!({"duty": "off"})).await.1, "invalid", "{actor}");
    }
    for actor in ["exchange", "console", "unit", "unit:"] {
        let code = refused(&device(&bench, actor), on_order, signed.clone()).await.1;
        assert!(code == "seat_required" || code == "unknown", "{actor}: {code}");
    }
    let id = key();
    let delivered = json!({"state": "delivered", "source": "device"});
    let bare = device(&bench, &own).act("orders", &order, "advance", &delivered, id).await.unwrap();
    let spelt = device(&bench, &format!("unit:{own}"));
    let again = spelt.act("orders", &order, "advance", &delivered, id).await.unwrap();
    assert!(again.repeated && again.seq == bare.seq, "one sender, one key");
    spelt.act("orders", &order, "advance", &signed, key()).await.unwrap();
    let journal: Value = bench.client().get("/journal?limit=1000").await.unwrap();
    let rows = journal["items"].as_array().unwrap().iter();
    let actors: Vec<&str> =
        rows.filter(|row| row["channel"] == "device").filter_map(|row| row["actor"].as_str()).collect();
    let expected = format!("unit:{own}");
    assert!(!actors.is_empty() && actors.iter().all(|actor| *actor == expected), "{actors:?}");
}

#[tokio::test]
async fn whoever_does_not_exist_calls_for_help_and_does_nothing_else() {
    let bench = node().await;
    let (order, ..) = ordered(&bench).await;
    let head = bench.running.node.state().seq;
    let strangers = [
        device(&bench, "unit:U-NOBODY"),
        device(&bench, "point:P-NOBODY"),
        bench.client().with_seat("nowhere"),
    ];
    for stranger in &strangers {
        let said = json!({"state": "signed", "source": "device"});
        assert_eq!(refused(stranger, ("orders", &order, "advance"), said).await.1, "unknown");
        let fault = json!({"kind": "device", "cause": "battery_low", "point": bench.point()});
        assert_eq!(refused(stranger, ("technicals", "", ""), fault).await.1, "unknown");
        let words = stranger.get::<Value>(&format!("/words/{}", Uuid::now_v7())).await.unwrap_err();
        assert_eq!(problem(words).code, "unknown");
    }
    assert_eq!(bench.running.node.state().seq, head, "nothing was written");
    for stranger in &strangers {
        let called = stranger.raise(&json!({"source": "sos", "text": "help"}), key()).await.unwrap();
        let alarm: AlarmView =
            bench.client().get(&format!("/alarms/{}", called.named.alarm.unwrap())).await.unwrap();
        let told = |flaw: &String| flaw.ends_with("is not in the register");
        assert!(alarm.alarm.flaws.iter().any(told), "{:?}", alarm.alarm.flaws);
    }
}

#[tokio::test]
async fn a_caller_is_for_operators_whether_the_journal_has_the_words_or_not() {
    let bench = node().await;
    let unit = bench.unit();
    let (operator, phone) = (bench.top(), device(&bench, &format!("unit:{unit}")));
    let (bare, point) = (device(&bench, &unit), device(&bench, &format!("point:{}", bench.point())));
    let call = json!({"source": "call", "caller": "0479-8812345 a herder"});
    let recorded = bench.client().raise(&call, key()).await.unwrap().named.alarm.unwrap();
    let alarm: AlarmView = bench.client().get(&format!("/alarms/{recorded}")).await.unwrap();
    let recorded = alarm.alarm.caller.unwrap();
    let unrecorded = WordsId(Uuid::now_v7());
    let held = Words {
        id: unrecorded,
        incident: None,
        alarm: None,
        class: WordsClass::Caller,
        retention_days: 1,
        salt: [1; 16],
        text: "0479-8812345 a herder".into(),
        lang: None,
        translation: None,
        at: Time(0),
    };
    bench.running.node.unrecorded.keep(("exchange".into(), CommandId(key())), vec![held]);
    for words in [recorded, unrecorded] {
        let path = format!("/words/{words}?reason=call-back");
        let read: WordsText = operator.get(&path).await.unwrap();
        assert_eq!(read.text, "0479-8812345 a herder");
        for other in [&phone, &bare, &point] {
            let refused = problem(other.get::<WordsText>(&path).await.unwrap_err());
            assert_eq!((refused.status, refused.code.as_str()), (403, "not_released"));
        }
    }
}

#[tokio::test]
async fn a_refusal_names_the_area_that_is_needed_and_the_seats_own() {
    let bench = node().await;
    let low = {
        let state = bench.running.node.state();
        let register = state.register();
        let is_low = |desk: &str| register.desks[&desk.into()].parent.is_some();
        register
            .seats
            .iter()
            .find(|(_, seat)| is_low(seat.desk.as_str()))
            .map(|(id, seat)| (id.to_string(), register.desks[&seat.desk].area.clone()))
    };
    let (seat, own) = low.expect("a desk below another");
    let region: Value = bench.client().get("/region").await.unwrap();
    let body = json!({"timers": region["timers"]});
    let act = bench.client().with_seat(&seat).act("register", "", "timers", &body, key()).await;
    let refused = problem(act.unwrap_err());
    assert_eq!((refused.status, refused.code.as_str()), (403, "other_desk"));
    assert_eq!(refused.params["own"], json!(own));
    assert!(refused.params["area"].as_array().is_some_and(|area| area.len() < own.0.len()), "{refused}");
}
