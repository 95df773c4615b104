//! What waits for one client. Commits are bounded; beyond the bound they are dropped and the client begins anew.
//! Frames hold one slot per (tile, label), so a client that is slow sees the newest and nobody waits for it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

/// The slot of a frame: tile and label.
pub type FrameKey = (u64, u32);

/// One client's queue.
#[derive(Debug, Default)]
pub struct Queue {
    inner: Mutex<Inner>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    texts: VecDeque<Utf8Bytes>,
    bytes: usize,
    heartbeat: Option<Utf8Bytes>,
    frames: BTreeMap<FrameKey, Bytes>,
    lost: bool,
}

/// What a client is owed now.
#[derive(Debug, Default)]
pub struct Due {
    /// In the order they are to be sent.
    pub messages: Vec<Message>,
    /// Its commits were dropped: it has to begin anew.
    pub lost: bool,
}

impl Queue {
    /// A queue nobody waits on yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Adds a message that must not be lost; false when there is no room and all of them were dropped.
    pub fn push(&self, text: Utf8Bytes, most: usize, most_bytes: usize) -> bool {
        let mut inner = self.held();
        if inner.lost {
            return false;
        }
        if inner.texts.len() >= most || inner.bytes + text.len() > most_bytes.max(text.len()) {
            inner.texts.clear();
            inner.bytes = 0;
            inner.lost = true;
        } else {
            inner.bytes += text.len();
            inner.texts.push_back(text);
        }
        let kept = !inner.lost;
        drop(inner);
        self.notify.notify_one();
        kept
    }

    /// Adds messages the client begins anew with, whatever is queued: what was before is dropped.
    pub fn restart(&self, texts: impl IntoIterator<Item = Utf8Bytes>) {
        let mut inner = self.held();
        inner.texts.clear();
        inner.texts.extend(texts);
        inner.bytes = inner.texts.iter().map(|text| text.len()).sum();
        inner.lost = false;
        drop(inner);
        self.notify.notify_one();
    }

    /// Sets the heartbeat; an unsent one is overwritten.
    pub fn beat(&self, text: Utf8Bytes) {
        self.held().heartbeat = Some(text);
        self.notify.notify_one();
    }

    /// Sets frames; unsent ones of the same slot are overwritten.
    pub fn show(&self, frames: impl IntoIterator<Item = (FrameKey, Bytes)>) {
        let mut inner = self.held();
        inner.frames.extend(frames);
        let some = !inner.frames.is_empty();
        drop(inner);
        if some {
            self.notify.notify_one();
        }
    }

    /// Drops frames not sent yet.
    pub fn blank(&self) {
        self.held().frames.clear();
    }

    /// Waits until something is there.
    pub async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Takes everything.
    pub fn take(&self) -> Due {
        let mut inner = self.held();
        let mut messages: Vec<Message> = inner.texts.drain(..).map(Message::Text).collect();
        inner.bytes = 0;
        messages.extend(inner.heartbeat.take().map(Message::Text));
        messages.extend(std::mem::take(&mut inner.frames).into_values().map(Message::Binary));
        Due { messages, lost: inner.lost }
    }

    fn held(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_commits_go_and_frames_stay_newest() {
        let queue = Queue::new();
        assert!(queue.push("a".into(), 2, 100));
        assert!(queue.push("b".into(), 2, 100));
        assert!(!queue.push("c".into(), 2, 100));
        assert!(!queue.push("d".into(), 2, 100), "lost until it begins anew");
        queue.show([((1, 0), Bytes::from_static(b"old"))]);
        queue.show([((1, 0), Bytes::from_static(b"new"))]);
        let due = queue.take();
        assert!(due.lost);
        assert_eq!(due.messages, [Message::Binary(Bytes::from_static(b"new"))]);
        queue.restart(["reset".into()]);
        assert!(!queue.take().lost);
    }

    #[test]
    fn a_message_larger_than_the_bound_goes_alone() {
        let queue = Queue::new();
        assert!(queue.push("0123456789".into(), 2, 5));
        assert!(!queue.push("x".into(), 2, 5));
    }
}
