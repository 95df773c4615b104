//! The names a file brings in with `use`, one path at a time.

use syn::UseTree;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// One leaf of a `use`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// From the first segment to the leaf; the leaf of a glob is `*`.
    pub path: Vec<String>,
    /// What the file calls it.
    pub name: String,
    /// Its line.
    pub line: usize,
}

/// The leaves of one `use`. `{self}` is the path before it.
pub fn leaves(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    walk(tree, &mut Vec::new(), &mut found);
    found
}

/// Every import of a file, in whatever scope.
pub fn of_file(file: &syn::File) -> Vec<Import> {
    struct All(Vec<Import>);
    impl<'ast> Visit<'ast> for All {
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            self.0.extend(leaves(&item.tree));
            visit::visit_item_use(self, item);
        }
    }
    let mut all = All(Vec::new());
    all.visit_file(file);
    all.0
}

fn walk(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<Import>) {
    let line = tree.span().start().line;
    let mut leaf = |last: String, name: String| {
        let mut path = before.clone();
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
        found.push(Import { path, name, line });
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            walk(&path.tree, before, found);
            before.pop();
        }
        UseTree::Name(name) => leaf(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => leaf(rename.ident.to_string(), rename.rename.to_string()),
        UseTree::Glob(_) => leaf("*".to_owned(), "*".to_owned()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, before, found)),
    }
}
