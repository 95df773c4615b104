//! Bodies, read up to a limit.

use axum::body::{Body, Bytes};
use dispatch_api::problem::Problem;
use http_body_util::BodyExt as _;

use super::reply::Refused;

/// Reads a whole body; one over the limit is refused.
pub async fn whole(body: Body, limit_bytes: usize) -> Result<Bytes, Refused> {
    let (bytes, cut) = up_to(body, limit_bytes).await?;
    if cut {
        let problem = Problem::new(413, "too_large", format!("a body here has at most {limit_bytes} bytes"));
        return Err(problem.with("limit_bytes", limit_bytes).into());
    }
    Ok(bytes)
}

/// Reads a body up to a limit and says whether there was more. One that comes in one piece is that piece.
pub async fn up_to(mut body: Body, limit_bytes: usize) -> Result<(Bytes, bool), Refused> {
    let mut first = Bytes::new();
    let mut pieces = Vec::new();
    let mut cut = false;
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Problem::new(400, "malformed", format!("the body broke off: {error}")))?;
        let Ok(mut data) = frame.into_data() else { continue };
        let room = limit_bytes - first.len().max(pieces.len());
        cut = data.len() > room;
        data.truncate(room);
        if first.is_empty() {
            first = data;
        } else {
            if pieces.is_empty() {
                pieces.extend_from_slice(&first);
            }
            pieces.extend_from_slice(&data);
        }
        if cut {
            break;
        }
    }
    Ok((if pieces.is_empty() { first } else { pieces.into() }, cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    async fn read(pieces: &[&'static str], limit_bytes: usize) -> (Bytes, bool) {
        let pieces: Vec<std::io::Result<Bytes>> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        up_to(Body::from_stream(stream::iter(pieces)), limit_bytes).await.unwrap()
    }

    #[tokio::test]
    async fn pieces_are_put_together_up_to_the_limit() {
        assert_eq!(read(&[], 4).await, (Bytes::new(), false));
        assert_eq!(read(&["abcd"], 4).await, (Bytes::from_static(b"abcd"), false));
        assert_eq!(read(&["", "ab", "", "c", "d"], 4).await, (Bytes::from_static(b"abcd"), false));
        assert_eq!(read(&["abcde"], 4).await, (Bytes::from_static(b"abcd"), true));
        assert_eq!(read(&["ab", "cde", "f"], 4).await, (Bytes::from_static(b"abcd"), true));
        assert_eq!(read(&["abcd", "e"], 4).await, (Bytes::from_static(b"abcd"), true));
        assert!(whole(Body::from("abcde"), 4).await.is_err());
    }
}
