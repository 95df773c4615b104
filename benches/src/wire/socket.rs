//! A WebSocket as RFC 6455 lays its frames out, read without copying where a message came whole.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use dispatch_api::{BASE, PROTOCOL};
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Opcode of a text message.
pub const TEXT: u8 = 1;
/// Opcode of a binary message.
pub const BINARY: u8 = 2;

/// A client's end.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    inbox: Inbox,
    buffer: Box<[u8]>,
}

impl Socket {
    /// Opens the node's stream. `receive_bytes` bounds what the kernel takes in for it, if it shall be little.
    pub async fn open(address: SocketAddr, receive_bytes: Option<u32>) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {BASE}/stream HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {PROTOCOL}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        let end = loop {
            if stream.read_buf(&mut head).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = memmem::find(&head, b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err(Error::other(String::from_utf8_lossy(&head).into_owned()));
        }
        let inbox = Inbox { pending: head.split_off(end) };
        Ok(Self { stream, inbox, buffer: vec![0; 32 * 1024].into_boxed_slice() })
    }

    /// Sends a text of at most 65,535 bytes, masked with zeros as the format demands a mask.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        let length = u16::try_from(text.len()).map_err(|_| Error::other("too long"))?;
        let mut frame = vec![0x80 | TEXT, 0xfe];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.stream.write_all(&frame).await
    }

    /// Waits for bytes and hands on each whole message with its opcode. False when the server closed.
    pub async fn hear(&mut self, each: impl FnMut(u8, &[u8])) -> Result<bool> {
        let count = self.stream.read(&mut self.buffer).await?;
        self.inbox.take(&self.buffer[..count], each)?;
        Ok(count > 0)
    }
}

/// What came and is not a whole message yet.
#[derive(Debug, Default)]
pub struct Inbox {
    pending: Vec<u8>,
}

impl Inbox {
    /// Takes bytes in and hands on each message that is whole.
    pub fn take(&mut self, bytes: &[u8], mut each: impl FnMut(u8, &[u8])) -> Result<()> {
        if self.pending.is_empty() {
            let used = whole(bytes, &mut each)?;
            self.pending.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        self.pending.extend_from_slice(bytes);
        let used = whole(&self.pending, &mut each)?;
        self.pending.drain(..used);
        if self.pending.is_empty() && self.pending.capacity() > 256 * 1024 {
            // The first snapshot is large, nothing after it is.
            self.pending = Vec::new();
        }
        Ok(())
    }
}

/// Hands on whole messages; how many bytes they took.
fn whole(bytes: &[u8], each: &mut impl FnMut(u8, &[u8])) -> Result<usize> {
    let mut used = 0;
    while let Some((opcode, head, length)) = frame(&bytes[used..])? {
        let Some(payload) = bytes.get(used + head..used + head + length) else { break };
        each(opcode, payload);
        used += head + length;
    }
    Ok(used)
}

/// Opcode, bytes of the head, bytes of the payload; none while the head is not whole.
fn frame(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>> {
    let Some([first, second]) = bytes.first_chunk() else { return Ok(None) };
    if first & 0x80 == 0 || second & 0x80 != 0 {
        return Err(Error::new(ErrorKind::InvalidData, "a fragment or a masked frame"));
    }
    let opcode = first & 0x0f;
    let rest = &bytes[2..];
    Ok(match second {
        126 => rest.first_chunk().map(|length| (opcode, 4, usize::from(u16::from_be_bytes(*length)))),
        127 => {
            let length = rest.first_chunk().map(|length| u64::from_be_bytes(*length));
            length.and_then(|length| usize::try_from(length).ok()).map(|length| (opcode, 10, length))
        }
        short => Some((opcode, 2, usize::from(*short))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_whole_however_they_are_cut() {
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x82, 126, 1, 44];
        bytes.extend([7; 300]);
        bytes.extend([0x82, 127, 0, 0, 0, 0, 0, 1, 17, 112]);
        bytes.extend(vec![9; 70_000]);
        for cut in [1, 3, 5, 7, 100, 309, 320, 40_000, bytes.len()] {
            let mut inbox = Inbox::default();
            let mut heard = Vec::new();
            for part in bytes.chunks(cut) {
                inbox.take(part, |opcode, payload| heard.push((opcode, payload.to_vec()))).unwrap();
            }
            let lengths: Vec<_> = heard.iter().map(|(opcode, payload)| (*opcode, payload.len())).collect();
            assert_eq!(lengths, [(TEXT, 2), (BINARY, 300), (BINARY, 70_000)], "cut at {cut}");
            assert!(heard[2].1.iter().all(|byte| *byte == 9));
        }
    }

    #[test]
    fn a_fragment_is_an_error() {
        assert!(Inbox::default().take(&[0x01, 1, 0], |_, _| {}).is_err());
    }
}
