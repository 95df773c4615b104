//! What waits for one client. Commits are bounded; beyond the bound they are dropped and the client begins anew.
//! Frames hold one slot per (tile, label), so a client that is slow sees the newest and nobody waits for it; all that
//! wait go as one message.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_api::frame;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

/// The slot of a frame: tile and label.
pub type FrameKey = (u64, u32);

/// Frames to be shown, and the message they make: shared by all who want the same ones.
#[derive(Debug)]
pub struct Frames {
    frames: Vec<(FrameKey, Bytes)>,
    message: Bytes,
}

impl Frames {
    /// Puts frames together; none when there is none.
    pub fn of(frames: Vec<(FrameKey, Bytes)>) -> Option<Arc<Self>> {
        let message = frame::message(frames.iter().map(|(_, bytes)| &**bytes)).into();
        (!frames.is_empty()).then(|| Arc::new(Self { frames, message }))
    }
}

/// Frames that wait.
#[derive(Debug, Default)]
enum Waiting {
    #[default]
    Nothing,
    /// Those of one tick, as they came.
    Whole(Arc<Frames>),
    /// The newest of several ticks, by slot: the client is behind.
    Newest(BTreeMap<FrameKey, Bytes>),
}

impl Waiting {
    fn show(&mut self, new: &Arc<Frames>) {
        let mut slots = match std::mem::take(self) {
            Self::Nothing => {
                *self = Self::Whole(new.clone());
                return;
            }
            Self::Whole(before) => before.frames.iter().cloned().collect(),
            Self::Newest(slots) => slots,
        };
        slots.extend(new.frames.iter().cloned());
        *self = Self::Newest(slots);
    }

    fn take(&mut self) -> Option<Bytes> {
        match std::mem::take(self) {
            Self::Nothing => None,
            Self::Whole(frames) => Some(frames.message.clone()),
            Self::Newest(slots) => Some(frame::message(slots.values().map(|bytes| &**bytes)).into()),
        }
    }
}

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
    frames: Waiting,
    lost: bool,
    asked: bool,
}

/// What a client is owed now.
#[derive(Debug, Default)]
pub struct Due {
    /// In the order they are to be sent.
    pub messages: Vec<Message>,
    /// Its commits were dropped: it has to begin anew.
    pub lost: bool,
    /// It has asked for something, and has taken all that waited.
    pub asked: bool,
}

impl Queue {
    /// A queue nobody waits on yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Adds messages that must not be lost; false when there is no room and all of them were dropped.
    pub fn push(&self, texts: &[Utf8Bytes], most: usize, most_bytes: usize) -> bool {
        let mut inner = self.held();
        if inner.lost {
            return false;
        }
        for text in texts {
            if inner.texts.len() >= most || inner.bytes + text.len() > most_bytes.max(text.len()) {
                inner.texts.clear();
                inner.bytes = 0;
                inner.lost = true;
                break;
            }
            inner.bytes += text.len();
            inner.texts.push_back(text.clone());
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

    /// Puts messages before all that is queued.
    pub fn begin(&self, texts: Vec<Utf8Bytes>) {
        let mut inner = self.held();
        if !inner.lost {
            for text in texts.into_iter().rev() {
                inner.bytes += text.len();
                inner.texts.push_front(text);
            }
        }
        drop(inner);
        self.notify.notify_one();
    }

    /// Sets the heartbeat; an unsent one is overwritten.
    pub fn heartbeat(&self, text: Utf8Bytes) {
        self.held().heartbeat = Some(text);
        self.notify.notify_one();
    }

    /// Sets frames; unsent ones of the same slot are overwritten.
    pub fn show(&self, frames: &Arc<Frames>) {
        self.held().frames.show(frames);
        self.notify.notify_one();
    }

    /// Drops frames not sent yet.
    pub fn blank(&self) {
        self.held().frames = Waiting::Nothing;
    }

    /// The client has asked for something: it is answered once it has taken what waits.
    pub fn ask(&self) {
        self.held().asked = true;
        self.notify.notify_one();
    }

    /// Waits until something is there.
    pub async fn wait(&self) {
        self.notify.notified().await;
    }

    /// Takes what waits: commits in order, then the heartbeat, then frames.
    pub fn take(&self) -> Due {
        let mut inner = self.held();
        let mut messages: Vec<Message> = inner.texts.drain(..).map(Message::Text).collect();
        inner.bytes = 0;
        messages.extend(inner.heartbeat.take().map(Message::Text));
        messages.extend(inner.frames.take().map(Message::Binary));
        let asked = messages.is_empty() && std::mem::take(&mut inner.asked);
        if inner.asked {
            self.notify.notify_one();
        }
        Due { messages, lost: inner.lost, asked }
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
        assert!(queue.push(&["a".into()], 2, 100));
        assert!(queue.push(&["b".into()], 2, 100));
        assert!(!queue.push(&["c".into()], 2, 100));
        assert!(!queue.push(&["d".into()], 2, 100), "lost until it begins anew");
        let frames = |text: &'static str| {
            let slots = text.split_whitespace().zip(1..);
            Frames::of(slots.map(|(frame, tile)| ((tile, 0), frame.into())).collect()).unwrap()
        };
        queue.show(&frames("old"));
        queue.show(&frames("new more"));
        let due = queue.take();
        assert!(due.lost);
        assert_eq!(due.messages, [Message::Binary(Bytes::from_static(b"\x01newmore"))]);
        let whole = frames("a b c");
        queue.show(&whole);
        let [Message::Binary(sent)] = &queue.take().messages[..] else { panic!("one message") };
        assert_eq!(sent.as_ptr(), whole.message.as_ptr(), "who is not behind gets the bytes all others get");
        queue.show(&whole);
        queue.blank();
        assert!(queue.take().messages.is_empty());
        queue.restart(["reset".into()]);
        assert!(!queue.take().lost);
    }

    #[test]
    fn a_message_larger_than_the_bound_goes_alone() {
        let queue = Queue::new();
        assert!(queue.push(&["0123456789".into()], 2, 5));
        assert!(!queue.push(&["x".into()], 2, 5));
    }
}
