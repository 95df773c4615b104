//! Requests as inputs are written: the path under `/api/v1` and, behind a space, who asks; in the lines below the body;
//! a line `%` before the next request. `@a0` in path or body stands for the id of the first alarm, `@i1` for that of the
//! second incident and so on, so that an input need not know how ids are minted.

use axum::body::Body;
use axum::http::Request;
use dispatch_api::{BASE, header};
use dispatch_core::view::View;
use dispatch_server::node::Node;
use uuid::Uuid;

/// What stands before the next request.
pub(crate) const NEXT: &[u8] = b"\n%\n";

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where it is posted to, under the base.
    pub path: String,
    /// The seat, or with a colon in it the actor; empty where nobody is named.
    pub sender: String,
    /// The body as it is sent, but for ids.
    pub body: Vec<u8>,
}

impl Asked {
    /// The requests of an input.
    pub fn all(mut rest: &[u8]) -> Vec<Self> {
        let mut all = Vec::new();
        while !rest.is_empty() {
            let end = rest.windows(NEXT.len()).position(|window| window == NEXT);
            let (one, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after.get(NEXT.len()..).unwrap_or_default();
            all.push(Self::of(one));
        }
        all
    }

    fn of(one: &[u8]) -> Self {
        let line = one.iter().position(|byte| *byte == b'\n').unwrap_or(one.len());
        let head = String::from_utf8_lossy(&one[..line]);
        let (path, sender) = head.split_once(' ').unwrap_or((&head, ""));
        let body = one.get(line + 1..).unwrap_or_default().to_vec();
        Self { path: path.to_owned(), sender: sender.to_owned(), body }
    }

    /// As it is sent; none where its path or its sender cannot stand in a request.
    pub(crate) fn request(&self, key: Uuid, node: &Node) -> Option<Request<Body>> {
        let sender = if self.sender.contains(':') { header::ACTOR } else { header::SEAT };
        let path = String::from_utf8(named(self.path.as_bytes(), node)).ok()?;
        let mut request = Request::post(format!("{BASE}{path}")).header(header::KEY, key.to_string());
        if !self.sender.is_empty() {
            request = request.header(sender, self.sender.as_bytes());
        }
        request.body(named(&self.body, node).into()).ok()
    }

    /// The body as it is sent to a node.
    pub fn sent(&self, node: &Node) -> Vec<u8> {
        named(&self.body, node)
    }
}

/// With ids in the place of what stands for them.
pub(crate) fn named(text: &[u8], node: &Node) -> Vec<u8> {
    if !text.contains(&b'@') {
        return text.to_vec();
    }
    let views: Vec<(&str, String)> = View::all(&node.state()).map(|view| (view.kind(), view.id())).collect();
    let id = |letter: u8, nth: u8| {
        let kind = match letter {
            b'a' => "alarm",
            b'i' => "incident",
            b'o' => "order",
            b's' => "support",
            b't' => "technical",
            b'r' => "reminder",
            b'n' => "recommendation",
            _ => return None,
        };
        let nth = usize::from(nth.checked_sub(b'0').filter(|nth| *nth < 10)?);
        views.iter().filter(|(of, _)| *of == kind).nth(nth).map(|(_, id)| id.as_bytes())
    };
    let mut whole = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match after {
            [letter, nth, after @ ..] if *first == b'@' && id(*letter, *nth).is_some() => {
                whole.extend(id(*letter, *nth).unwrap_or_default());
                rest = after;
            }
            _ => {
                whole.push(*first);
                rest = after;
            }
        }
    }
    whole
}
