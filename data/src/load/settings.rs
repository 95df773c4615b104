//! `region.toml`: what the package says about itself and the kinds everything else refers to.
//!
//! Leaves out: checks that need the tables; run cards wait in [`super::response_rules`] for the areas.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{
    faults::Faults,
    kinds::{KindToml, Kinds, MoverToml, ReadinessToml},
    response_rules::{Rules, RunCardToml, ThresholdsToml, TimersToml, TypeToml},
    table::{code_fault, line_at},
};
use crate::{
    fault::Rule,
    forces::{Mover, Readiness},
    manifest::{FORMAT_VERSION, Manifest},
    names::Names,
    package::Files,
};

/// The file.
pub(super) const FILE: &str = "region.toml";
/// Languages of one package at most.
const LANGUAGES_MAX: usize = 16;
/// Parts that can be marked as generated.
const PARTS: [&str; 10] = [
    "areas",
    "outlines",
    "terrain",
    "organisations",
    "desks",
    "seats",
    "agencies",
    "beats",
    "units",
    "points",
];

/// Everything `region.toml` says.
pub(super) struct Settings {
    pub(super) manifest: Manifest,
    pub(super) kinds: Kinds,
    pub(super) movers: Vec<Mover>,
    pub(super) readiness: Readiness,
    pub(super) rules: Rules,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionToml {
    format: Spanned<u32>,
    id: Spanned<String>,
    version: String,
    names: Spanned<Names>,
    zone: Spanned<String>,
    default_language: Spanned<String>,
    languages: Spanned<Vec<String>>,
    generated: Spanned<Vec<String>>,
    attribution: String,
    cells: Spanned<CellsToml>,
    pub(super) levels: Vec<KindToml>,
    #[serde(default)]
    pub(super) area_classes: Vec<KindToml>,
    pub(super) classes: Vec<KindToml>,
    pub(super) capabilities: Vec<KindToml>,
    pub(super) terrain: Vec<KindToml>,
    #[serde(default)]
    pub(super) posts: Vec<KindToml>,
    pub(super) movers: Vec<MoverToml>,
    pub(super) readiness: ReadinessToml,
    pub(super) types: Vec<TypeToml>,
    pub(super) run_cards: Vec<RunCardToml>,
    pub(super) timers: Vec<TimersToml>,
    pub(super) thresholds: ThresholdsToml,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CellsToml {
    resolution: u8,
    tile_resolution: u8,
}

/// Notes faults of `region.toml` by byte range.
pub(super) struct Notes<'a> {
    text: &'a str,
    pub(super) faults: &'a mut Faults,
}

impl Notes<'_> {
    /// A fault at the line where `span` begins.
    pub(super) fn push(&mut self, span: &Range<usize>, field: &str, rule: Rule, detail: impl Into<String>) {
        self.faults.push(FILE, self.line(span), field, rule, detail);
    }

    /// The line where `span` begins.
    pub(super) fn line(&self, span: &Range<usize>) -> u64 {
        line_at(self.text.as_bytes(), span.start)
    }
}

/// Reads `region.toml`; `None` when it cannot be used at all.
pub(super) fn read(files: &Files, faults: &mut Faults) -> Option<Settings> {
    let bytes = files.get(FILE)?;
    let Ok(text) = std::str::from_utf8(bytes) else {
        faults.of_file(FILE, Rule::Syntax, "the text is not UTF-8");
        return None;
    };
    let raw = parse(text, faults)?;
    let mut notes = Notes { text, faults };
    let manifest = manifest(&raw, &mut notes);
    let kinds = Kinds::check(&raw, &manifest, &mut notes);
    let movers = kinds.movers(&raw.movers, &mut notes);
    let readiness = raw.readiness.check(&mut notes);
    let rules = Rules::new(raw, &mut notes);
    Some(Settings { manifest, kinds, movers, readiness, rules })
}

fn parse(text: &str, faults: &mut Faults) -> Option<RegionToml> {
    let error = match toml::from_str::<RegionToml>(text) {
        Ok(raw) => return Some(raw),
        Err(error) => error,
    };
    let line = error.span().map_or(0, |span| line_at(text.as_bytes(), span.start));
    let message = error.message();
    let rule = if text.parse::<toml::Table>().is_err() {
        Rule::Syntax
    } else if message.starts_with("unknown field") {
        Rule::Unknown
    } else if message.starts_with("missing field") {
        Rule::Missing
    } else {
        Rule::Value
    };
    let field = message.split('`').nth(1).filter(|_| matches!(rule, Rule::Unknown | Rule::Missing));
    faults.push(FILE, line, field.unwrap_or_default(), rule, message);
    None
}

fn manifest(raw: &RegionToml, notes: &mut Notes<'_>) -> Manifest {
    let format = *raw.format.get_ref();
    if format != FORMAT_VERSION {
        let detail =
            format!("this loader reads format {FORMAT_VERSION}, the package is written in format {format}");
        notes.push(&raw.format.span(), "format", Rule::Format, detail);
    }
    if let Some(why) = code_fault(raw.id.get_ref()) {
        notes.push(&raw.id.span(), "id", Rule::Value, why);
    }
    if let Err(error) = jiff::tz::TimeZone::get(raw.zone.get_ref()) {
        notes.push(&raw.zone.span(), "zone", Rule::Value, format!("not an IANA time zone: {error}"));
    }
    let languages = raw.languages.get_ref();
    let default = raw.default_language.get_ref();
    if languages.first() != Some(default) || languages.len() > LANGUAGES_MAX {
        let detail = format!("the default language stands first among 1 to {LANGUAGES_MAX} languages");
        notes.push(&raw.languages.span(), "languages", Rule::Value, detail);
    }
    for part in raw.generated.get_ref().iter().filter(|part| !PARTS.contains(&part.as_str())) {
        let detail = format!("`{part}` is none of {}", PARTS.join(", "));
        notes.push(&raw.generated.span(), "generated", Rule::Value, detail);
    }
    let cells = raw.cells.get_ref();
    if !(2..=11).contains(&cells.resolution) || cells.tile_resolution > cells.resolution {
        let detail = "cells have a resolution from 2 to 11, tiles none finer than cells";
        notes.push(&raw.cells.span(), "cells", Rule::Value, detail);
    }
    let manifest = Manifest {
        format,
        id: raw.id.get_ref().clone(),
        version: raw.version.clone(),
        names: raw.names.get_ref().clone(),
        zone: raw.zone.get_ref().clone(),
        default_language: default.clone(),
        languages: languages.clone(),
        cell_resolution: cells.resolution,
        tile_resolution: cells.tile_resolution,
        generated: raw.generated.get_ref().clone(),
        attribution: raw.attribution.clone(),
    };
    check_names(&manifest, &manifest.names, &raw.names.span(), notes);
    manifest
}

/// Every name has the default language and none that the package does not list.
pub(super) fn check_names(manifest: &Manifest, names: &Names, span: &Range<usize>, notes: &mut Notes<'_>) {
    if !names.0.contains_key(&manifest.default_language) {
        let detail = format!("there is no name in the default language `{}`", manifest.default_language);
        notes.push(span, "names", Rule::Missing, detail);
    }
    for language in names.0.keys().filter(|tag| !manifest.languages.contains(tag)) {
        notes.push(span, "names", Rule::Unknown, format!("`languages` does not list `{language}`"));
    }
}
