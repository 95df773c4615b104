//! A broadcast channel and one task for each console that sends what it receives, message by message: what the examples
//! of WebSocket servers do. Each send is flushed, so each is a write of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::watch::wall_us;

/// More messages than a run sends: nobody is dropped for being behind.
const ROOM: usize = 65_536;

/// What it sends.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// It begins when so many are there.
    #[arg(long)]
    consoles: usize,
    /// Messages per second, up to 1,000.
    #[arg(long)]
    rate: u32,
    /// How many messages.
    #[arg(long)]
    messages: u32,
    /// Bytes of a message.
    #[arg(long)]
    bytes: usize,
}

/// Serves.
pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(serve(options))
}

async fn serve(options: &Options) -> Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    let (sender, _) = broadcast::channel(ROOM);
    let here = Arc::new(AtomicUsize::new(0));
    tokio::spawn(speak(options.clone(), sender.clone(), here.clone()));
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(attend(stream, sender.subscribe(), here.clone()));
    }
}

async fn attend(stream: TcpStream, mut messages: Receiver<Utf8Bytes>, here: Arc<AtomicUsize>) {
    let _ = stream.set_nodelay(true);
    let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let (mut sink, mut source) = socket.split();
    here.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move { while source.next().await.is_some_and(|message| message.is_ok()) {} });
    while let Ok(message) = messages.recv().await {
        if sink.send(Message::Text(message)).await.is_err() {
            return;
        }
    }
}

async fn speak(options: Options, sender: Sender<Utf8Bytes>, here: Arc<AtomicUsize>) {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / options.rate);
    while here.load(Ordering::Relaxed) < options.consoles {
        pace.tick().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    pace.reset();
    for seq in 1..=options.messages {
        pace.tick().await;
        let head =
            format!(r#"{{"type":"commit","prev":{},"seq":{seq},"at":{},"deltas":[""#, seq - 1, wall_us());
        let fill = options.bytes.saturating_sub(head.len() + 3);
        let _ = sender.send(format!("{head}{:x<fill$}\"]}}", "").into());
    }
}
