//! WebSocket messages on their way out: everything due is laid out once and handed to the kernel in one call, small
//! messages copied together, large ones as the shared bytes they are.
//!
//! **Absent on purpose**: masks (a server sends without, RFC 6455 section 5.1) and fragments.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// Up to so many bytes copying is cheaper than one more slice.
const COPIED_MAX: usize = 4_096;
/// Capacity kept for the next time.
const KEPT: usize = 64 * 1024;

/// What is to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Headers and small payloads, one after another.
    own: Vec<u8>,
    /// Large payloads, each with how much of `own` goes before it.
    shared: Vec<(usize, Bytes)>,
    /// Bytes the kernel has taken so far.
    sent: Arc<AtomicU64>,
}

impl Outbox {
    /// Lays a message out behind those that are there.
    pub fn put(&mut self, message: Message) {
        let (opcode, payload) = match message {
            Message::Text(text) => (OpCode::Data(Data::Text), text.into()),
            Message::Binary(bytes) => (OpCode::Data(Data::Binary), bytes),
            Message::Ping(bytes) => (OpCode::Control(Control::Ping), bytes),
            Message::Pong(bytes) => (OpCode::Control(Control::Pong), bytes),
            Message::Close(frame) => {
                (OpCode::Control(Control::Close), frame.as_ref().map_or_else(Bytes::new, closing))
            }
            // Comes of reading alone.
            Message::Frame(frame) => (frame.header().opcode, frame.into_payload()),
        };
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        header.format(payload.len() as u64, &mut self.own).expect("a vector takes every byte");
        if payload.len() <= COPIED_MAX {
            self.own.extend_from_slice(&payload);
        } else {
            self.shared.push((self.own.len(), payload));
        }
    }

    /// Bytes the kernel has taken so far; it goes up while [`Self::send`] waits.
    pub fn sent(&self) -> Arc<AtomicU64> {
        self.sent.clone()
    }

    /// Sends all of it.
    pub async fn send(&mut self, out: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
        let mut slices = Vec::with_capacity(2 * self.shared.len() + 1);
        let mut from = 0;
        for (to, payload) in &self.shared {
            slices.push(IoSlice::new(&self.own[from..*to]));
            slices.push(IoSlice::new(payload));
            from = *to;
        }
        slices.push(IoSlice::new(&self.own[from..]));
        let mut left = &mut slices[..];
        // Empty slices at the front do not count as something left.
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            let sent = out.write_vectored(left).await?;
            if sent == 0 {
                return Err(Error::from(ErrorKind::WriteZero));
            }
            self.sent.fetch_add(sent as u64, Ordering::Relaxed);
            IoSlice::advance_slices(&mut left, sent);
        }
        self.shared.clear();
        self.own.clear();
        self.own.shrink_to(KEPT);
        out.flush().await
    }
}

/// The payload of a close: code and reason.
fn closing(frame: &CloseFrame) -> Bytes {
    [&u16::from(frame.code).to_be_bytes(), frame.reason.as_bytes()].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt as _;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::Role;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

    #[tokio::test]
    async fn what_is_put_is_what_a_client_reads() {
        let large = Bytes::from(vec![7; 70_000]);
        let messages = [
            Message::text("one"),
            Message::Binary(large.clone()),
            Message::text("x".repeat(300)),
            Message::Binary(large.slice(..=COPIED_MAX)),
            Message::Pong(Bytes::from_static(b"t")),
            Message::text(""),
            Message::Close(Some(CloseFrame { code: CloseCode::Policy, reason: "too many".into() })),
        ];
        // A pipe that takes little at a time, so that writes are cut anywhere.
        let (mut ours, theirs) = tokio::io::duplex(1_000);
        let mut client = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
        let sent = messages.clone();
        let sending = tokio::spawn(async move {
            let mut outbox = Outbox::default();
            for turn in sent.chunks(3) {
                turn.iter().cloned().for_each(|message| outbox.put(message));
                outbox.send(&mut ours).await.unwrap();
            }
            ours
        });
        for message in messages {
            assert_eq!(client.next().await.unwrap().unwrap(), message);
        }
        sending.await.unwrap();
    }
}
