//! A centre on PostgreSQL: the life of an alarm, the loss of the database and its return, the move from files.

use dispatch_core::kernel::kind::OrderState;
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::view::{TechnicalView, View};
use dispatch_e2e::cast::{Crew, Operator, Scene, drive, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::Node;
use dispatch_store::conformance::cluster::{Cluster, shared};
use serde_json::json;

/// What the log may say about a database that is gone.
const GONE: &[&str] = &[
    "was not committed",
    "whether a batch was committed",
    "degraded",
    "cannot be reached",
    "tracks cannot be written",
    "upkeep failed",
    // What the driver of the database says by itself, and the layer that had not been written yet.
    "terminating connection",
    "testing the connection",
    "outlines were not laid out",
    "a table was not seen to",
];

#[tokio::test]
async fn an_alarm_becomes_an_order_on_postgres() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let address = shared().database();
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol", "--store", &address]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    let operator = Operator::sit(&node, &scene.seat)?;
    operator.answer(alarm).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    let born = console.until("the incident", |console| console.incident(incident).cloned()).await?;
    let recommendation = born.incident.recommendation.expect("an incident is born with a recommendation");
    let advice: dispatch_core::kernel::recommendation::Recommendation =
        node.client("watch")?.get(&format!("/recommendations/{recommendation}")).await?;
    let own = advice.ranked.iter().find(|ranked| !ranked.needs_support).expect("a unit of our own");
    let unit = own.candidate.unit.clone();
    let order = operator.dispatch(incident, unit.as_str(), Some(recommendation)).await?;
    let crew = Crew::board(&node, unit.as_str())?;
    for (word, state) in [("signed", OrderState::Signed), ("enroute", OrderState::Enroute)] {
        crew.report(order, word).await?;
        console.until(word, |console| console.order_is(order, state)).await?;
    }

    // Killed and started again it goes on where it stood, on the same order.
    node.kill_and_restart().await?;
    console.resume(&node.client("watch")?).await?;
    for (word, state) in [("on_scene", OrderState::OnScene), ("cleared", OrderState::Cleared)] {
        crew.report(order, word).await?;
        console.until(word, |console| console.order_is(order, state)).await?;
    }

    // GIS users see it, and the region's outlines, which are laid out beside the work.
    let database = address.split('?').next().and_then(|it| it.rsplit('/').next()).expect("it has a name");
    let count = |sql: &str| shared().psql(database, sql).trim().parse::<u32>();
    let drawn = format!(
        "select count(*) from ortoo_gis.incident join ortoo_gis.alarm_point on st_dwithin(incident.geom, alarm_point.geom, 0)
         where incident.id = '{incident}'"
    );
    assert_eq!(count(&drawn)?, 1, "an incident at its alarm point");
    deadline::until("the outlines", || async {
        Ok((count("select count(*) from ortoo_gis.beat where st_isvalid(geom)")? > 1_000).then_some(()))
    })
    .await?;
    // Whatever became of them, the next start lays them out as the region says.
    let outlines = "select md5(string_agg(kind || code || properties::text || st_asewkb(geom)::text, ';' \
                    order by kind, code)) from ortoo.shape";
    let before = shared().psql(database, outlines);
    let spoiled = "delete from ortoo.shape where kind = 'area';
                   update ortoo.shape set geom = st_translate(geom, 1, 0) where code like '%1';
                   update ortoo.shape set properties = '{}' where code like '%2'";
    shared().psql(database, spoiled);
    assert_ne!(shared().psql(database, outlines), before);
    node.kill_and_restart().await?;
    deadline::until("the outlines to be as they were", || async {
        Ok((shared().psql(database, outlines) == before).then_some(()))
    })
    .await?;
    node.finish(&[]).await
}

