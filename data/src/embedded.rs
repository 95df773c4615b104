//! The packages compiled into the binary, so that a node starts without a network or a folder.
//!
//! Leaves out: checking. They are read through [`crate::Package::read`] like any other.

use crate::package::Files;

include!(concat!(env!("OUT_DIR"), "/archives.rs"));

/// Ids of the embedded packages, sorted.
pub fn ids() -> impl Iterator<Item = &'static str> {
    ARCHIVES.iter().map(|&(id, _)| id)
}

/// The files of an embedded package; `None` when there is none of this id.
pub fn embedded(id: &str) -> Option<Files> {
    let &(_, archive) = ARCHIVES.iter().find(|&&(known, _)| known == id)?;
    let bytes = zstd::decode_all(archive).expect("the build script wrote this frame");
    Some(unpack(&bytes).expect("the build script wrote this archive"))
}

/// Splits an archive into its files; `None` when it ends in the middle of one.
fn unpack(mut bytes: &[u8]) -> Option<Files> {
    let mut files = Files::new();
    while !bytes.is_empty() {
        let name_length = take_length(&mut bytes)?;
        let content_length = take_length(&mut bytes)?;
        let name = bytes.split_off(..name_length)?;
        let content = bytes.split_off(..content_length)?;
        files.insert(String::from_utf8(name.to_vec()).ok()?, content.to_vec());
    }
    Some(files)
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}
