//! Names shown to people: one map by language tag, never a column per language.
//!
//! Leaves out: which languages a screen offers; that is the manifest's and the console's matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A name by BCP 47 language tag (`zh`, `en`, `mn-Cyrl`, `es`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(pub BTreeMap<String, String>);

impl Names {
    /// The name in `language`, else in `fallback`, else the first there is; empty only when there is no name at all.
    pub fn get(&self, language: &str, fallback: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get(fallback))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Names {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(tag, name)| (tag.to_owned(), name.to_owned())).collect())
    }
}
