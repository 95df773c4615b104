//! Who acts in a test: seats, a unit and a point of the shipped region, found by asking the node and not by knowing its
//! files; and the commands they send.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use dispatch_api::answer::Receipt;
use dispatch_api::client::{Client, ClientError};
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId, RecommendationId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::node::Node;

/// Longer than anything lasts here, milliseconds.
const A_DAY_MS: u32 = 86_400_000;
/// As late as an arrival may be due, per mille of the estimate.
const LATEST_PER_MILLE: u32 = 10_000;

/// A new command id.
pub fn key() -> Uuid {
    Uuid::now_v7()
}

/// A point with the seats that answer for it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The point's id.
    pub point: String,
    /// The number that rings.
    pub number: String,
    /// Its coordinate, 1e-7 degrees.
    pub at: (i32, i32),
    /// Area path, joined by `/`.
    pub area: String,
    /// The banner's desk.
    pub desk: String,
    /// A call-taker or dispatcher seat there.
    pub seat: String,
    /// Another seat of the same desk.
    pub other_seat: String,
    /// A seat of a topmost desk, which speaks for the whole region.
    pub top_seat: String,
    /// A type that the region knows, with its default priority of 1 if there is one.
    pub incident_type: String,
}

impl Scene {
    /// The first phone of the register whose banner has a desk with two seats.
    pub async fn find(node: &Node) -> anyhow::Result<Self> {
        let region: Value = node.client("test")?.get("/region").await?;
        let label_level = usize::try_from(region["label_level"].as_u64().context("label_level")?)?;
        let points = region["points"].as_object().context("points")?;
        for (point, entry) in points {
            let path: Vec<&str> =
                entry["area"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let Some(banner) = path.get(..=label_level) else { continue };
            if entry["kind"] != "phone" {
                continue;
            }
            let Some(desk) = desk_of(&region, banner) else { continue };
            let seats = seats_of(&region, &desk);
            let [seat, other_seat, ..] = seats.as_slice() else { continue };
            return Ok(Self {
                point: point.clone(),
                number: entry["number"].as_str().context("number")?.to_owned(),
                at: (whole(&entry["at"]["lon"])?, whole(&entry["at"]["lat"])?),
                area: path.join("/"),
                desk,
                seat: seat.clone(),
                other_seat: other_seat.clone(),
                top_seat: top_seat(&region).context("a seat at the top")?,
                incident_type: plain_type(&region).context("a type that is not sensitive")?,
            });
        }
        anyhow::bail!("the region has no phone whose banner has a desk with two seats")
    }
}

/// Whoever leads the shift at a topmost desk.
pub async fn lead(node: &Node) -> anyhow::Result<Client> {
    let region: Value = node.client("test")?.get("/region").await?;
    let leads = |seat: &Value| {
        let desk = seat["desk"].as_str().map(|desk| &region["desks"][desk]);
        seat["role"] == "shift_lead" && desk.is_some_and(|desk| desk["parent"].is_null())
    };
    let seats = region["seats"].as_object().context("seats")?;
    let (seat, _) = seats.iter().find(|(_, seat)| leads(seat)).context("a topmost desk has a shift lead")?;
    Ok(node.client("lead")?.with_seat(seat))
}

fn whole(value: &Value) -> anyhow::Result<i32> {
    Ok(i32::try_from(value.as_i64().context("a whole number")?)?)
}

fn desk_of(region: &Value, banner: &[&str]) -> Option<String> {
    let desks = region["desks"].as_object()?;
    let is_here = |desk: &Value| desk["area"] == json!(banner);
    desks.iter().find(|(_, desk)| is_here(desk)).map(|(id, _)| id.clone())
}

fn seats_of(region: &Value, desk: &str) -> Vec<String> {
    let seats = region["seats"].as_object();
    let here = seats.into_iter().flatten().filter(|(_, seat)| seat["desk"] == desk);
    here.map(|(id, _)| id.clone()).collect()
}

fn top_seat(region: &Value) -> Option<String> {
    let desks = region["desks"].as_object()?;
    let top = desks.iter().filter(|(_, desk)| desk["parent"].is_null());
    top.flat_map(|(id, _)| seats_of(region, id)).next()
}

fn plain_type(region: &Value) -> Option<String> {
    let types = region["types"].as_object()?;
    let plain = |entry: &Value| entry["sensitive"] == false && entry["weapon"] == false;
    types.iter().find(|(_, entry)| plain(entry)).map(|(code, _)| code.clone())
}

/// An operator at a seat.
#[derive(Clone, Debug)]
pub struct Operator {
    client: Client,
}

impl Operator {
    /// Sits down.
    pub fn sit(node: &Node, seat: &str) -> anyhow::Result<Self> {
        Ok(Self { client: node.client(seat)?.with_seat(seat) })
    }

