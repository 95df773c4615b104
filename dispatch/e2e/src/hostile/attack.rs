//! Ways of being rude to a node. Each goes on until its process is ended.

use std::net::SocketAddr;
use std::time::Duration;

use dispatch_api::client::StreamClient;
use dispatch_api::stream::{Resume, Subscribe};
use dispatch_core::kernel::id::JournalId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::oracle::chance::Chance;

/// A way of being rude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Large bodies that hold nothing but faults, as fast as they go.
    Faults,
    /// Large bodies that stop before their end.
    StalledBodies,
    /// Bodies of which one byte comes.
    OneByte,
    /// Calls for help of which one byte comes.
    OneByteCalls,
    /// Connections on which nothing is said.
    Silence,
    /// Connections that are opened and closed as fast as they go.
    Churn,
    /// Consoles that ask for one part after another and read nothing.
    Toggling,
    /// Consoles that resume where nobody is, and read nothing.
    Resuming,
    /// Consoles that never say what they want.
    Unsubscribed,
    /// Methods nobody has heard of.
    Methods,
    /// Questions as fast as they go, by nobody.
    Questions,
    /// Heads, bodies and messages at random.
    Noise,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Faults,
        Self::StalledBodies,
        Self::OneByte,
        Self::OneByteCalls,
        Self::Silence,
        Self::Churn,
        Self::Toggling,
        Self::Resuming,
        Self::Unsubscribed,
        Self::Methods,
        Self::Questions,
        Self::Noise,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::StalledBodies => "stalled-bodies",
            Self::OneByte => "one-byte",
            Self::OneByteCalls => "one-byte-calls",
            Self::Silence => "silence",
            Self::Churn => "churn",
            Self::Toggling => "toggling",
            Self::Resuming => "resuming",
            Self::Unsubscribed => "unsubscribed",
            Self::Methods => "methods",
            Self::Questions => "questions",
            Self::Noise => "noise",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.name() == name)
    }

    fn rude(self) -> usize {
        match self {
            Self::Faults | Self::Churn => 4,
            Self::Methods | Self::Questions | Self::Noise => 8,
            Self::Toggling | Self::Resuming => 20,
            Self::StalledBodies => 300,
            Self::OneByteCalls | Self::Unsubscribed => 1_100,
            Self::OneByte | Self::Silence => 11_000,
        }
    }

    /// Goes on for ever: with so many clients, each beginning again whenever the node sends it away.
    pub async fn run(self, at: SocketAddr, seed: u64) {
        let mut rude = JoinSet::new();
        for number in 0..self.rude() {
            let mut chance = Chance::new(seed, number as u64);
            rude.spawn(async move {
                loop {
                    // That it ends is the node's right.
                    let _ = self.once(at, &mut chance).await;
                    tokio::time::sleep(Duration::from_millis(chance.below(50))).await;
                }
            });
        }
        while rude.join_next().await.is_some() {}
    }

    async fn once(self, at: SocketAddr, chance: &mut Chance) -> anyhow::Result<()> {
        match self {
            Self::Faults => {
                let path = ["positions", "points/heartbeats"][chance.place(2)];
                let fault = ["{\n", "0,", "[", "{\"unit\":1}\n"][chance.place(4)];
                let mut body = fault.repeat(4 * 1024 * 1024 / fault.len());
                if fault == "0," {
                    body = format!("[{}0]", &body[..body.len() - 2]);
                }
                let mut stream = say(at, &head("POST", path, body.len())).await?;
                stream.write_all(body.as_bytes()).await?;
                hear(&mut stream).await
            }
            Self::StalledBodies => {
                let mut stream = say(at, &head("POST", "positions", 4 * 1024 * 1024)).await?;
                stream.write_all(&vec![b' '; 4 * 1024 * 1024 - 1]).await?;
                hear(&mut stream).await
            }
            Self::OneByte => {
                let mut stream = say(at, &format!("{}{{", head("POST", "positions", 1_000))).await?;
                hear(&mut stream).await
            }
            Self::OneByteCalls => {
                let mut stream = say(at, &format!("{}{{", head("POST", "alarms", 1_000))).await?;
                hear(&mut stream).await
            }
            Self::Silence => hear(&mut say(at, "").await?).await,
            Self::Churn => {
                for _ in 0..1_000 {
                    drop(say(at, "").await?);
                }
                Ok(())
            }
            Self::Toggling | Self::Resuming => self.ask(at, chance).await,
            Self::Unsubscribed => {
                let mut stream = StreamClient::open(&format!("http://{at}")).await?;
                while stream.next().await?.is_some() {}
                Ok(())
            }
            Self::Methods => {
                let mut stream = say(at, "").await?;
                for _ in 0..100 {
                    let method = format!("M{}", chance.below(u64::MAX));
                    stream.write_all(head(&method, "alarms", 0).as_bytes()).await?;
                }
                stream.shutdown().await?;
                hear(&mut stream).await
            }
            Self::Questions => {
                let mut stream = say(at, "").await?;
                let (mut reading, mut writing) = stream.split();
                let asking = async {
                    let question = head("GET", "units?limit=500", 0).repeat(20);
                    loop {
                        writing.write_all(question.as_bytes()).await?;
                    }
                };
                let mut answers = tokio::io::sink();
                tokio::select! {
                    ended = asking => ended,
                    _ = tokio::io::copy(&mut reading, &mut answers) => Ok(()),
                }
            }
            Self::Noise => {
                let mut bytes = vec![0; 1 + chance.place(20_000)];
                for byte in &mut bytes {
                    *byte = chance.next().to_le_bytes()[0];
                }
                let whole =
                    head("POST", ["alarms", "incidents", "stream", "%ff"][chance.place(4)], bytes.len());
                let cut = chance.place(2 * whole.len());
                let mut stream = say(at, whole.get(..cut).unwrap_or(&whole)).await?;
                stream.write_all(&bytes).await?;
                stream.shutdown().await?;
                hear(&mut stream).await
            }
        }
    }

    /// Asks for one part after another, and reads nothing.
    async fn ask(self, at: SocketAddr, chance: &mut Chance) -> anyhow::Result<()> {
        let mut stream = StreamClient::open(&format!("http://{at}")).await?;
        loop {
            let areas = vec![String::new(), format!("{}{}", chance.below(u64::MAX), "x".repeat(200))];
            let journal_id = JournalId(Uuid::nil());
            let resume = (self == Self::Resuming).then_some(Resume { journal_id, seq: 0 });
            stream.subscribe(Subscribe { areas, resume, positions: true, ..Subscribe::default() }).await?;
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }
}

fn head(method: &str, path: &str, length: usize) -> String {
    format!("{method} /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
}

async fn say(at: SocketAddr, text: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(text.as_bytes()).await?;
    Ok(stream)
}

/// Waits until the node ends the connection.
async fn hear(stream: &mut TcpStream) -> anyhow::Result<()> {
    let mut heard = [0; 4_096];
    while stream.read(&mut heard).await? > 0 {}
    Ok(())
}
