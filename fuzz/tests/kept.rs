//! Every input in `kept/`, seed or finding, through its target.

use std::fs;
use std::path::Path;

use dispatch_fuzz::TARGETS;

/// Feeds a target what is kept for it.
fn feed(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept").join(name);
    let mut inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "nothing is kept for {name}");
    for input in inputs {
        // Said only where it fails.
        println!("{}", input.display());
        (target.feed)(&fs::read(input).unwrap());
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
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept");
    let mut folders: Vec<_> =
        fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    let mut names = TARGETS.map(|target| target.name);
    names.sort_unstable();
    assert_eq!(folders, names);
}
