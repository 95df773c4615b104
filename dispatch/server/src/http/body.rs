//! Bodies, read up to a limit.

use axum::body::Body;
use dispatch_api::problem::Problem;
use http_body_util::BodyExt as _;

use super::reply::Refused;

/// Reads a whole body; one over the limit is refused.
pub async fn whole(body: Body, limit_bytes: usize) -> Result<Vec<u8>, Refused> {
    let (bytes, cut) = up_to(body, limit_bytes).await?;
    if cut {
        let problem = Problem::new(413, "too_large", format!("a body here has at most {limit_bytes} bytes"));
        return Err(problem.with("limit_bytes", limit_bytes).into());
    }
    Ok(bytes)
}

/// Reads a body up to a limit and says whether there was more.
pub async fn up_to(mut body: Body, limit_bytes: usize) -> Result<(Vec<u8>, bool), Refused> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Problem::new(400, "malformed", format!("the body broke off: {error}")))?;
        if let Ok(data) = frame.into_data() {
            let room = limit_bytes - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
            if data.len() > room {
                return Ok((bytes, true));
            }
        }
    }
    Ok((bytes, false))
}
