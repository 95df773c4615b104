//! Who is told by webhook: a real HTTP server in the test that takes deliveries, or fails, stalls and hangs up as it is
//! told to.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::deadline;

/// What it does with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Takes it: 204.
    Take,
    /// Answers with another status.
    Answer(u16),
    /// Reads it and says nothing for as long as the sender waits.
    Stall,
    /// Reads it and hangs up.
    HangUp,
}

/// A delivery as it came.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// `Ortoo-Delivery`.
    pub key: String,
    /// `Idempotency-Key`.
    pub idempotency: String,
    /// `Ortoo-Signature`.
    pub signature: String,
    /// The body.
    pub body: Value,
    /// What was done with it.
    pub mood: Mood,
}

impl Delivered {
    /// The row of the journal it is of.
    pub fn seq(&self) -> u64 {
        self.body["seq"].as_u64().unwrap_or_default()
    }
}

/// A receiver.
#[derive(Debug)]
pub struct Receiver {
    address: String,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Inner {
    moods: Mutex<VecDeque<Mood>>,
    came: Mutex<Vec<Delivered>>,
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Receiver {
    /// Listens on a free port and takes everything.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let inner = Arc::new(Inner::default());
        let shared = inner.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(shared.clone(), socket));
            }
        });
        Ok(Self { address, inner, task })
    }

    /// What it is to do with the deliveries to come, in order; those after are taken.
    pub fn plan(&self, moods: &[Mood]) {
        held(&self.inner.moods).extend(moods);
    }

    /// Every delivery that came, repeats included.
    pub fn came(&self) -> Vec<Delivered> {
        held(&self.inner.came).clone()
    }

    /// What it took, by row; each with its key.
    pub fn taken(&self) -> BTreeMap<u64, String> {
        let came = held(&self.inner.came);
        let taken = came.iter().filter(|it| it.mood == Mood::Take);
        taken.map(|it| (it.seq(), it.key.clone())).collect()
    }

    /// Waits until it took these rows.
    pub async fn until_taken(&self, rows: &[u64]) -> anyhow::Result<()> {
        let missing = || {
            let taken = self.taken();
            rows.iter().copied().filter(|row| !taken.contains_key(row)).collect::<Vec<_>>()
        };
        let waited = deadline::until("the receiver to have everything", || async {
            Ok(missing().is_empty().then_some(()))
        });
        waited.await.with_context(|| format!("rows {:?} were never delivered", missing()))
    }

    /// Writes a configuration whose sink `receiver` it is, told of `events`; for `--config`.
    pub fn configure(&self, folder: &Path, events: &[&str]) -> anyhow::Result<PathBuf> {
        let key = folder.join("receiver.key");
        std::fs::write(&key, "0123456789abcdef0123456789abcdef\n")?;
        let path = folder.join("ortoo.toml");
        let text = format!(
            "[[sink]]\nname = \"receiver\"\nkind = \"webhook\"\nurl = \"http://{}/in\"\nevents = {events:?}\n\
             key_file = \"{}\"\ntimeout_ms = 400\nretry_ms = 20\nretry_max_ms = 100\n",
            self.address,
            key.display()
        );
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request of one connection.
async fn serve(inner: Arc<Inner>, mut socket: TcpStream) {
    let Ok(Some(mut delivered)) = read(&mut socket).await else { return };
    let mood = held(&inner.moods).pop_front().unwrap_or(Mood::Take);
    delivered.mood = mood;
    held(&inner.came).push(delivered);
    let status = match mood {
        Mood::Take => 204,
        Mood::Answer(status) => status,
        Mood::HangUp => return,
        Mood::Stall => {
            // Until the sender has had enough.
            let _ = socket.read(&mut [0; 1]).await;
            return;
        }
    };
    let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // Whoever sent it may have been killed meanwhile.
    let _ = socket.write_all(answer.as_bytes()).await;
}

async fn read(socket: &mut TcpStream) -> anyhow::Result<Option<Delivered>> {
    let mut bytes = Vec::new();
    let head = loop {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec())?;
    let header = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        lines.clone().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length").context("a length")?.parse()?;
    while bytes.len() < head + 4 + length {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Delivered {
        key: header("ortoo-delivery").context("a key")?,
        idempotency: header("idempotency-key").context("an idempotency key")?,
        signature: header("ortoo-signature").context("a signature")?,
        body: serde_json::from_slice(&bytes[head + 4..])?,
        mood: Mood::Take,
    }))
}
