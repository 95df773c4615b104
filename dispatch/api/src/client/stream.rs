//! The stream as a client sees it: messages and frames, in order of arrival.

use std::collections::VecDeque;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::ClientError;
use crate::frame::{self, Frame};
use crate::stream::{ClientMessage, ServerMessage, Subscribe};
use crate::{BASE, PROTOCOL};

/// An open stream.
#[derive(Debug)]
pub struct StreamClient {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Of the binary message read last, the frames not handed on yet.
    frames: VecDeque<Frame>,
}

/// One thing that came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "read one at a time and taken apart")]
pub enum Received {
    /// A message in JSON.
    Message(ServerMessage),
    /// A position frame.
    Frame(Frame),
}

impl StreamClient {
    /// Connects to the node at `base` (`http://…`).
    pub async fn open(base: &str) -> Result<Self, ClientError> {
        let address = format!("{}{BASE}/stream", base.replacen("http", "ws", 1));
        let mut request = address.into_client_request().map_err(|error| broken(&error))?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
        let (socket, _) = tokio_tungstenite::connect_async(request).await.map_err(|error| broken(&error))?;
        Ok(Self { socket, frames: VecDeque::new() })
    }

    /// Says what is wanted.
    pub async fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), ClientError> {
        self.send(&ClientMessage::Subscribe(subscribe)).await
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<(), ClientError> {
        let text = serde_json::to_string(message).map_err(|error| ClientError::Stream(error.to_string()))?;
        self.send_text(text).await
    }

    /// Sends any text, as a broken client would.
    pub async fn send_text(&mut self, text: String) -> Result<(), ClientError> {
        self.socket.send(Message::text(text)).await.map_err(|error| broken(&error))
    }

    /// The next message or frame; none when the server closed.
    pub async fn next(&mut self) -> Result<Option<Received>, ClientError> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Ok(Some(Received::Frame(frame)));
            }
            let Some(message) = self.socket.next().await else { return Ok(None) };
            match message.map_err(|error| broken(&error))? {
                Message::Text(text) => {
                    let message = serde_json::from_str(&text)
                        .map_err(|error| ClientError::Stream(format!("unreadable message: {error}")))?;
                    return Ok(Some(Received::Message(message)));
                }
                Message::Binary(bytes) => {
                    let frames: Result<_, _> = frame::read(&bytes).collect();
                    self.frames = frames.map_err(|error| ClientError::Stream(error.to_string()))?;
                }
                Message::Close(_) => return Ok(None),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Closes the connection in order.
    pub async fn close(mut self) -> Result<(), ClientError> {
        self.socket.close(None).await.map_err(|error| broken(&error))
    }
}

fn broken(error: &tokio_tungstenite::tungstenite::Error) -> ClientError {
    ClientError::Stream(error.to_string())
}
