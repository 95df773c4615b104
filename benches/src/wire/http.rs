//! One HTTP/1.1 connection, one request at a time.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection kept open.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    outbox: Vec<u8>,
    inbox: Vec<u8>,
    body: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let inbox = Vec::with_capacity(64 * 1024);
        Ok(Self { stream, host: address.to_string(), outbox: Vec::new(), inbox, body: 0 })
    }

    /// Posts a body and waits for the whole answer; its status. `headers` are whole lines, each with its line end.
    pub async fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<u16> {
        self.outbox.clear();
        let head = [
            "POST ",
            path,
            " HTTP/1.1\r\nhost: ",
            &self.host,
            "\r\n",
            headers,
            "content-length: ",
            &body.len().to_string(),
            "\r\n\r\n",
        ];
        for part in head {
            self.outbox.extend_from_slice(part.as_bytes());
        }
        self.outbox.extend_from_slice(body);
        self.stream.write_all(&self.outbox).await?;
        self.answer().await
    }

    /// Body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.inbox[self.body..]
    }

    async fn answer(&mut self) -> Result<u16> {
        self.inbox.clear();
        loop {
            if self.stream.read_buf(&mut self.inbox).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let Some(end) = memmem::find(&self.inbox, b"\r\n\r\n") else { continue };
            let (status, length) = head(&self.inbox[..end])?;
            self.body = end + 4;
            while self.inbox.len() < self.body + length {
                if self.stream.read_buf(&mut self.inbox).await? == 0 {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            return Ok(status);
        }
    }
}

/// Status and length of the body.
fn head(bytes: &[u8]) -> Result<(u16, usize)> {
    let text = std::str::from_utf8(bytes).map_err(|_| bad("a head that is not text"))?;
    let status = text.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| bad("no status"))?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok((status, length.ok_or_else(|| bad("an answer without content-length"))?))
}

fn bad(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}
