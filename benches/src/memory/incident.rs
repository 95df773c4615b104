//! One incident from its alarm to its close, by those who take part in it.

use anyhow::{Context, Result, bail};
use dispatch_api::answer::Receipt;
use dispatch_api::client::{Client, ClientError};
use serde_json::{Value, json};
use uuid::Uuid;

/// A phone of the register, the seat that answers it, and the types of the region.
#[derive(Clone, Debug)]
pub struct Desk {
    number: String,
    seat: String,
    types: Vec<String>,
}

impl Desk {
    /// Every phone whose banner has a desk.
    pub async fn all(client: &Client) -> Result<Vec<Self>> {
        let region: Value = client.get("/region").await?;
        let entries = |list: &str| region[list].as_object().cloned().unwrap_or_default();
        let level = usize::try_from(region["label_level"].as_u64().context("label_level")?)?;
        let plain = entries("types").into_iter().filter(|(_, entry)| entry["sensitive"] != true);
        let types: Vec<String> = plain.map(|(code, _)| code).collect();
        let (desks, seats) = (entries("desks"), entries("seats"));
        let seat_at = |banner: &[Value]| {
            let desk =
                desks.iter().find(|(_, desk)| desk["area"].as_array().is_some_and(|at| at == banner))?;
            let seat = seats.iter().find(|(_, seat)| seat["desk"] == desk.0.as_str())?;
            Some(seat.0.clone())
        };
        let phones = entries("points").into_iter().filter(|(_, point)| point["kind"] == "phone");
        let desk = |(_, point): (String, Value)| {
            let seat = seat_at(point["area"].as_array()?.get(..=level)?)?;
            Some(Self { number: point["number"].as_str()?.to_owned(), seat, types: types.clone() })
        };
        Ok(phones.filter_map(desk).collect())
    }

    /// Lives one: raised, answered, given a type, sent to the first unit that may go, carried out, told of and closed.
    pub async fn live(&self, client: &Client, number: u32) -> Result<()> {
        let source = client.clone().with_actor("exchange");
        let name = format!("operator-{}", number % 20);
        let operator = client.clone().with_actor(&name).with_seat(&self.seat);
        let body = json!({ "source": "point", "number": self.number, "text": "着火了" });
        let raised = source.raise(&body, Uuid::now_v7()).await?;
        let alarm = raised.named.alarm.context("a raised alarm has an id")?.to_string();
        act(&operator, "alarms", &alarm, "answer", &json!({})).await?;
        let kind = &self.types[number as usize % self.types.len()];
        let saved = seen(&operator, "alarms", &alarm, "save", json!({ "incident_type": kind })).await?;
        let incident = saved.named.incident.context("a saved type makes an incident")?.to_string();
        if let Some((unit, order)) = send(&operator, &incident).await? {
            let crew = client.clone().with_actor(&format!("unit:{unit}")).with_channel("device");
            for state in ["delivered", "signed", "enroute", "on_scene", "cleared"] {
                act(&crew, "orders", &order, "advance", &json!({ "state": state, "source": "device" }))
                    .await?;
            }
        }
        let result = json!({ "kind": "result", "disposition": "resolved", "text": "好了" });
        let given = act(&operator, "incidents", &incident, "feedback", &result).await?;
        let accept = json!({ "feedback": given.feedback, "accept": true });
        seen(&operator, "incidents", &incident, "review", accept).await?;
        seen(&operator, "incidents", &incident, "close", json!({})).await?;
        Ok(())
    }
}

/// The unit that was sent and its order; none where all that were recommended are of other desks or taken.
async fn send(operator: &Client, incident: &str) -> Result<Option<(String, String)>> {
    let shown: Value = operator.get(&format!("/incidents/{incident}")).await?;
    let recommendation = shown["recommendation"].as_str().context("a recommendation")?;
    let advice: Value = operator.get(&format!("/recommendations/{recommendation}")).await?;
    let ranked = advice["ranked"].as_array().cloned().unwrap_or_default();
    for unit in ranked.iter().filter(|one| one["needs_support"] != true) {
        let unit = unit["candidate"]["unit"].as_str().context("a unit")?;
        let body =
            json!({ "targets": [{ "unit": unit }], "recommendation": recommendation, "confirmed": true });
        match seen(operator, "incidents", incident, "dispatch", body).await {
            Ok(sent) => {
                let order = sent.named.orders.first().context("a dispatch names its order")?;
                return Ok(Some((unit.to_owned(), order.to_string())));
            }
            Err(ClientError::Problem(_)) => {}
            Err(error) => bail!(error),
        }
    }
    Ok(None)
}

/// An act that rests on the version on screen.
async fn seen(
    client: &Client,
    collection: &str,
    id: &str,
    what: &str,
    mut body: Value,
) -> Result<Receipt, ClientError> {
    let shown: Value = client.get(&format!("/{collection}/{id}")).await?;
    body["expected_version"] = shown["version"].clone();
    act(client, collection, id, what, &body).await
}

async fn act(
    client: &Client,
    collection: &str,
    id: &str,
    what: &str,
    body: &Value,
) -> Result<Receipt, ClientError> {
    client.act(collection, id, what, body, Uuid::now_v7()).await
}
