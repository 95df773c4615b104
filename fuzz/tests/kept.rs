//! Every input in `kept/`, seed or finding, through its target.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use dispatch_fuzz::TARGETS;

/// What lies in a folder of `kept/`, sorted.
fn kept(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept").join(folder);
    let entries = fs::read_dir(folder).expect("it is kept");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

/// Feeds a target what is kept for it.
fn feed(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let inputs = kept(name);
    assert!(!inputs.is_empty(), "nothing is kept for {name}");
    for input in inputs {
        let bytes = fs::read(&input).expect("an input can be read");
        let fed = panic::catch_unwind(|| (target.feed)(&bytes));
        assert!(fed.is_ok(), "{} breaks a rule", input.display());
    }
}

#[test]
fn http_bodies() {
    feed("http-body");
}

#[test]
fn stream_messages() {
    feed("stream-message");
}

#[test]
fn region_packages() {
    feed("region-package");
}

#[test]
fn journal_rows() {
    feed("journal-row");
}

#[test]
fn every_folder_is_of_a_target() {
    let mut names = TARGETS.map(|target| target.name);
    names.sort_unstable();
    let folders = kept("");
    let folders: Vec<_> = folders.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(folders, names);
}
