//! Sinks: to whom what is committed goes by itself (D9). Each is a `[[sink]]` of the file; what is wrong with one is
//! said with its line.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use dispatch_core::kernel::id::EntityId;
use reqwest::Url;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::ConfigError;

/// The shortest key of a signature, bytes.
const KEY_BYTES_MIN: usize = 16;
/// The longest name.
const NAME_MAX: usize = 32;
/// Sinks of one node.
const SINKS_MAX: usize = 16;

/// A receiver outside the centre that is told of what is committed, as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sink {
    /// Its name, by which the journal's cursor and the receiver know it. Another name is another sink.
    pub name: SinkName,
    /// What it is.
    pub kind: SinkKind,
    /// Where it is.
    pub url: WebhookUrl,
    /// What it is told of.
    pub events: BTreeSet<Topic>,
    /// File that holds the key of its signatures; `ORTOO_SINK_<NAME>_KEY` in the environment goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// How long an answer is waited for, milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u32,
    /// Until it is tried again for the first time, milliseconds; twice as long each further time.
    #[serde(default = "retry_ms")]
    pub retry_ms: u32,
    /// The longest time until it is tried again, milliseconds.
    #[serde(default = "retry_max_ms")]
    pub retry_max_ms: u32,
}

/// What kind of sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkKind {
    /// JSON by HTTP POST.
    Webhook,
}

/// What a sink is told of: a kind of entity that has a topic ([`EntityId::TOPICS`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Topic(pub &'static str);

/// A name: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SinkName(String);

/// An address that can be posted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebhookUrl(String);

fn timeout_ms() -> u32 {
    5_000
}

fn retry_ms() -> u32 {
    1_000
}

fn retry_max_ms() -> u32 {
    60_000
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = EntityId::TOPICS.iter().find(|topic| **topic == name);
        let none = || D::Error::custom(format!("{name:?} is none of {}", EntityId::TOPICS.join(", ")));
        known.map(|topic| Self(topic)).ok_or_else(none)
    }
}

impl SinkName {
    /// The name as it was written, 1 to 32 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SinkName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let fits = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(fits) {
            return Err("a sink's name is 1 to 32 small letters, digits and hyphens");
        }
        Ok(Self(name))
    }
}

impl From<SinkName> for String {
    fn from(name: SinkName) -> Self {
        name.0
    }
}

impl WebhookUrl {
    /// The whole address, with what stands after `?`; for sending, never for showing.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is where this node answers: what it is told of alarms would be an alarm, and so on without end.
    fn is_node(&self, listen: SocketAddr, advertised: &str) -> bool {
        let Ok(url) = Url::parse(&self.0) else { return false };
        let here = |other: &Url| {
            (other.host_str(), other.port_or_known_default()) == (url.host_str(), url.port_or_known_default())
        };
        if Url::parse(advertised).is_ok_and(|advertised| here(&advertised)) {
            return true;
        }
        let is_local = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified() || ip == listen.ip();
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
        let is_this_machine = match host.parse::<IpAddr>() {
            Ok(ip) => is_local(ip.to_canonical()),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        is_this_machine && listen.port() != 0 && url.port_or_known_default() == Some(listen.port())
    }

    /// As it may be shown: what stands after `?` may be a secret.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self(self.0.split('?').next().unwrap_or_default().to_owned())
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text).map_err(|_| "must be an address, http://HOST:PORT/PATH")?;
        match url.scheme() {
            "http" if url.host_str().is_none() => Err("must name a host"),
            "http" if !url.username().is_empty() || url.password().is_some() => {
                Err("holds a user or a password: deliveries are signed instead (key_file)")
            }
            "http" => Ok(Self(text)),
            "https" => Err("this program speaks no TLS: post to a proxy on this machine that does"),
            _ => Err("must be http://"),
        }
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0
    }
}

impl Sink {
    /// The variable that may hold its key.
    fn variable(&self) -> String {
        format!("ORTOO_SINK_{}_KEY", self.name.as_str().replace('-', "_").to_uppercase())
    }

    /// The key of its signatures: from the environment, else from its file, without the white space around it.
    pub fn key(&self) -> Result<Vec<u8>, ConfigError> {
        let variable = self.variable();
        let (text, from) = match (std::env::var(&variable), &self.key_file) {
            (Ok(text), _) => (text, variable),
            (Err(_), Some(path)) => {
                let path = path.display().to_string();
                let read = std::fs::read_to_string(&path);
                (read.map_err(|source| ConfigError::File { path: path.clone(), source })?, path)
            }
            (Err(_), None) => {
                let detail = format!("has no key: name its key_file, or set {variable}");
                return Err(ConfigError::Sink { name: self.name.as_str().to_owned(), detail });
            }
        };
        let key = text.trim().as_bytes();
        if key.len() < KEY_BYTES_MIN {
            let detail = format!("the key in {from} is shorter than {KEY_BYTES_MIN} bytes");
            return Err(ConfigError::Sink { name: self.name.as_str().to_owned(), detail });
        }
        Ok(key.to_vec())
    }
}

/// Checks what a type alone cannot say of all of them together.
pub(super) fn check(sinks: &[Sink], listen: SocketAddr, advertised: &str) -> Result<(), ConfigError> {
    if sinks.len() > SINKS_MAX {
        return Err(ConfigError::Rule { key: "sink", rule: "there are at most 16" });
    }
    for (index, sink) in sinks.iter().enumerate() {
        let wrong = |detail: &str| {
            Err(ConfigError::Sink { name: sink.name.as_str().to_owned(), detail: detail.to_owned() })
        };
        if sinks[..index].iter().any(|other| other.name == sink.name) {
            return wrong("there are two of this name");
        }
        if sink.events.is_empty() {
            return wrong(&format!("events: name at least one of {}", EntityId::TOPICS.join(", ")));
        }
        if sink.url.is_node(listen, advertised) {
            return wrong("url: is this node itself");
        }
        if sink.timeout_ms == 0 || sink.retry_ms == 0 {
            return wrong("timeout_ms and retry_ms must be more than 0");
        }
        if sink.retry_max_ms < sink.retry_ms {
            return wrong("retry_max_ms must not be less than retry_ms");
        }
        sink.key()?;
    }
    Ok(())
}
