//! The key of a node's answers (D6). What is kept of a command's body is a keyed hash of it: without a secret whoever
//! has the database could try every number a caller may have had until one gives that hash. The key lies apart, in no
//! backup and no mirror; two servers of one database have the same.
//!
//! A fingerprint under a key is [`MARK`], four bytes that name the key, and the first 24 bytes of an HMAC-SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::audit;

/// How a fingerprint under a key begins.
const MARK: [u8; 4] = *b"key1";

/// What names a key is made of this.
const NAME: &[u8] = b"ortoo node key name";

/// What tells a key from another is made of this.
const CHECK: &[u8] = b"ortoo node key check";

/// The key of a node.
#[derive(Clone)]
pub struct NodeKey {
    key: [u8; 32],
    name: [u8; 4],
}

impl NodeKey {
    /// Of 32 random bytes.
    pub fn new(key: [u8; 32]) -> Self {
        let named = hmac(&key, NAME);
        Self { key, name: [named[0], named[1], named[2], named[3]] }
    }

    /// By this it is told from another, hex: whoever has it does not have the key.
    pub fn check(&self) -> String {
        audit::hex(&hmac(&self.key, CHECK))
    }

    /// A fingerprint under this key; one that is under a key already stays as it is.
    pub fn wrap(&self, fingerprint: [u8; 32]) -> [u8; 32] {
        if fingerprint.starts_with(&MARK) {
            return fingerprint;
        }
        let mut wrapped = [0; 32];
        wrapped[..4].copy_from_slice(&MARK);
        wrapped[4..8].copy_from_slice(&self.name);
        wrapped[8..].copy_from_slice(&hmac(&self.key, &fingerprint)[..24]);
        wrapped
    }

    /// Whether a fingerprint is under another key than this.
    pub fn is_foreign(&self, fingerprint: &[u8; 32]) -> bool {
        fingerprint.starts_with(&MARK) && fingerprint[4..8] != self.name
    }
}

impl std::fmt::Debug for NodeKey {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodeKey")
    }
}

fn hmac(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Whether a body that is asked for may be the one that was answered: the same, or kept under a key that is gone, so that
/// nobody can tell.
pub fn may_be(kept: &[u8; 32], asked: &[u8; 32]) -> bool {
    let other_key = kept.starts_with(&MARK) && asked.starts_with(&MARK) && kept[4..8] != asked[4..8];
    kept == asked || other_key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_told_by_its_own_key_only() {
        let (one, other) = (NodeKey::new([1; 32]), NodeKey::new([2; 32]));
        let (body, another) = ([7; 32], [8; 32]);
        assert!(may_be(&one.wrap(body), &one.wrap(body)));
        assert!(!may_be(&one.wrap(body), &one.wrap(another)));
        assert!(may_be(&one.wrap(body), &other.wrap(another)), "nobody can tell");
        assert!(!may_be(&body, &one.wrap(body)), "what was kept without a key is put under one first");
        assert_eq!(one.wrap(one.wrap(body)), one.wrap(body));
        assert!(
            other.is_foreign(&one.wrap(body)) && !one.is_foreign(&one.wrap(body)) && !one.is_foreign(&body)
        );
        assert_eq!(one.check(), NodeKey::new([1; 32]).check());
        assert_ne!(one.check(), other.check());
        assert_ne!(one.wrap(body)[8..], other.wrap(body)[8..]);
        assert!(!format!("{one:?}").contains('1'));
    }
}
