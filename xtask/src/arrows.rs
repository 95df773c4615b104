//! Who may import whom (the house of the design): read from the manifests, so that an arrow drawn the wrong way fails
//! before anybody reviews it.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::step;

/// For each crate, the crates of ours it may depend on (tests may use more: dev-dependencies are not arrows).
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("geo-index", &[]),
    ("text", &[]),
    ("httpdate", &[]),
    ("region", &["geo-index", "text"]),
    ("dispatch-core", &["geo-index", "text"]),
    ("dispatch-store", &["dispatch-core", "geo-index"]),
    ("dispatch-writer", &["dispatch-store", "dispatch-core", "geo-index"]),
    ("dispatch-api", &["dispatch-core", "geo-index"]),
    ("dispatch-intake", &["dispatch-writer", "dispatch-api", "dispatch-core", "geo-index"]),
    (
        "dispatch-sim",
        &["dispatch-writer", "dispatch-api", "dispatch-core", "dispatch-store", "geo-index", "region"],
    ),
    (
        "dispatch-server",
        &[
            "dispatch-intake",
            "dispatch-sim",
            "dispatch-writer",
            "dispatch-store",
            "dispatch-api",
            "dispatch-core",
            "geo-index",
            "region",
        ],
    ),
    // Of the store these two take the private database server its tests start, nothing else.
    ("dispatch-e2e", &["dispatch-api", "dispatch-core", "dispatch-store", "geo-index"]),
    ("benches", &["dispatch-api", "dispatch-core", "dispatch-store", "geo-index"]),
    // It feeds the server from inside, as no client could.
    (
        "dispatch-fuzz",
        &[
            "dispatch-server",
            "dispatch-intake",
            "dispatch-writer",
            "dispatch-store",
            "dispatch-api",
            "dispatch-core",
            "geo-index",
            "region",
        ],
    ),
    ("xtask", &[]),
];

/// Faults, one sentence each.
pub fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let text = step::output(root, "cargo", &["metadata", "--format-version", "1", "--no-deps", "--offline"])?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(crate_name, _)| *crate_name == name) else {
            faults.push(format!("{name}: not in the table of arrows (xtask/src/arrows.rs)"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            let is_arrow = dependency["kind"].is_null() && ours.contains(&to);
            if is_arrow && !allowed.contains(&to) {
                faults.push(format!("{name} must not import {to}"));
            }
        }
    }
    Ok(faults)
}
