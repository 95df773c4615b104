//! How much of the hub's text is held by anybody: in queues, kept, or on its way to a socket. What many clients get is one
//! text and counts once, until the last of them has taken it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

/// Bytes that are held. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Weight(Arc<AtomicUsize>);

impl Weight {
    /// A text that counts as long as it is held.
    pub fn text(&self, text: String) -> Utf8Bytes {
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        let counted = Bytes::from_owner(Counted { text, all: self.clone() });
        Utf8Bytes::try_from(counted).expect("a String is UTF-8")
    }

    /// How many bytes are held now.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted {
    text: String,
    all: Weight,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.text.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_once_and_as_long_as_it_is_held() {
        let weight = Weight::default();
        let one = weight.text("twelve bytes".into());
        let shared = Bytes::from(one.clone()).slice(..3);
        drop(one);
        assert_eq!((weight.bytes(), &*shared), (12, &b"twe"[..]));
        drop(shared);
        assert_eq!(weight.bytes(), 0);
    }
}
