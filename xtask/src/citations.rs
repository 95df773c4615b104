//! What sources and pages refer to is there: a decision `D<number>` is a heading of the page of decisions, and a paper
//! that is named lies in the repository. Looked at is what is said to people; in Markdown code is left out.

use std::collections::BTreeSet;

use crate::prose;
use crate::tree::{File, Tree};

/// The page of decisions: a heading for each, `## D5. …`.
const DECISIONS: &str = "docs/decisions.md";

/// Words that are the names of papers, and where what they said stands. Written as strings, so that this file passes.
const PAPERS: &[(&str, &str)] = &[("TERMS", "docs/terms.md"), ("DESIGN", DECISIONS)];

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let decisions = tree.file(DECISIONS).map(decisions).unwrap_or_default();
    let mut faults = Vec::new();
    for file in &tree.files {
        for (line, text) in prose::lines(file) {
            for fault in said(tree, file, &text, &decisions) {
                faults.push(format!("{}:{line}: {fault}", file.path));
            }
        }
    }
    faults
}

/// Numbers of the decisions that have a heading.
fn decisions(page: &File) -> BTreeSet<u8> {
    let heading = |line: &str| line.strip_prefix("## D")?.split_once(". ")?.0.parse().ok();
    page.text.lines().filter_map(heading).collect()
}

fn said(tree: &Tree, file: &File, text: &str, decisions: &BTreeSet<u8>) -> Vec<String> {
    let mut faults = Vec::new();
    for word in words(text) {
        if let Some(number) = decision(word)
            && !decisions.contains(&number)
        {
            faults.push(format!("there is no decision D{number} in {DECISIONS}"));
        }
    }
    for name in names(text) {
        let (stem, is_page) = name.strip_suffix(".md").map_or((name, false), |stem| (stem, true));
        let paper = PAPERS.iter().find(|(paper, _)| *paper == stem);
        if let Some((_, place)) = paper {
            faults.push(format!("`{name}` is no paper of this repository: cite {place}"));
        } else if is_page && !stem.is_empty() && !is_there(tree, file, name) {
            faults.push(format!("there is no {name}"));
        }
    }
    faults
}

/// Words of letters, digits and underscores; what a hyphen or another sign joins is two.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Names that may be paths.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/' | '{' | '}' | '*'))
        .map(|name| name.trim_end_matches('.'))
        .filter(|name| !name.contains(['{', '*']))
}

/// The number of `D5` or `D14`. What is not a capital D and one or two digits is something else.
fn decision(word: &str) -> Option<u8> {
    let digits = word.strip_prefix('D')?;
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Whether a page lies where a source says: from the root, beside the source, or by its name alone.
fn is_there(tree: &Tree, file: &File, name: &str) -> bool {
    // Addresses are others' pages, and links are looked at as links.
    if name.starts_with('/') || file.ending() == "md" {
        return true;
    }
    let by_name = format!("/{name}");
    tree.paths.iter().any(|path| path == name || path.ends_with(&by_name))
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tree::Tree;

    const PAGE: (&str, &str) = ("docs/decisions.md", "# Decisions\n\n## D1. One\n\n## D14. Fourteen\n");

    fn of(path: &str, text: &str) -> Vec<String> {
        faults(&Tree::of(&[PAGE, ("docs/terms.md", ""), ("docs/stream.md", ""), (path, text)]))
    }

    #[test]
    fn decisions_with_a_heading_pass() {
        for (path, text) in [
            ("a.rs", "//! One writer (D1, D14)."),
            ("a.ts", "/** D1 and\n * D14. */"),
            ("a.sql", "-- D1"),
            ("a.toml", "{ reason = \"no clock (D1)\" }"),
            ("a.md", "See D1–D14."),
        ] {
            assert_eq!(of(path, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn decisions_without_a_heading_are_faults() {
        assert_eq!(
            of("a.rs", "fn f() {}\n// As D2 says."),
            ["a.rs:2: there is no decision D2 in docs/decisions.md"]
        );
        for (path, text) in [
            ("a.rs", "/// (D1,D22)"),
            ("a.ts", "/*\n * D0 */"),
            ("a.svelte", "<!-- D3 -->"),
            ("a.mjs", "// D4:"),
            ("a.sql", "-- (D1, D5)"),
            ("a.sh", "# D6"),
            ("a.toml", "{ reason = \"no clock (D7)\" }"),
            ("a.md", "| D8 | said |"),
        ] {
            assert_eq!(of(path, text).len(), 1, "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_decision_and_is_none_passes() {
        for (path, text) in [
            ("a.rs", "let id = \"D9\"; // colour #D9D9D9, 2D, D100, AD7, D9a, D_7, d7, Dx"),
            ("a.ts", "const grey = \"#D9\"; const D9 = 1;"),
            ("a.md", "Type `D9 014` or\n```\nD9\n```\n"),
            ("a.toml", "code = \"D9\""),
        ] {
            assert_eq!(of(path, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_page_of_decisions_that_is_missing_leaves_none() {
        assert_eq!(faults(&Tree::of(&[("a.rs", "// D1")])).len(), 1);
    }

    #[test]
    fn papers_outside_the_repository_are_faults() {
        let terms = concat!("//! The timers of TER", "MS.md are set here.");
        assert!(of("a.rs", terms)[0].ends_with("cite docs/terms.md"), "{:?}", of("a.rs", terms));
        assert_eq!(of("a.ts", concat!("// as TER", "MS names them")).len(), 1);
        assert_eq!(of("a.md", concat!("words of TER", "MS, and DES", "IGN.md")).len(), 2);
        assert_eq!(of("a.rs", "// See docs/nowhere.md, not docs/stream.md.").len(), 1);
    }

    #[test]
    fn papers_of_the_repository_pass() {
        let text =
            "// See docs/stream.md, `stream.md` and docs/terms.md; DESIGNS, terms, https://example.org/x.md";
        assert_eq!(of("a.rs", text), Vec::<String>::new());
        assert_eq!(of("a.ts", "const TERMS = 1;"), Vec::<String>::new());
    }
}