#[tokio::test]
async fn damaged_tracks_in_the_database_stop_nothing() -> anyhow::Result<()> {
    let (data, address) = (tempfile::tempdir()?, shared().database());
    let database = address.split('?').next().and_then(|it| it.rsplit('/').next()).expect("it has a name");
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol", "--store", &address]).await?;
    let scene = Scene::find(&node).await?;
    let press = json!({ "source": "point", "number": scene.number });
    let told = |times: u32| {
        move |console: &Console| {
            let mut technicals = console.views().filter_map(View::as_technical);
            let is_it =
                |it: &TechnicalView| it.technical.cause == "tracks_damaged" && it.technical.count >= times;
            technicals.any(is_it).then_some(())
        }
    };
    // While it runs: what cannot be written is named, and nothing waits for it.
    let mut console = Console::open(&node.client("watch")?).await?;
    shared().psql(database, "alter table ortoo.track_fresh rename to away");
    drive(&node).await?;
    console.until("tracks to be told of", told(1)).await?;
    console.until("tracks to be behind", |console| console.is_degraded("tracks_behind")).await?;
    raise(&node, &press).await?;
    shared().psql(database, "alter table ortoo.away rename to track_fresh");
    drive(&node).await?;
    let is_over = |console: &Console| console.is_degraded("tracks_behind").is_none().then_some(());
    console.until("tracks to be kept again", is_over).await?;
    // At a start: spoilt rows, and no table at all.
    for (times, sql) in
        [(2, "update ortoo.track_fresh set data = 'spoilt'"), (3, "drop table ortoo.track cascade")]
    {
        node.kill()?;
        shared().psql(database, sql);
        node.start_again().await?;
        raise(&node, &press).await?;
        let mut console = Console::open(&node.client("watch")?).await?;
        console.until(sql, told(times)).await?;
    }
    node.finish(&["the tracks were damaged", "where units were", "tracks cannot be written", "upkeep failed"])
        .await
}

#[tokio::test]
async fn a_lost_database_is_named_and_alarms_are_kept_until_it_returns() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let cluster = Cluster::start();
    let address = cluster.database();
    let node = Node::start(data.path(), &["serve", "--region", "xilingol", "--store", &address]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let known = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    console.until("the alarm before", |console| console.alarm(known).cloned()).await?;

    cluster.halt();
    console.until("the loss", |console| console.is_degraded("store_unreachable")).await?;
    let unsure =
        node.client("source")?.raise(&json!({ "source": "point", "number": scene.number }), key()).await;
    assert_eq!(unsure.expect_err("it cannot be recorded").code(), Some("not_recorded"));
    console.until("the named mode", |console| console.is_degraded("not_recording")).await?;
    let shown = console.until("未入库", |console| console.unrecorded().first().cloned()).await?;
    let operator = Operator::sit(&node, &scene.seat)?;
    let refused = operator.answer(known).await.expect_err("nothing is acknowledged that is not committed");
    assert_eq!(refused.code(), Some("not_recorded"));

    cluster.resume();
    let id = shown.alarm.id;
    let kept = console
        .until("the alarm in the journal", |console| {
            console.alarm(id).filter(|view| !view.alarm.number.is_empty()).cloned()
        })
        .await?;
    assert_eq!(kept.alarm.received_at, shown.alarm.received_at, "its first received time");
    assert_eq!(kept.alarm.state, AlarmState::Ringing);
    console
        .until("the all-clear", |console| {
            let clear = console.is_degraded("not_recording").is_none()
                && console.is_degraded("store_unreachable").is_none();
            clear.then_some(())
        })
        .await?;
    operator.answer(known).await?;
    console.until("the answer", |console| console.alarm(known)?.alarm.answered.clone()).await?;
    node.finish(GONE).await
}

#[tokio::test]
async fn a_centre_moves_from_files_to_postgres() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    let operator = Operator::sit(&node, &scene.seat)?;
    operator.answer(alarm).await?;
    node.finish(&[]).await?;

    let address = shared().database();
    let from = data.path().to_str().expect("UTF-8");
    let copied = dispatch_e2e::node::ortoo(&["store", "copy", "--from", from, "--to", &address])?;
    assert!(copied.status.success(), "{copied:?}");
    let said = String::from_utf8_lossy(&copied.stdout).into_owned();
    let verified = dispatch_e2e::node::ortoo(&["verify", "--store", &address])?;
    let proof = String::from_utf8_lossy(&verified.stdout).into_owned();
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
    for name in ["audit head", "state"] {
        assert!(line(&said, name).is_some() && line(&said, name) == line(&proof, name), "{said}\n{proof}");
    }
    let again = dispatch_e2e::node::ortoo(&["store", "copy", "--from", from, "--to", &address])?;
    let why = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && why.contains("name an empty database"), "{why}");

    let moved = tempfile::tempdir()?;
    let node = Node::start(moved.path(), &["serve", "--store", &address]).await?;
    let console = Console::open(&node.client("watch")?).await?;
    assert!(console.alarm(alarm).is_some_and(|view| view.alarm.answered.is_some()));
    node.finish(&["kept under another key"]).await
}

#[tokio::test]
async fn a_database_that_does_not_checksum_its_pages_is_named() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let cluster = Cluster::without_checksums();
    let address = cluster.database();
    let node = Node::start(data.path(), &["serve", "--region", "xilingol", "--store", &address]).await?;
    assert!(node.log().iter().any(|line| line.contains("data_checksums is off")), "{:?}", node.log());
    node.finish(&["data_checksums is off"]).await
}
