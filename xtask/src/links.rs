//! Links between pages lead somewhere: to a file or folder of the repository, and to a heading where they name one.
//! Addresses of others are not asked.

use std::collections::BTreeMap;

use crate::prose;
use crate::tree::{File, Tree};

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in tree.files.iter().filter(|file| file.ending() == "md") {
        for (line, text) in prose::page(&file.text) {
            for target in targets(&text) {
                if let Some(fault) = broken(tree, file, target) {
                    faults.push(format!("{}:{line}: {fault}", file.path));
                }
            }
        }
    }
    faults
}

/// Where a line links to: `[…](target)`, `![…](target)`, `[…]: target`.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let defined = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let defined = defined.and_then(|(_, target)| target.split_whitespace().next());
    inline.chain(defined).map(|target| target.trim_matches(['<', '>'])).collect()
}

fn broken(tree: &Tree, from: &File, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") || target.is_empty() {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { from.path.clone() } else { resolve(&from.path, path) };
    if !tree.holds(&path) {
        return Some(format!("`{target}` leads to {path}, which is not there"));
    }
    let page = tree.file(&path).filter(|page| page.ending() == "md")?;
    let anchor = anchor.filter(|anchor| !anchors(&page.text).contains(&(*anchor).to_owned()))?;
    Some(format!("`{target}`: {path} has no heading #{anchor}"))
}

/// A path from the root, of a link on a page.
fn resolve(page: &str, link: &str) -> String {
    let mut at: Vec<&str> = if link.starts_with('/') { Vec::new() } else { page.split('/').collect() };
    at.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(at.pop()),
            part => at.push(part),
        }
    }
    at.join("/")
}

/// Anchors of a page's headings, as its readers' programs make them: small letters, no punctuation, hyphens for spaces,
/// a number behind the second of a name.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let Some(heading) = line.trim_start_matches('#').strip_prefix(' ') else { continue };
        if is_code || !line.starts_with('#') {
            continue;
        }
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase();
        let times = seen.entry(slug.clone()).or_default();
        found.push(if *times == 0 { slug } else { format!("{slug}-{times}") });
        *times += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{anchors, faults};
    use crate::tree::Tree;

    fn of(page: &str) -> Vec<String> {
        let other = "# Other\n\n## D5. Events are exact\n\n## Twice\n## Twice\n```\n# no heading\n```\n";
        faults(&Tree::of(&[
            ("docs/page.md", page),
            ("docs/adr/other.md", other),
            ("README.md", "# Root\n"),
            ("a/b.png", ""),
        ]))
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        for page in [
            "[a](adr/other.md) and [b](../README.md), ![c](../a/b.png)",
            "[a](adr/other.md#d5-events-are-exact) [b](adr/other.md#twice-1) [c](../README.md#root)",
            "# Here\n[a](#here) [b](adr/) [c](adr) [d](./adr/other.md \"said\")",
            "[a](https://example.org/no) [b](mailto:a@example.org)",
            "`[a](no.md)`\n```\n[a](no.md)\n```\n",
            "[a]: adr/other.md",
        ] {
            assert_eq!(of(page), Vec::<String>::new(), "{page}");
        }
    }

    #[test]
    fn links_that_lead_nowhere_are_faults() {
        assert_eq!(of("\n[a](no.md)"), ["docs/page.md:2: `no.md` leads to docs/no.md, which is not there"]);
        for page in [
            "[a](adr/no.md)",
            "[a](../docs.md)",
            "![a](../a/c.png)",
            "[a](adr/other.md#no)",
            "[a](adr/other.md#no-heading)",
            "[a](adr/other.md#twice-2)",
            "[a](#here)",
            "[a]: adr/no.md",
        ] {
            assert_eq!(of(page).len(), 1, "{page}");
        }
    }

    #[test]
    fn anchors_are_made_as_readers_make_them() {
        assert_eq!(anchors("## A (b), `c_d`: 中文!\n#no\n### E - f"), ["a-b-c_d-中文", "e---f"]);
    }
}
