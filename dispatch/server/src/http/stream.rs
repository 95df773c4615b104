//! The stream (D15): one WebSocket for each client. What is queued is drained and written at once; a client that takes
//! nothing is let go; nobody waits for it.
//!
//! The library reads; what goes out is laid out here (`outbox`), answers to the client's pings and its close among it.

use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use dispatch_api::PROTOCOL;
use dispatch_api::door::DoorRule;
use dispatch_api::problem::Problem;
use dispatch_api::stream::{ClientMessage, ServerMessage};
use dispatch_core::kernel::text::told;
use futures_util::StreamExt as _;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::guard::Payer;
use super::heavy;
use super::outbox::Outbox;
use super::reply::Refused;
use crate::hub::hello::hello;
use crate::hub::queue::Queue;
use crate::hub::{ClientId, Entered, Unsubscribed};
use crate::node::Node;
use crate::peer::Peer;

/// Longest message of a client.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Messages a client may send in one second.
const MESSAGES_PER_S: u32 = 20;
/// What is on its way from a client that is let go is read for so long.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A stream has so long to say what it wants.
const UNSUBSCRIBED: Duration = Duration::from_secs(10);
/// What a client is told for which there is no place.
const FULL: &str = "there are as many subscribers as there may be; try again after 5 s";
/// How often it is looked at whether a client takes what it is sent.
const LOOK: Duration = Duration::from_secs(2);
/// While others wait for room, a client takes so many bytes between two looks, or leaves.
const TAKEN_MIN: u64 = 32 * 1024;
/// Of the time a snapshot takes, its client waits so many times as long for the next.
const RESTS: u32 = 3;

type Io = TokioIo<Upgraded>;

/// The reading half for the library. What the library would write by itself is swallowed: the writing half answers.
struct Ear(ReadHalf<Io>);

impl AsyncRead for Ear {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Ear {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// `GET /stream`: takes the connection over as a WebSocket, or says why not.
pub async fn open(Shared(node): Shared<Arc<Node>>, mut request: Request) -> Response<Body> {
    match accept(&mut request) {
        Ok((upgrade, response)) => {
            let payer = request.extensions().get::<Arc<Payer>>();
            let address = payer.map_or(IpAddr::from([127, 0, 0, 1]), |payer| payer.address());
            let mut streams = node.streams.lock().unwrap_or_else(PoisonError::into_inner);
            while streams.try_join_next().is_some() {}
            streams.spawn(serve(node.clone(), upgrade, address));
            drop(streams);
            response
        }
        Err(problem) => Refused(problem).into_response(),
    }
}

fn accept(request: &mut Request) -> Result<(OnUpgrade, Response<Body>), Box<Problem>> {
    let bad = |header: HeaderName| {
        Box::new(Problem::header(header.as_str(), &DoorRule::WebSocket { protocol: PROTOCOL }))
    };
    let headers = request.headers();
    if !holds(headers, header::UPGRADE, "websocket") || !holds(headers, header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(bad(header::UPGRADE));
    }
    if !holds(headers, header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        return Err(bad(header::SEC_WEBSOCKET_PROTOCOL));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or_else(|| bad(header::SEC_WEBSOCKET_KEY))?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .map_err(|_| bad(header::SEC_WEBSOCKET_KEY))?;
    let upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or_else(|| bad(header::CONNECTION))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    Ok((upgrade, response))
}

fn holds(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(wanted))
}

async fn serve(node: Arc<Node>, upgrade: OnUpgrade, address: IpAddr) {
    let upgraded = match upgrade.await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            tracing::debug!(%error, "a stream was not taken up");
            return;
        }
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let (ear, out) = tokio::io::split(TokioIo::new(upgraded));
    let source = WebSocketStream::from_raw_socket(Ear(ear), Role::Server, Some(config)).await;
    let Entered { id, queue, leave } = node.hub.enter(node.config.limits.subscribers);
    node.metrics.count("ortoo_streams_total", &[]);
    // Answers to the client's own messages; a client that floods is let go before this fills.
    let (answers, answered) = mpsc::channel(64);
    let first = hello(&node.hub.standing(), node.now(), &node.region().manifest, &node.config.stream);
    let stall = Duration::from_millis(u64::from(node.config.stream.stall_ms));
    let writing = write(node.clone(), id, queue, out, first, answered, stall);
    let mut stop = node.stop.clone();
    let why = tokio::select! {
        why = writing => why,
        _ = stop.wait_for(|stop| *stop) => "stopped",
        () = leave.notified() => "gave_way",
        why = read(&node, (id, address), source, answers) => why,
    };
    node.hub.leave(id);
    node.metrics.count("ortoo_streams_ended_total", &[("why", why)]);
}

async fn write(
    node: Arc<Node>,
    id: ClientId,
    queue: Arc<Queue>,
    mut out: WriteHalf<Io>,
    first: ServerMessage,
    mut answered: mpsc::Receiver<Message>,
    stall: Duration,
) -> &'static str {
    let mut messages = vec![Message::Text(text(&first))];
    let mut outbox = Outbox::default();
    let mut rests_until = Instant::now();
    loop {
        let closing = messages.iter().any(Message::is_close);
        messages.drain(..).for_each(|message| outbox.put(message));
        if let Err(why) = send(&node, &mut outbox, &mut out, stall).await {
            return why;
        }
        if closing {
            return "told_to_go";
        }
        tokio::select! {
            () = queue.wait() => {}
            answer = answered.recv() => messages.extend(answer),
        }
        let due = queue.take();
        if !due.lost && !due.asked {
            messages.extend(due.messages);
            continue;
        }
        if due.lost {
            node.metrics.count("ortoo_stream_resets_total", &[("reason", "slow")]);
        }
        tokio::time::sleep_until(rests_until.into()).await;
        while node.hub.is_full() {
            tokio::time::sleep(LOOK / 20).await;
        }
        let hub = node.hub.clone();
        let written = heavy::apart(move || hub.answer(id, due.lost));
        let Ok(((), took)) = written.await else { return "failed" };
        rests_until = Instant::now() + took * RESTS;
    }
}

