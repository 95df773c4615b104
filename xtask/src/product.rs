//! What of the sources is product: what ships, as against what proves it.

use syn::{Attribute, Item, Meta};

use crate::tree::{File, Tree};

/// Where the product's Rust lies.
const FOLDERS: &[&str] = &[
    "dispatch/core/src/",
    "dispatch/store/src/",
    "dispatch/writer/src/",
    "dispatch/api/src/",
    "dispatch/intake/src/",
    "dispatch/server/src/",
    "dispatch/sim/src/",
    "data/src/",
    "geo-index/src/",
    "text/src/",
    "httpdate/src/",
];

/// The product's files, without those that hold tests.
pub fn files(tree: &Tree) -> impl Iterator<Item = &File> {
    let test_modules = test_modules(tree);
    tree.files.iter().filter(move |file| {
        file.ending() == "rs"
            && is_product(&file.path)
            && !test_modules.iter().any(|module| is_module(&file.path, module))
    })
}

/// The product folder a path lies in.
pub fn folder(path: &str) -> Option<&'static str> {
    FOLDERS.iter().find(|folder| path.starts_with(*folder)).copied()
}

fn is_product(path: &str) -> bool {
    folder(path).is_some() && !is_test_file(path)
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/benches/")
}

/// Modules in files of their own that are declared under `#[cfg(test)]`: their paths without `.rs`.
fn test_modules(tree: &Tree) -> Vec<String> {
    let mut modules = Vec::new();
    for file in tree.files.iter().filter(|file| is_product(&file.path)) {
        for item in file.syntax().into_iter().flat_map(|syntax| &syntax.items) {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && is_test(&module.attrs)
            {
                modules.push(format!("{}{}", children(&file.path), module.ident));
            }
        }
    }
    modules
}

/// The folder in which the modules declared by a file lie, with a closing `/`.
fn children(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    let is_root = ["mod", "lib", "main"].iter().any(|name| stem.ends_with(&format!("/{name}")));
    let folder = if is_root { stem.rsplit_once('/').map_or("", |(folder, _)| folder) } else { stem };
    format!("{folder}/")
}

fn is_module(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Whether attributes leave an item to tests, or to tests and a feature for them.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
        let words = list.tokens.to_string();
        let is_positive = !words.starts_with("not");
        let names_test = words.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "test");
        list.path.is_ident("cfg") && is_positive && names_test
    })
}

/// The attributes of an item; none of what has no attributes.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::files;
    use crate::tree::Tree;

    #[test]
    fn tests_and_what_only_they_use_are_no_product() {
        let tree = Tree::of(&[
            (
                "dispatch/core/src/lib.rs",
                "#[cfg(any(test, feature = \"sample\"))]\nmod sample;\n#[cfg(not(test))] mod real;",
            ),
            ("dispatch/core/src/sample.rs", ""),
            ("dispatch/core/src/sample/ground.rs", ""),
            ("dispatch/core/src/real.rs", ""),
            ("dispatch/core/src/real/tests.rs", ""),
            ("dispatch/store/src/append.rs", "#[cfg(test)]\nmod broken;"),
            ("dispatch/store/src/append/broken.rs", ""),
            ("dispatch/store/src/broken.rs", ""),
            ("dispatch/core/tests/all.rs", ""),
            ("dispatch/e2e/src/lib.rs", ""),
            ("dispatch/store/src/append.sql", ""),
        ]);
        let kept: Vec<&str> = files(&tree).map(|file| file.path.as_str()).collect();
        let expected = [
            "dispatch/core/src/lib.rs",
            "dispatch/core/src/real.rs",
            "dispatch/store/src/append.rs",
            "dispatch/store/src/broken.rs",
        ];
        assert_eq!(kept, expected);
    }
}
