//! The limit of fan-out: one loop that tries to write one ready frame to every console at each tick. A console that
//! cannot take it is passed over.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use dispatch_api::frame::{HEADER_BYTES, TILE, VERSION};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::watch::wall_us;
use crate::wire::BINARY;

/// What it sends.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// It begins when so many are there.
    #[arg(long)]
    consoles: usize,
    /// Milliseconds between ticks.
    #[arg(long)]
    every_ms: u64,
    /// Bytes of a frame, at least 24.
    #[arg(long)]
    bytes: usize,
}

/// Serves.
pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(options))
}

async fn serve(options: &Options) -> Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    let mut consoles: Vec<TcpStream> = Vec::new();
    while consoles.len() < options.consoles {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await? > 0 {}
        // A connection that only tried whether somebody listens sends nothing.
        if head.starts_with(b"GET") {
            let answer =
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n";
            stream.write_all(answer).await?;
            consoles.push(stream);
        }
    }
    let mut frame = vec![0x80 | BINARY, 127];
    frame.extend((options.bytes as u64).to_be_bytes());
    let payload = frame.len();
    frame.resize(payload + options.bytes, 0);
    frame[payload..payload + 2].copy_from_slice(&[VERSION, TILE]);
    // Where the time of the first frame stands, behind the version.
    let at = payload + 1 + HEADER_BYTES - 8;
    let mut pace = tokio::time::interval(Duration::from_millis(options.every_ms));
    loop {
        pace.tick().await;
        frame[at..at + 8].copy_from_slice(&wall_us().to_le_bytes());
        for console in &consoles {
            let _ = console.try_write(&frame);
        }
    }
}
