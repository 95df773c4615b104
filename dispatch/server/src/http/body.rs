//! Bodies, read up to a limit.

use std::time::Duration;

use axum::body::Body;
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
pub async fn whole(mut body: Body, limit_bytes: usize) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    match fill(&mut bytes, &mut body, limit_bytes).await {
        End::Cut => {
            let problem =
                Problem::new(413, "too_large", format!("a body here has at most {limit_bytes} bytes"));
            Err(problem.with("limit_bytes", limit_bytes).into())
        }
        End::Broken(error) => {
            Err(Problem::new(400, "malformed", format!("the body broke off: {error}")).into())
        }
        End::Whole | End::Late => Ok(bytes),
    }
}

/// Reads what there is of a body, up to a limit and as long as it is patient: whatever happens, what came is not lost.
pub async fn up_to(mut body: Body, limit_bytes: usize, patience: Duration) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    let end = timeout_at(Instant::now() + patience, fill(&mut bytes, &mut body, limit_bytes)).await;
    (bytes, end.unwrap_or(End::Late))
}

async fn fill(bytes: &mut Vec<u8>, body: &mut Body, limit_bytes: usize) -> End {
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return End::Broken(error.to_string()),
        };
        if let Ok(data) = frame.into_data() {
            let room = limit_bytes - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                return End::Cut;
            }
        }
    }
    End::Whole
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
        assert_eq!(up_to(stalled, 9, short).await, (b"help".to_vec(), End::Late));
        let broken = come().chain(stream::iter([Err(std::io::Error::other("gone"))]));
        let (bytes, end) = up_to(Body::from_stream(broken), 9, Duration::from_mins(1)).await;
        assert_eq!(bytes, b"help");
        assert!(matches!(end, End::Broken(_)));
        assert_eq!(
            up_to(Body::from_stream(come()), 3, Duration::from_mins(1)).await,
            (b"hel".to_vec(), End::Cut)
        );
        assert_eq!(
            up_to(Body::from_stream(come()), 4, Duration::from_mins(1)).await,
            (b"help".to_vec(), End::Whole)
        );
    }
}
