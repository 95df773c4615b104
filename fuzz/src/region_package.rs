//! Files of a region package, in the place of those of the small region: the first line of an input names a file, what is
//! below it is what the file holds, and a line `%` stands before the next. With a `+` before the name it is put behind what the
//! file holds already, so that a short input is a whole package. `kept` in the place of a name says that what
//! follows is a whole package as a journal keeps one, and `packed` that it is what such a package expands to.
//!
//! Whatever is read is named by its bytes, is the same package when it was kept, and can be adopted by a centre, which
//! takes a call for help afterwards. Whatever is not has faults that say where they are, and not too many.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use dispatch_server::region::{Region, RegionError};
use dispatch_store::Content;
use dispatch_writer::Reply;
use region::{ContentHash, Files};

use crate::centre::Centre;
use crate::request::{self, Asked};

/// Faults of one package.
const FAULTS_MAX: usize = 500;
/// Longest that is said of one, bytes.
const SAID_BYTES_MAX: usize = 4_096;
/// How hard a package is compressed for a try.
const LEVEL: i32 = 1;

/// What an input stands beside.
pub static SMALL: LazyLock<Files> =
    LazyLock::new(|| region::embedded("valparaiso").expect("the small region ships"));

thread_local! {
    static CENTRE: RefCell<Centre> = RefCell::new(Centre::new(|_| {}));
}

/// What an input says.
enum Input {
    /// A whole package as a journal keeps one.
    Kept(Vec<u8>),
    Files(Files),
}

impl Input {
    fn of(bytes: &[u8]) -> Self {
        let mut files = SMALL.clone();
        for Asked { path, body, .. } in Asked::all(bytes) {
            match path.as_str() {
                "kept" => return Self::Kept(body),
                "packed" => {
                    return Self::Kept(zstd::encode_all(&body[..], LEVEL).expect("memory can be written"));
                }
                _ if body.is_empty() => drop(files.remove(&path)),
                _ => match path.strip_prefix('+') {
                    Some(name) => files.entry(name.to_owned()).or_default().extend(body),
                    None => drop(files.insert(path, body)),
                },
            }
        }
        Self::Files(files)
    }
}

/// The files of an input; none where it is a package as a journal keeps one.
pub fn package(bytes: &[u8]) -> Option<Files> {
    match Input::of(bytes) {
        Input::Files(files) => Some(files),
        Input::Kept(_) => None,
    }
}

/// The shortest input that stands for these files.
pub fn input(files: &Files) -> Vec<u8> {
    let mut parts = Vec::new();
    for name in SMALL.keys().filter(|name| !files.contains_key(*name)) {
        parts.push(format!("{name}\n").into_bytes());
    }
    for (name, bytes) in files {
        let small = SMALL.get(name);
        let (sign, rest) = match small.and_then(|small| bytes.strip_prefix(&small[..])) {
            Some([]) => continue,
            Some(rest) => ("+", rest),
            None => ("", &bytes[..]),
        };
        parts.push([format!("{sign}{name}\n").as_bytes(), rest].concat());
    }
    parts.join(request::NEXT)
}

/// Feeds a package.
pub fn feed(bytes: &[u8]) {
    let files = match Input::of(bytes) {
        Input::Kept(bytes) => return kept(bytes),
        Input::Files(files) => files,
    };
    let hash = ContentHash::of(&files).to_string();
    match Region::shown_as_written(files) {
        Ok(region) => whole(&Arc::new(region), &hash),
        Err(error) => faulty(&error),
    }
}

/// A package as a journal keeps it.
fn kept(bytes: Vec<u8>) {
    let hash = Region::hash_of(&bytes);
    match Region::kept(&Content { hash: String::new(), bytes }) {
        Ok(region) => assert_eq!(Ok(region.hash), hash),
        Err(error) => faulty(&error),
    }
}

fn faulty(error: &RegionError) {
    let RegionError::Faults(faults) = error else {
        let said = error.to_string();
        return assert!(!said.is_empty() && said.len() <= SAID_BYTES_MAX, "{said}");
    };
    assert!((1..=FAULTS_MAX).contains(&faults.len()), "{} faults", faults.len());
    for fault in faults {
        let said = fault.to_string();
        let begin: String = said.chars().take(200).collect();
        assert!(!fault.detail.is_empty() && said.len() <= SAID_BYTES_MAX, "{} bytes: {begin}", said.len());
    }
}

fn whole(region: &Arc<Region>, hash: &str) {
    assert_eq!(region.hash, hash);
    let content = region.content();
    assert_eq!((content.hash.as_str(), Region::hash_of(&content.bytes).as_deref()), (hash, Ok(hash)));
    let again = Region::kept(&content).expect("what was kept can be read");
    assert_eq!((again.hash.as_str(), again.package()), (hash, region.package()));
    CENTRE.with_borrow_mut(|centre| {
        let reply = centre.adopt(region);
        assert!(matches!(reply, Reply::Answer(_)), "{reply:?}");
        centre.call();
        centre.settle();
        centre.judge();
        centre.forget();
    });
}
