//! Questions, commands, alarms and positions over HTTP.

use dispatch_core::loss::Loss;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stream::StreamClient;
use crate::answer::Receipt;
use crate::heartbeat::HeartbeatsReceipt;
use crate::operation::Operation;
use crate::position::PositionsReceipt;
use crate::problem::Problem;
use crate::{BASE, header};

/// The answer to whoever had a copy written.
#[derive(Deserialize)]
struct BackedUp {
    losses: Vec<Loss>,
}

/// A client that speaks for one actor, at one seat or none.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    actor: String,
    seat: Option<String>,
    channel: Option<String>,
}

/// Why there is no answer of the kind asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refused.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The server answered what is neither the answer nor a problem.
    #[error("status {status} with a body that cannot be read: {body}")]
    Unreadable {
        /// HTTP status of the answer.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// There was no answer.
    #[error("no answer: {0}")]
    Transport(#[from] reqwest::Error),
    /// The stream broke.
    #[error("stream: {0}")]
    Stream(String),
    /// The table has no such operation.
    #[error("there is no operation {0}")]
    NoOperation(String),
}

impl ClientError {
    /// The problem's code, if it is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => Some(&problem.code),
            _ => None,
        }
    }
}

impl Client {
    /// A client of the node at `base`, e.g. `http://127.0.0.1:8110`, speaking as `console` at no seat.
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Ok(Self {
            http: reqwest::Client::builder().build()?,
            base: base.trim_end_matches('/').to_owned(),
            actor: "console".to_owned(),
            seat: None,
            channel: None,
        })
    }

    /// The same, speaking as another actor.
    #[must_use]
    pub fn with_actor(mut self, actor: &str) -> Self {
        actor.clone_into(&mut self.actor);
        self
    }

    /// The same at a seat.
    #[must_use]
    pub fn with_seat(mut self, seat: &str) -> Self {
        self.seat = Some(seat.to_owned());
        self
    }

    /// The same, by a channel other than the one the server guesses.
    #[must_use]
    pub fn with_channel(mut self, channel: &str) -> Self {
        self.channel = Some(channel.to_owned());
        self
    }

    /// The address of the node.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks; `path` begins below `/api/v1`, with its query.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let request = self.http.get(format!("{}{BASE}{path}", self.base));
        read(self.dressed(request).send().await?).await
    }

    /// The text at an absolute path, such as `/metrics`.
    pub async fn text(&self, path: &str) -> Result<String, ClientError> {
        Ok(self.http.get(format!("{}{path}", self.base)).send().await?.error_for_status()?.text().await?)
    }

    /// Sends one command of the table. `key` is kept through retries.
    pub async fn act(
        &self,
        collection: &str,
        id: &str,
        act: &str,
        body: &(impl Serialize + ?Sized),
        key: Uuid,
    ) -> Result<Receipt, ClientError> {
        let row = Operation::find(collection, act)
            .ok_or_else(|| ClientError::NoOperation(format!("{collection} {act}")))?;
        self.post(&row.path().replace("{id}", id), body, key).await
    }

    /// Raises an alarm.
    pub async fn raise(&self, body: &(impl Serialize + ?Sized), key: Uuid) -> Result<Receipt, ClientError> {
        self.post("/alarms", body, key).await
    }

    /// Sends positions as NDJSON.
    pub async fn positions(&self, positions: &[impl Serialize]) -> Result<PositionsReceipt, ClientError> {
        self.lines("/positions", positions).await
    }

    /// Sends heartbeats of alarm points as NDJSON.
    pub async fn heartbeats(&self, heartbeats: &[impl Serialize]) -> Result<HeartbeatsReceipt, ClientError> {
        self.lines("/points/heartbeats", heartbeats).await
    }

    async fn lines<T: DeserializeOwned>(
        &self,
        path: &str,
        lines: &[impl Serialize],
    ) -> Result<T, ClientError> {
        let mut body = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut body, line)
                .map_err(|error| ClientError::Unreadable { status: 0, body: error.to_string() })?;
            body.push(b'\n');
        }
        let request = self.http.post(format!("{}{BASE}{path}", self.base)).body(body);
        read(self.dressed(request.header("content-type", "application/x-ndjson")).send().await?).await
    }

    /// Has the node adopt a region package: an embedded one by its id, or one in its folder of regions. The seat has to be one
    /// that may.
    pub async fn adopt(&self, package: &str) -> Result<Receipt, ClientError> {
        let request = self.http.post(format!("{}/api/node/region", self.base));
        read(self.dressed(request.json(&serde_json::json!({"package": package}))).send().await?).await
    }

    /// Has the node write a copy of its data into a new folder among those of its backups; the losses that stand in it. The
    /// seat has to be one that may.
    pub async fn backup(&self, into: &str) -> Result<Vec<Loss>, ClientError> {
        let request = self.http.post(format!("{}/api/node/backup", self.base));
        let request = request.json(&serde_json::json!({"into": into}));
        let written: BackedUp = read(self.dressed(request).send().await?).await?;
        Ok(written.losses)
    }

    /// Has the node yield the lead to the process that stands by. The seat has to be one that may.
    pub async fn yield_lead(&self) -> Result<(), ClientError> {
        let request = self.http.post(format!("{}/api/node/yield-lead", self.base));
        read::<serde_json::Value>(self.dressed(request).send().await?).await.map(drop)
    }

    /// Opens the stream; the first message is the server's `hello`.
    pub async fn stream(&self) -> Result<StreamClient, ClientError> {
        StreamClient::open(&self.base).await
    }

    async fn post(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
        key: Uuid,
    ) -> Result<Receipt, ClientError> {
        let request = self.http.post(format!("{}{BASE}{path}", self.base)).json(body);
        read(self.dressed(request.header(header::KEY, key.to_string())).send().await?).await
    }

    fn dressed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let mut request = request.header(header::ACTOR, &self.actor);
        if let Some(seat) = &self.seat {
            request = request.header(header::SEAT, seat);
        }
        if let Some(channel) = &self.channel {
            request = request.header(header::CHANNEL, channel);
        }
        request
    }
}

async fn read<T: DeserializeOwned>(response: reqwest::Response) -> Result<T, ClientError> {
    let status = response.status();
    let body = response.bytes().await?;
    if status.is_success()
        && let Ok(answer) = serde_json::from_slice(&body)
    {
        return Ok(answer);
    }
    if let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
        return Err(ClientError::Problem(Box::new(problem)));
    }
    let body = String::from_utf8_lossy(&body).chars().take(500).collect();
    Err(ClientError::Unreadable { status: status.as_u16(), body })
}
