//! Bodies, read up to a limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use dispatch_api::problem::Problem;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use super::reply::Refused;

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
}

/// Reads a whole body; one over the limit is refused.
pub async fn whole(mut body: Body, limit_bytes: usize) -> Result<Bytes, Refused> {
    let mut read = Read::default();
    match read.fill(&mut body, limit_bytes).await {
        End::Cut => {
            let problem =
                Problem::new(413, "too_large", format!("a body here has at most {limit_bytes} bytes"));
            Err(problem.with("limit_bytes", limit_bytes).into())
        }
        End::Broken(error) => {
            Err(Problem::new(400, "malformed", format!("the body broke off: {error}")).into())
        }
        End::Whole | End::Late => Ok(read.bytes()),
    }
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
                Err(error) => return End::Broken(error.to_string()),
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
