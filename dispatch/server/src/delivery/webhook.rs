//! A webhook: JSON by HTTP POST, signed, under a key that repeats have in common. What its receiver answers is judged
//! by the status alone; a body is not read.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use reqwest::redirect::Policy;
use sha2::Sha256;

use super::payload::SinkPayload;
use crate::config::Sink;

/// The key of a delivery, the same for every repeat.
pub(super) const DELIVERY: HeaderName = HeaderName::from_static("ortoo-delivery");
/// The same under the name that gateways know (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY: HeaderName = HeaderName::from_static("idempotency-key");
/// `t=<seconds since 1970>,v1=<hex>`: see [`signature`].
const SIGNATURE: HeaderName = HeaderName::from_static("ortoo-signature");

/// How we name ourselves.
const AGENT: &str = concat!("ortoo/", env!("CARGO_PKG_VERSION"));

/// What a receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has it.
    Confirmed(u16),
    /// It does not want it.
    Refused(u16),
    /// Not now, or nothing was heard of it.
    Again(Option<u16>),
}

/// Posts to one receiver.
#[derive(Debug)]
pub struct Webhook {
    http: reqwest::Client,
    url: String,
    key: Vec<u8>,
}

impl Webhook {
    /// Of a sink with the key of its signatures.
    pub fn new(sink: &Sink, key: Vec<u8>) -> reqwest::Result<Self> {
        // A redirect would send an order to somebody who was not named; a proxy of the environment likewise.
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(Duration::from_millis(u64::from(sink.timeout_ms)))
            .build()?;
        Ok(Self { http, url: sink.url.as_str().to_owned(), key })
    }

    /// Posts a delivery under its key; `at` is the wall's time in seconds.
    pub async fn post(&self, delivery: &str, at: i64, payload: &SinkPayload) -> Verdict {
        let Ok(body) = serde_json::to_vec(payload) else { return Verdict::Again(None) };
        let signed = signature(&self.key, at, delivery, &body);
        let request = self
            .http
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header(DELIVERY, delivery)
            .header(IDEMPOTENCY, delivery)
            .header(SIGNATURE, format!("t={at},v1={signed}"))
            .body(body);
        match request.send().await {
            Ok(response) => judge(response.status().as_u16()),
            Err(_) => Verdict::Again(None),
        }
    }
}

/// What a status means: taken, unwanted, or another time.
fn judge(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Confirmed(status),
        408 | 425 | 429 => Verdict::Again(Some(status)),
        400..=499 => Verdict::Refused(status),
        _ => Verdict::Again(Some(status)),
    }
}

/// HMAC-SHA-256 in hex over `<seconds>.<delivery>.<body>`, so that neither time nor key can be changed without it.
fn signature(key: &[u8], at: i64, delivery: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{at}.{delivery}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_taken_unwanted_or_another_time() {
        assert_eq!(judge(204), Verdict::Confirmed(204));
        for unwanted in [400, 401, 404, 410, 422] {
            assert_eq!(judge(unwanted), Verdict::Refused(unwanted));
        }
        for later in [301, 408, 425, 429, 500, 503] {
            assert_eq!(judge(later), Verdict::Again(Some(later)));
        }
    }

    /// Made with `printf '7.j-1-s.{}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
    #[test]
    fn a_signature_is_what_openssl_makes() {
        let made = signature(b"0123456789abcdef", 7, "j-1-s", b"{}");
        assert_eq!(made, "cf96f5b6d031ba503f3ba07f61ed0b73d9ee36db9bae41742577343659b6669e");
    }
}