/// Sends what is laid out to a client that takes it.
async fn send(
    node: &Node,
    outbox: &mut Outbox,
    out: &mut WriteHalf<Io>,
    stall: Duration,
) -> Result<(), &'static str> {
    let sent = outbox.sent();
    let mut sending = pin!(outbox.send(out));
    let mut seen = (sent.load(Ordering::Relaxed), Instant::now());
    loop {
        match tokio::time::timeout(LOOK.min(stall), &mut sending).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(_)) => return Err("closed"),
            Err(_) => {}
        }
        let now = sent.load(Ordering::Relaxed);
        let taken = now - seen.0;
        if taken < TAKEN_MIN && node.hub.is_full() {
            return Err("gave_way");
        }
        if taken > 0 {
            seen = (now, Instant::now());
        } else if seen.1.elapsed() >= stall {
            return Err("stalled");
        }
    }
}

async fn read(
    node: &Node,
    (id, address): (ClientId, IpAddr),
    mut source: WebSocketStream<Ear>,
    answers: mpsc::Sender<Message>,
) -> &'static str {
    let deadline = Instant::now() + UNSUBSCRIBED;
    let mut subscribed = false;
    let mut second = (Instant::now(), 0);
    loop {
        let next = source.next();
        let message = if subscribed {
            next.await
        } else {
            let Ok(next) = tokio::time::timeout_at(deadline.into(), next).await else {
                return "unsubscribed";
            };
            next
        };
        let Some(message) = message else { return "closed" };
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                let Some(close) = broken(&error) else { return "broken" };
                drain(source.get_mut()).await;
                return say_goodbye(&answers, Some(close)).await;
            }
        };
        if second.0.elapsed().as_secs() >= 1 {
            second = (Instant::now(), 0);
        }
        second.1 += 1;
        if second.1 > MESSAGES_PER_S {
            let reason = Utf8Bytes::from_static("too many messages");
            let close = CloseFrame { code: CloseCode::Policy, reason };
            return say_goodbye(&answers, Some(close)).await;
        }
        let answer = match message {
            Message::Text(text) => match hear(node, (id, address), &text) {
                Heard::Subscribed => {
                    subscribed = true;
                    None
                }
                Heard::Answer(answer) => Some(answer),
                Heard::Full => {
                    let reason = Utf8Bytes::from_static(FULL);
                    let close = CloseFrame { code: CloseCode::Again, reason };
                    return say_goodbye(&answers, Some(close)).await;
                }
            },
            Message::Binary(_) => Some(problem("malformed", "messages of clients are text")),
            Message::Close(close) => return say_goodbye(&answers, close).await,
            Message::Ping(asked) => Some(Message::Pong(asked)),
            Message::Pong(_) | Message::Frame(_) => None,
        };
        if let Some(answer) = answer
            && answers.send(answer).await.is_err()
        {
            return "closed";
        }
    }
}

/// What a client is told that does not keep to the protocol (RFC 6455 section 7.4.1); none where nobody is there to hear it.
fn broken(error: &Error) -> Option<CloseFrame> {
    let (code, reason) = match error {
        Error::Utf8(_) => (CloseCode::Invalid, "text is UTF-8"),
        Error::Capacity(_) => (CloseCode::Size, "the message is too long"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
        Error::Protocol(_) => (CloseCode::Protocol, "this is not the WebSocket protocol"),
        _ => return None,
    };
    Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
}

/// Reads on for a moment, to no end: a connection that ends with something unread takes back what was written last.
async fn drain(source: &mut Ear) {
    let mut rest = [0; 4_096];
    let reading = async { while source.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
    // Most clients wait for what they are told; those that go on sending are heard no longer.
    let _ = tokio::time::timeout(LAST_WORDS, reading).await;
}

/// The writing half sends a close and ends the connection; if it cannot, it stalls out.
async fn say_goodbye(answers: &mpsc::Sender<Message>, close: Option<CloseFrame>) -> &'static str {
    if answers.send(Message::Close(close)).await.is_err() {
        return "closed";
    }
    std::future::pending().await
}

/// What came of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The client has said what it wants.
    Subscribed,
    /// It is answered at once.
    Answer(Message),
    /// There is no place for it.
    Full,
}

/// Takes one message of a client.
pub fn hear(node: &Node, (id, address): (ClientId, IpAddr), said: &str) -> Heard {
    let subscribe = match serde_json::from_str(said) {
        Ok(ClientMessage::Ping { t }) => {
            return Heard::Answer(Message::Text(text(&ServerMessage::Pong { t })));
        }
        Ok(ClientMessage::Subscribe(subscribe)) => subscribe,
        Err(error) => return Heard::Answer(problem("malformed", &error.to_string())),
    };
    let peer = Peer::at_seat(address, subscribe.seat.as_ref(), &node.state());
    match node.hub.subscribe(id, &subscribe, (peer, node.config.limits.subscribers)) {
        Ok(()) => Heard::Subscribed,
        Err(Unsubscribed::Wrong(why)) => Heard::Answer(problem("subscribe", &why)),
        Err(Unsubscribed::Full) => Heard::Full,
    }
}

fn problem(code: &str, detail: &str) -> Message {
    Message::Text(text(&ServerMessage::Problem { code: code.to_owned(), detail: told(detail) }))
}

fn text(message: &ServerMessage) -> Utf8Bytes {
    serde_json::to_string(message).expect("messages have string keys and finite numbers only").into()
}
