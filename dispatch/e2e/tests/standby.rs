//! Two servers on one database: takeovers under load, the lead yielded, what a standby answers, and an alarm that
//! the old leader could not record.

use dispatch_api::client::ClientError;
use dispatch_e2e::cast::{Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::Node;
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
    let alone = first.client("test")?.yield_lead().await;
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

    first.client("test")?.yield_lead().await?;
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
async fn an_alarm_the_old_leader_could_not_record_reaches_the_next() -> anyhow::Result<()> {
    let (folder, address) = (tempfile::tempdir()?, shared().database());
    let relay = Relay::to(shared().socket()).await?;
    let name = address.split(['/', '?']).nth(3).expect("the address names a database");
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
