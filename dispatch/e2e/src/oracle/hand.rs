//! The hand of a client: writes a command down, sends it, and sends it again with the same id until it is answered for
//! what it is, however often the server dies meanwhile.

use std::sync::Arc;
use std::time::Duration;

use dispatch_api::answer::Receipt;
use dispatch_api::client::{Client, ClientError};
use serde_json::Value;

use super::chance::Chance;
use super::ledger::{CommandFate, Key, Ledger, Request};
use crate::cast::key;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(15);
/// A request that hangs is given up: whether it was done is unknown.
const PATIENCE: Duration = Duration::from_secs(3);

/// One client, which sends one command after another.
#[derive(Debug)]
pub struct Hand {
    client: Client,
    actor: String,
    ledger: Arc<Ledger>,
    chance: Chance,
}

/// Where a command goes.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// A new alarm.
    Alarm,
    /// An operation of the table: collection, id, act.
    Act(&'a str, &'a str, &'a str),
}

impl Path<'_> {
    fn request(self, body: &Value) -> Request {
        let act = match self {
            Self::Alarm => None,
            Self::Act(collection, of, act) => Some([collection, of, act].map(str::to_owned)),
        };
        Request { act, body: body.clone() }
    }
}

impl Hand {
    /// Of an actor.
    pub fn new(client: Client, actor: &str, ledger: &Arc<Ledger>, chance: Chance) -> Self {
        Self { client: client.with_actor(actor), actor: actor.to_owned(), ledger: ledger.clone(), chance }
    }

    /// Asks something, again and again until it is answered.
    pub async fn ask(&self, path: &str) -> Value {
        loop {
            match tokio::time::timeout(PATIENCE, self.client.get(path)).await {
                Ok(Ok(found)) => return found,
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// A command with a new id. Its receipt, or the code it is refused with.
    pub async fn send(&mut self, path: Path<'_>, body: &Value) -> Result<Receipt, String> {
        let id = key();
        let what = match path {
            Path::Alarm => "alarm".to_owned(),
            Path::Act(_, of, act) => format!("{act} {of}"),
        };
        let entry = self.ledger.open(&self.actor, id, what);
        self.ledger.holds(&entry, path.request(body));
        let answer = loop {
            if let Some(answer) = self.once(path, body, &entry).await {
                break answer;
            }
            tokio::time::sleep(PAUSE).await;
        };
        // Now and then what is answered already is sent again, as a client does whose answer was lost on the way.
        if self.chance.one_in(8) {
            let again = self.once(path, body, &entry).await;
            if let (Ok(_), Some(Ok(again))) = (&answer, again)
                && !again.repeated
            {
                self.ledger.finds(format!("{entry:?} was done a second time: {again:?}"));
            }
        }
        answer
    }

    /// Sends once more what another hand of the actor has sent, until it is answered.
    pub async fn again(&self, request: &Request, entry: &Key) -> Result<Receipt, String> {
        let path = match &request.act {
            None => Path::Alarm,
            Some([collection, of, act]) => Path::Act(collection, of, act),
        };
        loop {
            if let Some(answer) = self.once(path, &request.body, entry).await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One try; none when it is not known what became of it.
    async fn once(&self, path: Path<'_>, body: &Value, entry: &Key) -> Option<Result<Receipt, String>> {
        self.ledger.sends();
        let id = entry.1.0;
        let sent = async {
            match path {
                Path::Alarm => self.client.raise(body, id).await,
                Path::Act(collection, of, act) => self.client.act(collection, of, act, body, id).await,
            }
        };
        match tokio::time::timeout(PATIENCE, sent).await {
            Ok(Ok(receipt)) => {
                self.ledger.answered(entry, CommandFate::Acknowledged { seq: receipt.seq });
                Some(Ok(receipt))
            }
            // Said to be tried again: busy, not recorded, not ready.
            Ok(Err(ClientError::Problem(problem))) if problem.status < 500 && problem.status != 429 => {
                self.ledger.answered(entry, CommandFate::Refused { code: problem.code.clone() });
                Some(Err(problem.code))
            }
            Ok(Err(_)) | Err(_) => None,
        }
    }
}
