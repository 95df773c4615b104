//! The id in a path, as it was written before it was escaped.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use dispatch_api::door::DoorRule;
use dispatch_api::problem::Problem;

use super::reply::Refused;

/// The one parameter of a path. A path that is no text is refused as everything is: by a problem.
#[derive(Debug)]
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let read = Path::<String>::from_request_parts(parts, state).await;
        read.map(|Path(id)| Self(id)).map_err(|_| Problem::path(&DoorRule::Utf8).into())
    }
}
