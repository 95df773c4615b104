//! Two servers on one database: takeovers under load, the lead yielded, what a standby answers, and an alarm that
//! the old leader could not record.

use dispatch_api::client::ClientError;
use dispatch_core::view::View;
use dispatch_e2e::cast::{Scene, key, lead, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, ortoo};
use dispatch_e2e::oracle::{EXPECTED, Relay, failover};
use dispatch_store::conformance::cluster::shared;
use serde_json::{Value, json};

/// One takeover of each kind in every proof; `cargo xtask failover-test` runs as many as one likes.
#[tokio::test]
async fn nothing_is_lost_when_the_leader_is_killed_paused_or_cut_off() -> anyhow::Result<()> {
    let takeovers = failover(3, 1, |_| {}).await?;
    let tally = &takeovers.tally;
    assert!(tally.findings.is_empty(), "{}\n{}", takeovers.table(), tally.findings.join("\n"));
    assert_eq!(takeovers.answered_ms.len(), 3);
    assert!(tally.acknowledged > 0 && tally.closed > 0 && tally.commits_seen > 0, "{}", takeovers.table());
    Ok(())
}

async fn start(folder: &tempfile::TempDir, name: &str, address: &str) -> anyhow::Result<Node> {
    let secret = folder.path().join("node-key").to_string_lossy().into_owned();
    let args = ["serve", "--standby", "--region", "xilingol", "--store", address, "--node-key", &secret];
    Node::start(&folder.path().join(name), &args).await
}

#[tokio::test]
async fn the_lead_is_yielded_and_a_standby_says_who_leads() -> anyhow::Result<()> {
    let (folder, address) = (tempfile::tempdir()?, shared().database());
    let first = start(&folder, "a", &address).await?;
    first.until_it_leads().await?;
    let at_no_seat = first.client("test")?.yield_lead().await;
    assert!(
        matches!(&at_no_seat, Err(ClientError::Problem(it)) if it.code == "seat_required"),
        "{at_no_seat:?}"
    );
    let alone = lead(&first).await?.yield_lead().await;
    assert!(matches!(&alone, Err(ClientError::Problem(it)) if it.code == "no_standby"), "{alone:?}");
    let scene = Scene::find(&first).await?;
    let mut console = Console::open(&first.client("watch")?).await?;
    console.until("nobody stands by", |console| console.is_degraded("no_standby")).await?;

    let second = start(&folder, "b", &address).await?;
    second.until_it_follows(&first.base).await?;
    let joined = |console: &Console| console.is_degraded("no_standby").is_none().then_some(());
    console.until("somebody stands by", joined).await?;
    // A device that knows the standby alone reaches the leader.
    let alarm = raise(&second, &json!({ "source": "point", "number": scene.number })).await?;
    console.until("the alarm", |console| console.alarm(alarm).cloned()).await?;
    let blind = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let sent = blind.get(format!("{}/api/v1/alarms?state=ringing", second.base)).send().await?;
    assert_eq!(sent.status().as_u16(), 307);
    let there = sent.headers()["location"].to_str()?.to_owned();
    assert_eq!(there, format!("{}/api/v1/alarms?state=ringing", first.base));
    assert_eq!(blind.get(format!("{}/healthz", second.base)).send().await?.text().await?, "ok");
    let numbers = blind.get(format!("{}/metrics", second.base)).send().await?.text().await?;
    assert!(numbers.contains("ortoo_leads 0"), "{numbers}");

    lead(&first).await?.yield_lead().await?;
    second.until_it_leads().await?;
    first.until_it_follows(&second.base).await?;
    // The console goes on from where it stood.
    let stood = console.seq;
    console.resume(&second.client("watch")?).await?;
    let next = raise(&second, &json!({ "source": "point", "number": scene.number })).await?;
    console.until("the next alarm", |console| console.alarm(next).cloned()).await?;
    assert!(console.seq > stood && console.alarm(alarm).is_some());
    first.finish(EXPECTED).await?;
    second.finish(EXPECTED).await
}

