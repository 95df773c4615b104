//! Redis with `GEOADD`, pipelined, spoken to in its own protocol (RESP). It neither flushes nor keeps a track.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Counted, Load, TOGETHER};
use crate::measure::{Spread, histogram, ns};
use crate::node::{Spot, block_on};
use crate::process::{Process, free_address};

/// Starts one that saves nothing.
pub fn start(folder: &Path) -> Result<(Process, SocketAddr)> {
    let address = free_address()?;
    let mut command = Command::new("redis-server");
    command.args([
        "--bind",
        "127.0.0.1",
        "--port",
        &address.port().to_string(),
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    command.arg("--dir").arg(folder);
    let mut process = Process::start(&mut command, None).context("redis-server is a package of Debian")?;
    process.wait_for(address)?;
    Ok((process, address))
}

/// Sends for so long.
pub fn run(
    process: &Process,
    address: SocketAddr,
    units: &[Spot],
    lanes: usize,
    time: Duration,
) -> Result<Load> {
    let (began, cpu) = (Instant::now(), process.cpu_s()?);
    let (pipelines, times) = block_on(async {
        let mut tasks = JoinSet::new();
        for units in units.chunks(units.len().div_ceil(lanes)) {
            let pipelines = |turn| units.chunks_exact(TOGETHER).map(move |units| pipeline(units, turn));
            let pipelines: Vec<Vec<u8>> = (0..8).flat_map(pipelines).collect();
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            tasks.spawn(send(stream, pipelines, time));
        }
        let (mut count, mut times) = (0, histogram());
        while let Some(ended) = tasks.join_next().await {
            let (more, lane) = ended??;
            count += more;
            times.add(&lane)?;
        }
        anyhow::Ok((count, times))
    })??;
    let (took_s, cpu_s) = (began.elapsed().as_secs_f64(), process.cpu_s()? - cpu);
    let applied = pipelines * TOGETHER as u64;
    Counted { requests: pipelines, applied, not_applied: 0, cpu_s, took_s }.load(Spread::of(&times))
}

fn pipeline(units: &[Spot], turn: u32) -> Vec<u8> {
    let mut text = String::new();
    let step = f64::from(turn % 8) * 1e-4;
    for Spot { code, lon, lat } in units {
        text.push_str("*5\r\n$6\r\nGEOADD\r\n$5\r\nunits\r\n");
        for word in [format!("{:.5}", lon + step), format!("{:.5}", lat + step), code.clone()] {
            let _ = write!(text, "${}\r\n{word}\r\n", word.len());
        }
    }
    text.into_bytes()
}

async fn send(
    mut stream: TcpStream,
    pipelines: Vec<Vec<u8>>,
    time: Duration,
) -> Result<(u64, Histogram<u64>)> {
    let mut times = histogram();
    let mut count = 0;
    let began = Instant::now();
    let mut answer = Vec::with_capacity(16 * 1024);
    for pipeline in pipelines.iter().cycle() {
        let sent = Instant::now();
        if sent - began > time {
            break;
        }
        stream.write_all(pipeline).await?;
        answer.clear();
        // Every answer is a whole number on a line of its own: ":0" or ":1".
        while memchr::memchr_iter(b'\n', &answer).count() < TOGETHER {
            ensure!(stream.read_buf(&mut answer).await? > 0, "redis closed the connection");
        }
        ensure!(!answer.contains(&b'-'), "redis refused: {}", String::from_utf8_lossy(&answer));
        times.saturating_record(ns(sent.elapsed()));
        count += 1;
    }
    Ok((count, times))
}
