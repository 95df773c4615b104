//! The files of the repository as the house rules read them: each once, Rust parsed once.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::step;

/// Endings of files that are read; of the others only the name is known.
const READ: &[&str] = &["rs", "ts", "svelte", "mjs", "sql", "md", "toml", "sh"];

/// One text file.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
    syntax: OnceCell<syn::Result<syn::File>>,
}

impl File {
    /// What follows the last dot of its name.
    pub fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// Its syntax, if it is Rust that can be parsed.
    pub fn syntax(&self) -> Option<&syn::File> {
        self.parsed().ok()
    }

    /// Why it cannot be parsed, so that no rule passes over it in silence.
    pub fn unreadable(&self) -> Option<String> {
        let error = self.parsed().err()?;
        Some(format!("{}:{}: cannot be parsed: {error}", self.path, error.span().start().line))
    }

    fn parsed(&self) -> Result<&syn::File, &syn::Error> {
        self.syntax.get_or_init(|| syn::parse_file(&self.text)).as_ref()
    }
}

/// The repository: what is committed, and what is new and not ignored.
pub struct Tree {
    /// Every file's path.
    pub paths: BTreeSet<String>,
    /// Those that are read, by path.
    pub files: Vec<File>,
}

impl Tree {
    /// Reads it.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let listing = step::output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
        let paths: BTreeSet<String> =
            listing.lines().filter(|path| root.join(path).is_file()).map(str::to_owned).collect();
        let files = paths
            .iter()
            .filter(|path| READ.iter().any(|ending| path.ends_with(&format!(".{ending}"))))
            .filter_map(|path| Some(File::new(path, fs::read_to_string(root.join(path)).ok()?)))
            .collect();
        Ok(Self { paths, files })
    }

    /// Whether a path from the root is a file or a folder.
    pub fn holds(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty()
            || self.paths.contains(path)
            || self.paths.iter().any(|file| file.starts_with(&folder))
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    fn new(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), text, syntax: OnceCell::new() }
    }
}

#[cfg(test)]
impl Tree {
    /// A repository of these files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self {
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            files: files.iter().map(|(path, text)| File::new(path, (*text).to_owned())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Tree};

    #[test]
    fn what_cannot_be_parsed_is_named_with_its_line() {
        let tree = Tree::of(&[("a.rs", "fn f() {}\nfn g( {}"), ("b.rs", "fn f() {}")]);
        let said: Vec<String> = tree.files.iter().filter_map(File::unreadable).collect();
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("a.rs:2: cannot be parsed"), "{said:?}");
    }

    #[test]
    fn folders_are_held_as_files_are() {
        let tree = Tree::of(&[("docs/adr/0001.md", "")]);
        assert!(
            ["docs", "docs/adr", "docs/adr/", "docs/adr/0001.md", ""].iter().all(|path| tree.holds(path))
        );
        assert!(["doc", "docs/ad", "docs/adr/0002.md"].iter().all(|path| !tree.holds(path)));
    }
}