    /// One operation of the table.
    pub async fn act(
        &self,
        collection: &str,
        id: &str,
        act: &str,
        body: Value,
    ) -> Result<Receipt, ClientError> {
        self.client.act(collection, id, act, &body, key()).await
    }

    /// 接警.
    pub async fn answer(&self, alarm: AlarmId) -> Result<Receipt, ClientError> {
        self.act("alarms", &alarm.to_string(), "answer", json!({})).await
    }

    /// The version on screen.
    pub async fn version(&self, collection: &str, id: &str) -> Result<Value, ClientError> {
        let seen: Value = self.client.get(&format!("/{collection}/{id}")).await?;
        Ok(seen["version"].clone())
    }

    /// Saves a type; the incident it makes.
    pub async fn save_type(&self, alarm: AlarmId, incident_type: &str) -> anyhow::Result<IncidentId> {
        let alarm = alarm.to_string();
        let seen = self.version("alarms", &alarm).await?;
        let body = json!({ "incident_type": incident_type, "expected_version": seen });
        let saved = self.act("alarms", &alarm, "save", body).await?;
        saved.named.incident.context("a saved type makes an incident")
    }

    /// 派警 of one unit, with the recommendation on screen.
    pub async fn dispatch(
        &self,
        incident: IncidentId,
        unit: &str,
        recommendation: Option<RecommendationId>,
    ) -> anyhow::Result<OrderId> {
        let incident = incident.to_string();
        let body = json!({
            "expected_version": self.version("incidents", &incident).await?,
            "targets": [{ "unit": unit }], "recommendation": recommendation, "confirmed": true,
        });
        let sent = self.act("incidents", &incident, "dispatch", body).await?;
        sent.named.orders.first().copied().context("a dispatch names its order")
    }
}

/// A crew with its terminal.
#[derive(Clone, Debug)]
pub struct Crew {
    client: Client,
    /// Its unit.
    pub unit: String,
}

impl Crew {
    /// Boards.
    pub fn board(node: &Node, unit: &str) -> anyhow::Result<Self> {
        Ok(Self {
            client: node.client(&format!("unit:{unit}"))?.with_channel("device"),
            unit: unit.to_owned(),
        })
    }

    /// Reports a state of its order.
    pub async fn report(&self, order: OrderId, state: &str) -> Result<Receipt, ClientError> {
        let body = json!({ "state": state, "source": "device" });
        self.client.act("orders", &order.to_string(), "advance", &body, key()).await
    }
}

/// Sends a fix of a unit on duty, so that there is something to keep of tracks.
pub async fn drive(node: &Node) -> anyhow::Result<()> {
    let watch = node.client("watch")?;
    let units: Value = watch.get("/units?status=patrolling&limit=1").await?;
    let unit = units["items"][0]["id"].as_str().context("a unit on duty")?;
    let at = |axis: &str| units["items"][0]["entry"]["home"][axis].as_f64().map(|at| at / 1e7);
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    let fix = json!({ "unit": unit, "lon": at("lon"), "lat": at("lat"), "fix_time": i64::try_from(now)? });
    node.client("device")?.positions(&[fix]).await?;
    Ok(())
}

/// Raises an alarm as a source does.
pub async fn raise(node: &Node, body: &Value) -> anyhow::Result<AlarmId> {
    let receipt = node.client("source")?.raise(body, key()).await?;
    receipt.named.alarm.context("a raised alarm has an id")
}

/// From now on every timer of the region takes a day: nothing happens but what somebody does.
pub async fn let_nothing_run_out(node: &Node, scene: &Scene) -> anyhow::Result<()> {
    let mut timers: Value = node.client("engineer")?.get::<Value>("/region").await?["timers"].take();
    for (name, timer) in
        timers.as_object_mut().context("timers")?.iter_mut().filter(|(_, timer)| timer.is_array())
    {
        // Arrival is due at a share of the estimate.
        let latest = if name == "arrival_per_mille" { LATEST_PER_MILLE } else { A_DAY_MS };
        *timer = json!([latest, latest, latest]);
    }
    Operator::sit(node, &scene.top_seat)?.act("register", "", "timers", json!({ "timers": timers })).await?;
    Ok(())
}
