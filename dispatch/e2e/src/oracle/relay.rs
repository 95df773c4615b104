//! The way between a node and its database: a relay that can be cut. What is on its way when it is cut arrives after it
//! was mended, as over a network: late, and not lost.

use std::path::PathBuf;

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Bytes carried at once.
const PARCEL: usize = 16 * 1024;

/// A relay from a port of its own to a socket.
#[derive(Debug)]
pub struct Relay {
    /// The port it listens at, on the loopback address.
    pub port: u16,
    whole: watch::Sender<bool>,
    _carrying: JoinSet<()>,
}

impl Relay {
    /// Begins to carry.
    pub async fn to(socket: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let whole = watch::Sender::new(true);
        let state = whole.subscribe();
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                while open.try_join_next().is_some() {}
                let Ok(far) = UnixStream::connect(&socket).await else { continue };
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = far.into_split();
                open.spawn(carry(near_in, far_out, state.clone()));
                open.spawn(carry(far_in, near_out, state.clone()));
            }
        });
        Ok(Self { port, whole, _carrying: carrying })
    }

    /// Nothing gets through any more, in either direction; nobody is told.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Everything gets through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

/// Carries until either end is closed.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut whole: watch::Receiver<bool>,
) {
    let mut parcel = vec![0; PARCEL];
    loop {
        let read = from.read(&mut parcel).await;
        if whole.wait_for(|whole| *whole).await.is_err() {
            return;
        }
        match read {
            Ok(count) if count > 0 && to.write_all(&parcel[..count]).await.is_ok() => {}
            _ => return,
        }
    }
}