#[tokio::test]
async fn whoever_has_another_key_does_not_stand_by_and_leads_where_nobody_does() -> anyhow::Result<()> {
    let (folder, address) = (tempfile::tempdir()?, shared().database());
    let first = start(&folder, "a", &address).await?;
    first.until_it_leads().await?;
    let scene = Scene::find(&first).await?;
    let (press, once) = (json!({ "source": "point", "number": scene.number }), key());
    let alarm = first.client("button")?.raise(&press, once).await?.named.alarm;
    let other = folder.path().join("b").to_string_lossy().into_owned();
    let key_file = folder.path().join("other-key").to_string_lossy().into_owned();
    let args = ["serve", "--standby", "--region", "xilingol", "--store", &address, "--node-key", &key_file];
    let refused = ortoo(&[&args[..], &["--data-dir", &other, "--listen", "127.0.0.1:0"]].concat())?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("is another key than"), "{said}");
    assert!(said.contains(&key_file) && said.contains(&first.base), "{said}");
    let check: String = shared().psql(name_of(&address), "select node_key from ortoo.custody");
    let secret = std::fs::read_to_string(folder.path().join("node-key"))?;
    assert_eq!(check.trim().len(), 64, "{check}");
    assert!(!check.contains(secret.trim()), "the key itself is nowhere in the database");

    // Nobody leads: calls are taken, and somebody is told that a repeat rings once more.
    first.finish(EXPECTED).await?;
    let second = Node::start(&folder.path().join("b"), &args).await?;
    second.until_it_leads().await?;
    let mut console = Console::open(&second.client("watch")?).await?;
    let is_told = |console: &Console| {
        let mut technicals = console.views().filter_map(View::as_technical);
        technicals.any(|view| view.technical.cause == "node_key_changed").then_some(())
    };
    console.until("the other key to be told", is_told).await?;
    let rung = second.client("button")?.raise(&press, once).await?;
    assert!(!rung.repeated && rung.named.alarm.is_some() && rung.named.alarm != alarm, "it rings");
    second.finish(&[EXPECTED, &["kept under another key"]].concat()).await
}

/// The database an address names.
fn name_of(address: &str) -> &str {
    address.split(['/', '?']).nth(3).expect("the address names a database")
}

#[tokio::test]
async fn an_alarm_the_old_leader_could_not_record_reaches_the_next() -> anyhow::Result<()> {
    let (folder, address) = (tempfile::tempdir()?, shared().database());
    let relay = Relay::to(shared().socket()).await?;
    let name = name_of(&address);
    let first = start(&folder, "a", &format!("postgres://ortoo@127.0.0.1:{}/{name}", relay.port)).await?;
    first.until_it_leads().await?;
    let second = start(&folder, "b", &address).await?;
    second.until_it_follows(&first.base).await?;
    let scene = Scene::find(&first).await?;
    relay.cut();
    let body = json!({ "source": "button", "point": scene.point, "text": "救命" });
    let told = first.client("source")?.raise(&body, key()).await;
    assert!(matches!(&told, Err(ClientError::Problem(it)) if it.code == "not_recorded"), "{told:?}");
    second.until_it_leads().await?;
    let client = second.client("watch")?;
    let alarms: Value = client.get("/alarms").await?;
    assert_eq!(alarms["items"].as_array().map(Vec::len), Some(0), "{alarms}");
    // Nobody sends it again. The old leader can reach the database, finds that it leads no longer, and leaves the alarm.
    relay.mend();
    first.until_it_follows(&second.base).await?;
    let alarm = deadline::until("the alarm", || async {
        let alarms: Value = client.get("/alarms").await?;
        Ok(alarms["items"].get(0).cloned())
    })
    .await?;
    assert_eq!(alarm["point"], json!(scene.point), "{alarm}");
    first.finish(EXPECTED).await?;
    second.finish(EXPECTED).await?;
    assert_eq!(shared().psql(name, "select count(*) from ortoo.handed_alarm").trim(), "0");
    Ok(())
}
