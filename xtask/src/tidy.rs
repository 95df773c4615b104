//! House rules as code: what a reviewer would say every time is said here once.

use std::path::Path;

use anyhow::bail;

use crate::tree::{File, Tree};
use crate::{
    arrows, catch_all, citations, doc_comments, growth, links, planted, product, recorded, rooms, step,
};

/// Rules that look at the whole repository: what breaks each, one sentence a fault.
const RULES: &[fn(&Tree) -> Vec<String>] = &[
    citations::faults,
    links::faults,
    rooms::faults,
    recorded::faults,
    catch_all::faults,
    doc_comments::faults,
];

/// Made of the code, and as long as that asks.
const MADE: &[&str] = &["map-ui/src/wire/generated.ts"];

/// No file written by hand is longer.
const LINES_MAX: usize = 1_000;

const NAMES_THAT_SAY_NOTHING: &[&str] = &["utils", "util", "helpers", "helper", "misc", "common", "stuff"];

/// Words that must not stand in sources, each with the reason. Written in two halves so that this file passes.
const WORDS: &[(&str, &str, &str)] = &[
    ("todo", "!(", "finish it or leave it out"),
    ("unimplemented", "!(", "finish it or leave it out"),
    ("FIX", "ME", "mend it now, or write it into the changelog's known gaps"),
    ("#[ign", "ore", "a test that is not run proves nothing"),
    ("it.sk", "ip(", "a test that is not run proves nothing"),
    ("it.on", "ly(", "it hides every other test"),
    ("test.on", "ly(", "it hides every other test"),
    ("thread::sl", "eep(", "wait for the condition with a deadline"),
];

/// Files that may wait on a real clock, because a real process is at the other end.
const MAY_SLEEP: &[&str] = &["dispatch/e2e/src/", "benches/src/"];

/// Checks every rule and lists all that is broken.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let mut faults = arrows::faults(root)?;
    let tree = Tree::read(root)?;
    for file in tree.files.iter().filter(|file| is_source(&file.path)) {
        check_file(&file.path, &file.text, &mut faults);
    }
    faults.extend(product::files(&tree).filter_map(File::unreadable));
    for rule in RULES {
        faults.append(&mut rule(&tree));
    }
    faults.append(&mut planted::faults(root, &tree));
    faults.append(&mut growth::faults(root));
    if faults.is_empty() {
        step::say("== house rules hold");
        return Ok(());
    }
    bail!("house rules:\n  {}", faults.join("\n  "));
}

fn is_source(path: &str) -> bool {
    !MADE.contains(&path) && [".rs", ".ts", ".svelte", ".mjs"].iter().any(|ending| path.ends_with(*ending))
}

fn check_file(path: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("{path}: {lines} lines; split it by the nouns it holds (at most {LINES_MAX})"));
    }
    let part =
        |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).unwrap_or_default().to_owned();
    let (stem, ending) = (part(Path::new(path).file_stem()), part(Path::new(path).extension()));
    if NAMES_THAT_SAY_NOTHING.contains(&stem.as_str()) {
        faults.push(format!("{path}: a file is named by the noun it holds"));
    }
    let is_test = path.contains("/tests/") || stem == "tests";
    if ending == "rs" && !is_test && !text.starts_with("//!") && !text.starts_with("#!") {
        faults.push(format!("{path}: a module opens with what it is for (//!)"));
    }
    for (head, tail, why) in WORDS {
        let word = format!("{head}{tail}");
        if word.contains("sleep") && MAY_SLEEP.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (index, line) in text.lines().enumerate().filter(|(_, line)| line.contains(&word)) {
            if path != "xtask/src/tidy.rs" || !line.contains("\",") {
                faults.push(format!("{path}:{}: `{word}`: {why}", index + 1));
            }
        }
    }
}
