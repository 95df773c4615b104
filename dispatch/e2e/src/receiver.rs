//! Who is told by webhook: a real HTTP server in the test that takes deliveries, or fails, stalls and hangs up as it is
//! told to.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    /// Sends it on to itself, under a path where nothing is to come.
    Redirect,
    /// Begins an answer and goes on a byte at a time, without end.
    Drip,
    /// Says that it is at work on it, without end.
    Inform,
    /// Takes it, and answers with a body without end.
    Pour,
}

impl Mood {
    /// Whether it says that it has it.
    fn takes(self) -> bool {
        matches!(self, Self::Take | Self::Pour)
    }
}

/// Where a redirect leads.
const ELSEWHERE: &str = "/elsewhere";
/// What a sender that reads no further may have in its sockets, bytes.
const POURED_MAX: usize = 16 << 20;

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
    strayed: AtomicUsize,
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
        let taken = came.iter().filter(|it| it.mood.takes());
        taken.map(|it| (it.seq(), it.key.clone())).collect()
    }

    /// How often a sender followed a redirect, or read on from an answer without end.
    pub fn strayed(&self) -> usize {
        self.inner.strayed.load(Ordering::Relaxed)
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
    let Ok(Some((path, mut delivered))) = read(&mut socket).await else { return };
    if path == ELSEWHERE {
        inner.strayed.fetch_add(1, Ordering::Relaxed);
        return;
    }
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
        Mood::Redirect => {
            let there = format!("HTTP/1.1 307 Said\r\nLocation: {ELSEWHERE}\r\nContent-Length: 0\r\n\r\n");
            let _ = socket.write_all(there.as_bytes()).await;
            return;
        }
        Mood::Drip => {
            let _ = socket.write_all(b"HTTP/1.1 204 Said\r\nSlow: ").await;
            while socket.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            return;
        }
        Mood::Inform => {
            while socket.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            return;
        }
        Mood::Pour => {
            let _ = socket.write_all(b"HTTP/1.1 200 Said\r\nContent-Length: 1000000000000\r\n\r\n").await;
            let mut poured = 0;
            while poured <= POURED_MAX && socket.write_all(&[b'x'; 4096]).await.is_ok() {
                poured += 4096;
            }
            if poured > POURED_MAX {
                inner.strayed.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
    };
    let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // Whoever sent it may have been killed meanwhile.
    let _ = socket.write_all(answer.as_bytes()).await;
}

/// The path of a request, and what was delivered.
async fn read(socket: &mut TcpStream) -> anyhow::Result<Option<(String, Delivered)>> {
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
    let path = text.split(' ').nth(1).context("a path")?.to_owned();
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
    let delivered = Delivered {
        key: header("ortoo-delivery").context("a key")?,
        idempotency: header("idempotency-key").context("an idempotency key")?,
        signature: header("ortoo-signature").context("a signature")?,
        body: serde_json::from_slice(&bytes[head + 4..])?,
        mood: Mood::Take,
    };
    Ok(Some((path, delivered)))
}
