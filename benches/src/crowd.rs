//! Consoles, many to one thread, that watch and say nothing.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use dispatch_api::stream::{ClientMessage, Subscribe};
use tokio::sync::{Notify, mpsc as orders};
use tokio::task::{JoinSet, LocalSet};

use crate::sent::Sent;
use crate::watch::{Counts, Mark, Watch};
use crate::wire::Socket;

/// How long all consoles together may take to stand somewhere.
const PATIENCE: Duration = Duration::from_mins(2);

/// What kind of consoles.
#[derive(Debug)]
pub struct Consoles {
    /// How many.
    pub count: usize,
    /// Whether they want position frames.
    pub positions: bool,
    /// How they know deltas again.
    pub mark: Mark,
    /// Whether the server answers with a snapshot; a peer does not.
    pub snapshot: bool,
}

/// Consoles at their places.
#[derive(Debug)]
pub struct Crowd {
    thread: JoinHandle<Result<Watch>>,
    orders: orders::UnboundedSender<Order>,
    counts: Arc<Counts>,
}

#[derive(Debug)]
enum Order {
    Begin(mpsc::Sender<()>),
    Leave,
}

impl Crowd {
    /// Opens the consoles one after another, each waiting for its snapshot.
    pub fn gather(address: SocketAddr, consoles: Consoles, sent: &Arc<Sent>) -> Result<Self> {
        let (order, mut given) = orders::unbounded_channel();
        let (ready, is_ready) = mpsc::channel();
        let counts = Arc::new(Counts::default());
        let (sent, shared) = (sent.clone(), counts.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, async move {
                let watch = Watch::new(consoles.count, consoles.mark.clone(), sent, shared);
                let watch = Rc::new(RefCell::new(watch));
                let mut attending = seat(address, &consoles, &watch).await?;
                let _ = ready.send(());
                loop {
                    tokio::select! {
                        order = given.recv() => match order {
                            Some(Order::Begin(begun)) => {
                                watch.borrow_mut().begin();
                                let _ = begun.send(());
                            }
                            Some(Order::Leave) | None => break,
                        },
                        Some(ended) = attending.join_next() => {
                            ended?.context("a console lost its connection")?;
                            bail!("the server closed a console's connection");
                        }
                    }
                }
                attending.shutdown().await;
                Rc::into_inner(watch).map(RefCell::into_inner).context("consoles are still at their places")
            })
        });
        let crowd = Self { thread, orders: order, counts };
        match is_ready.recv_timeout(PATIENCE) {
            Ok(()) => Ok(crowd),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(crowd.leave().err().unwrap_or_else(|| anyhow!("ended")))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("consoles wait for their snapshots in vain"),
        }
    }

    /// Counts and times from now on.
    pub fn begin(&self) {
        let (begun, has_begun) = mpsc::channel();
        let _ = self.orders.send(Order::Begin(begun));
        // An error says that the thread has ended, which leaving will tell.
        let _ = has_begun.recv();
    }

    /// Deltas delivered, over all consoles.
    pub fn deltas(&self) -> u64 {
        self.counts.deltas.load(Ordering::Relaxed)
    }

    /// Ticks delivered, over all consoles.
    pub fn ticks(&self) -> u64 {
        self.counts.ticks.load(Ordering::Relaxed)
    }

    /// Waits until so many deltas are delivered, or `most` has passed; how long it took.
    pub fn wait_for(&self, deltas: u64, most: Duration) -> Duration {
        let began = Instant::now();
        while self.deltas() < deltas && began.elapsed() < most {
            std::thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    }

    /// Everybody goes; what they saw.
    pub fn leave(self) -> Result<Watch> {
        let _ = self.orders.send(Order::Leave);
        self.thread.join().map_err(|_| anyhow!("the consoles' thread panicked"))?
    }
}

async fn seat(
    address: SocketAddr,
    consoles: &Consoles,
    watch: &Rc<RefCell<Watch>>,
) -> Result<JoinSet<Result<()>>> {
    let subscribe = Subscribe { positions: consoles.positions, ..Subscribe::default() };
    let text = serde_json::to_string(&ClientMessage::Subscribe(subscribe))?;
    let stands = Rc::new(Notify::new());
    let mut attending = JoinSet::new();
    for console in 0..consoles.count {
        let opened = Socket::open(address, None).await;
        let mut socket = opened.with_context(|| format!("open console {console} of {}", consoles.count))?;
        socket.say(&text).await?;
        let (watch_of_this, stands_now) = (watch.clone(), stands.clone());
        attending.spawn_local(async move {
            loop {
                let open = socket.hear(|opcode, payload| {
                    watch_of_this.borrow_mut().take(console, opcode, payload);
                });
                if !open.await? {
                    return Ok(());
                }
                stands_now.notify_one();
            }
        });
        while consoles.snapshot && watch.borrow().standing <= console {
            stands.notified().await;
            if let Some(ended) = attending.try_join_next() {
                ended?.context("a console lost its connection before its snapshot")?;
                bail!("the server closed a connection before the snapshot");
            }
        }
    }
    Ok(attending)
}
