//! What stands before two nodes in a centre: it asks each whether it leads, and carries every connection to the one that
//! does. Connections to one that does not any more are ended.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Between two looks at the nodes.
const LOOK: Duration = Duration::from_millis(50);
/// A node that does not answer so soon does not lead.
const ANSWERS_IN: Duration = Duration::from_millis(500);

/// The address before the nodes.
#[derive(Debug)]
pub struct Balancer {
    /// Where clients go.
    pub base: String,
    /// Which of the nodes leads.
    pub leader: watch::Receiver<Option<usize>>,
    _working: JoinSet<()>,
}

impl Balancer {
    /// Before the nodes that answer at these addresses, `http://…`.
    pub async fn before(nodes: [String; 2]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (sender, leader) = watch::channel(None);
        let mut working = JoinSet::new();
        let places = nodes.clone().map(|base| base.trim_start_matches("http://").to_owned());
        working.spawn(async move {
            let http = reqwest::Client::new();
            loop {
                let ready = [is_ready(&http, &nodes[0]).await, is_ready(&http, &nodes[1]).await];
                sender.send_if_modified(|leader| {
                    let stays = leader.is_some_and(|at: usize| ready[at]);
                    let next = if stays { *leader } else { ready.iter().position(|ready| *ready) };
                    std::mem::replace(leader, next) != next
                });
                tokio::time::sleep(LOOK).await;
            }
        });
        let watched = leader.clone();
        working.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                while open.try_join_next().is_some() {}
                open.spawn(carry(client, places.clone(), watched.clone()));
            }
        });
        Ok(Self { base, leader, _working: working })
    }

    /// Which node leads, as soon as one does.
    pub async fn leading(&mut self) -> Result<usize> {
        let leader = self.leader.wait_for(Option::is_some).await.context("the balancer has ended")?;
        leader.context("a leader")
    }
}

async fn is_ready(http: &reqwest::Client, base: &str) -> bool {
    let answer = http.get(format!("{base}/readyz")).timeout(ANSWERS_IN).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

async fn carry(mut client: TcpStream, places: [String; 2], mut leader: watch::Receiver<Option<usize>>) {
    let Some(at) = *leader.borrow_and_update() else { return };
    let Ok(mut node) = TcpStream::connect(&places[at]).await else { return };
    tokio::select! {
        // Either end may go at any time.
        _ = copy_bidirectional(&mut client, &mut node) => {}
        _ = leader.changed() => {}
    }
}
