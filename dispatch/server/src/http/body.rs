//! Bodies, read up to a limit, within a time, and as long as there is [room](crate::room) for what they hold.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes};
use dispatch_api::problem::Problem;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, timeout_at};

use super::reply::Refused;
use crate::room::{Doing, Place, Room};

/// A body has so long to come. An alarm is raised then with what has come of it.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Seconds after which a body may be sent again for which there is no room.
const NO_ROOM_RETRY_S: u32 = 1;

/// A body as it comes in, which says at its place that it moves, holds room, and ends where the place is given to another.
#[derive(Debug)]
pub struct Incoming {
    body: hyper::body::Incoming,
    room: Arc<Room>,
    place: Arc<Place>,
}

impl Incoming {
    /// The body of a request on this place.
    pub fn new(body: hyper::body::Incoming, room: Arc<Room>, place: Arc<Place>) -> Self {
        Self { body, room, place }
    }
}

impl hyper::body::Body for Incoming {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        // Before looking: whoever lets go after this wakes it.
        self.place.wake(context.waker());
        if self.place.is_let_go() {
            return Poll::Ready(Some(Err(NoRoom.into())));
        }
        let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
            self.place.be(Doing::Answering);
            return Poll::Ready(None);
        };
        let bytes = frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
        if !self.room.hold(&self.place, bytes) {
            return Poll::Ready(Some(Err(NoRoom.into())));
        }
        Poll::Ready(Some(frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// There was no room for the rest of a body.
#[derive(Debug, thiserror::Error)]
#[error("there was no room for it")]
struct NoRoom;

/// How a body ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// It was read to its end.
    Whole,
    /// There was more than the limit.
    Cut,
    /// It broke off.
    Broken(String),
    /// It was not there in time.
    Late,
    /// There was no room for the rest of it.
    NoRoom,
}

/// Reads a whole body; one over the limit, too late or without room is refused.
pub async fn whole(body: Body, limit_bytes: usize) -> Result<Bytes, Refused> {
    let problem = match up_to(body, limit_bytes, PATIENCE).await {
        (bytes, End::Whole) => return Ok(bytes),
        (_, End::Cut) => {
            let why = format!("a body here has at most {limit_bytes} bytes");
            Problem::new(413, "too_large", why).with("limit_bytes", limit_bytes)
        }
        (_, End::Broken(error)) => Problem::new(400, "malformed", format!("the body broke off: {error}")),
        (_, End::Late) => {
            let seconds = PATIENCE.as_secs();
            let why = format!("a body has {seconds} s to come, and this one was not complete");
            Problem::new(408, "body_late", why).with("limit_s", seconds)
        }
        (_, End::NoRoom) => {
            let why = "there is no room for more bodies; try again after 1 s";
            Problem::new(503, "busy", why).with("retry_after_s", NO_ROOM_RETRY_S)
        }
    };
    Err(problem.into())
}

/// Reads what there is of a body, up to a limit and as long as it is patient: whatever happens, what came is not lost.
pub async fn up_to(mut body: Body, limit_bytes: usize, patience: Duration) -> (Bytes, End) {
    let mut read = Read::default();
    let end = timeout_at(Instant::now() + patience, read.fill(&mut body, limit_bytes)).await;
    (read.bytes(), end.unwrap_or(End::Late))
}

/// What has come of a body. One that comes in one piece is that piece.
#[derive(Default)]
struct Read {
    first: Bytes,
    pieces: Vec<u8>,
}

impl Read {
    async fn fill(&mut self, body: &mut Body, limit_bytes: usize) -> End {
        while let Some(frame) = body.frame().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    let error = error.into_inner();
                    let is_room = error.is::<NoRoom>();
                    return if is_room { End::NoRoom } else { End::Broken(error.to_string()) };
                }
            };
            let Ok(mut data) = frame.into_data() else { continue };
            let room = limit_bytes - self.first.len().max(self.pieces.len());
            let cut = data.len() > room;
            data.truncate(room);
            if self.first.is_empty() {
                self.first = data;
            } else {
                if self.pieces.is_empty() {
                    self.pieces.extend_from_slice(&self.first);
                }
                self.pieces.extend_from_slice(&data);
            }
            if cut {
                return End::Cut;
            }
        }
        End::Whole
    }

    fn bytes(self) -> Bytes {
        if self.pieces.is_empty() { self.first } else { self.pieces.into() }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn what_came_of_a_body_is_never_lost() {
        let come = || stream::iter([Ok::<_, std::io::Error>("he"), Ok("lp")]);
        let short = Duration::from_millis(10);
        let stalled = Body::from_stream(come().chain(stream::pending()));
        assert_eq!(up_to(stalled, 9, short).await, (Bytes::from_static(b"help"), End::Late));
        let broken = come().chain(stream::iter([Err(std::io::Error::other("gone"))]));
        let (bytes, end) = up_to(Body::from_stream(broken), 9, Duration::from_mins(1)).await;
        assert_eq!(bytes, "help");
        assert!(matches!(end, End::Broken(_)));
        assert_eq!(
            up_to(Body::from_stream(come()), 3, Duration::from_mins(1)).await,
            (Bytes::from_static(b"hel"), End::Cut)
        );
        assert_eq!(
            up_to(Body::from_stream(come()), 4, Duration::from_mins(1)).await,
            (Bytes::from_static(b"help"), End::Whole)
        );
    }

    async fn read(pieces: &[&'static str], limit_bytes: usize) -> (Bytes, End) {
        let pieces: Vec<std::io::Result<Bytes>> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        up_to(Body::from_stream(stream::iter(pieces)), limit_bytes, Duration::from_mins(1)).await
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        assert_eq!(read(&[], 4).await, (Bytes::new(), End::Whole));
        assert_eq!(read(&["abcd"], 4).await, (Bytes::from_static(b"abcd"), End::Whole));
        assert_eq!(read(&["", "ab", "", "c", "d"], 4).await, (Bytes::from_static(b"abcd"), End::Whole));
        assert_eq!(read(&["abcde"], 4).await, (Bytes::from_static(b"abcd"), End::Cut));
        assert_eq!(read(&["ab", "cde", "f"], 4).await, (Bytes::from_static(b"abcd"), End::Cut));
        assert_eq!(read(&["abcd", "e"], 4).await, (Bytes::from_static(b"abcd"), End::Cut));
        assert!(whole(Body::from("abcde"), 4).await.is_err());
    }
}
