//! What a file calls the enums that are matched whole. A name counts as ours unless the file says that it is something
//! else: another crate's, or one its own crate defines.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Item, Type};

use super::{ENUMS, HOME};
use crate::imports::{self, Import};
use crate::product;
use crate::tree::Tree;

/// Items that bear the name of one of the enums and are none, by the crate that defines them.
pub type Elsewhere = BTreeSet<(&'static str, &'static str)>;

/// Looks for them.
pub fn defined_elsewhere(tree: &Tree) -> Elsewhere {
    let mut found = Elsewhere::new();
    for file in product::files(tree) {
        let (Some(folder), Some(syntax)) = (product::folder(&file.path), file.syntax()) else { continue };
        if folder != HOME.1 {
            found.extend(defined(syntax).into_iter().map(|name| (folder, name)));
        }
    }
    found
}

/// Names of our enums that a file defines as an item of its own.
fn defined(syntax: &syn::File) -> BTreeSet<&'static str> {
    struct Items(BTreeSet<&'static str>);
    impl<'ast> Visit<'ast> for Items {
        fn visit_item(&mut self, item: &'ast Item) {
            let ident = match item {
                Item::Enum(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                _ => return visit::visit_item(self, item),
            };
            self.0.extend(known(&ident.to_string()));
        }
    }
    let mut items = Items(BTreeSet::new());
    items.visit_file(syntax);
    items.0
}

fn known(name: &str) -> Option<&'static str> {
    ENUMS.iter().find(|known| **known == name).copied()
}

/// The names of one file.
pub struct Names {
    is_home: bool,
    /// What the file calls an enum; none where that name is something else here.
    enums: BTreeMap<String, Option<&'static str>>,
    /// Variants brought in by name.
    variants: BTreeMap<String, &'static str>,
    /// Variants brought in by `*`.
    globs: Vec<(usize, &'static str)>,
    /// First segments of what the file calls by another name, such as a module.
    roots: BTreeMap<String, String>,
    /// Names the file's own crate gives to something else.
    elsewhere: BTreeSet<&'static str>,
    /// The enum whose `impl` the walk is in.
    own: Option<&'static str>,
}

impl Names {
    /// Reads them.
    pub fn of(path: &str, syntax: &syn::File, elsewhere: &Elsewhere) -> Self {
        let folder = product::folder(path).unwrap_or_default();
        let is_home = folder == HOME.1;
        let elsewhere = elsewhere.iter().filter(|(crate_folder, _)| *crate_folder == folder);
        let imports = imports::of_file(syntax);
        let root = |import: &Import| import.path.first().cloned().unwrap_or_default();
        let mut names = Self {
            is_home,
            enums: BTreeMap::new(),
            variants: BTreeMap::new(),
            globs: Vec::new(),
            roots: imports.iter().map(|import| (import.name.clone(), root(import))).collect(),
            elsewhere: elsewhere.map(|(_, name)| *name).collect(),
            own: None,
        };
        if !is_home {
            names.enums.extend(defined(syntax).into_iter().map(|name| (name.to_owned(), None)));
        }
        for import in &imports {
            names.import_enum(import);
        }
        names.aliases(syntax);
        for import in &imports {
            names.import_variants(import);
        }
        names
    }

    fn import_enum(&mut self, import: &Import) {
        let Some((last, before)) = import.path.split_last() else { return };
        if let Some(name) = known(last) {
            let ours = self.is_ours(before, name).then_some(name);
            let entry = self.enums.entry(import.name.clone()).or_insert(ours);
            *entry = entry.or(ours);
        }
    }

    /// `type E = Event;`, also of an alias.
    fn aliases(&mut self, syntax: &syn::File) {
        for item in &syntax.items {
            if let Item::Type(alias) = item
                && let Type::Path(of) = alias.ty.as_ref()
                && let Some(name) = self.enum_at(&segments(&of.path))
            {
                self.enums.insert(alias.ident.to_string(), Some(name));
            }
        }
    }

    fn import_variants(&mut self, import: &Import) {
        let Some((last, before)) = import.path.split_last() else { return };
        if let Some(name) = self.enum_at(before) {
            if last == "*" {
                self.globs.push((import.line, name));
            } else {
                self.variants.insert(import.name.clone(), name);
            }
        }
    }

    /// Imports that hide of which enum a variant is.
    pub fn globs(&self) -> impl Iterator<Item = (usize, String)> {
        let said = |name| format!("variants of `{name}` brought in by `*` cannot be told from bindings");
        self.globs.iter().map(move |(line, name)| (*line, said(name)))
    }

    /// Whether what lies under this path is the enum of that name.
    fn is_ours(&self, before: &[String], name: &'static str) -> bool {
        let mut root = before.first().map(String::as_str).unwrap_or_default();
        if let Some(import) = self.roots.get(root) {
            root = import;
        }
        match root {
            "" | "crate" | "super" | "self" => self.is_home || !self.elsewhere.contains(name),
            // Rooms of our own may hand it on.
            other => other.starts_with("dispatch_") || (self.is_home && !is_foreign(other)),
        }
    }

    /// The enum a path leads to.
    fn enum_at(&self, path: &[String]) -> Option<&'static str> {
        let (last, before) = path.split_last()?;
        if before.is_empty() {
            if last == "Self" {
                return self.own;
            }
            if let Some(said) = self.enums.get(last) {
                return *said;
            }
        }
        known(last).filter(|name| self.is_ours(before, name))
    }

    /// The enum of which a path names a variant.
    pub fn variant_at(&self, path: &syn::Path) -> Option<&'static str> {
        let path = segments(path);
        match path.as_slice() {
            [] => None,
            [name] => self.variants.get(name).copied(),
            [before @ .., _] => self.enum_at(before),
        }
    }

    /// Whether a bare name is a variant and no binding.
    pub fn variant_called(&self, name: &str) -> Option<&'static str> {
        self.variants.get(name).copied()
    }

    /// Enters the `impl` of a type; what was before is given back to [`Self::leave`].
    pub fn enter(&mut self, of: &Type) -> Option<&'static str> {
        let entered = if let Type::Path(of) = of { self.enum_at(&segments(&of.path)) } else { None };
        std::mem::replace(&mut self.own, entered)
    }

    /// Leaves it.
    pub fn leave(&mut self, outer: Option<&'static str>) {
        self.own = outer;
    }
}

/// Crates the home crate takes names from.
fn is_foreign(root: &str) -> bool {
    ["std", "core", "alloc", "serde", "geo_index"].contains(&root)
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}
