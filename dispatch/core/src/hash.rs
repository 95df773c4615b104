//! The hash of the state, computed at snapshots, in `verify` and on the standby, never per commit (D11).

use std::io::{self, Write};

use crate::state::State;

/// BLAKE3 over the state as canonical JSON: fields in the order of the types, maps in the order of their keys. Equal
/// states have equal hashes on every machine.
pub fn state_hash(state: &State) -> [u8; 32] {
    let mut digest = Digest(blake3::Hasher::new());
    serde_json::to_writer(&mut digest, state)
        .expect("every key of the state is text and a digest takes every byte");
    *digest.0.finalize().as_bytes()
}

/// Lets the encoder write into the hash, so that no copy of the whole state is made.
struct Digest(blake3::Hasher);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
