//! The kinds of `region.toml`: levels, classes, capabilities, terrain, posts, and how units move.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{
    settings::{Notes, RegionToml, check_names},
    table::code_fault,
};
use crate::{
    fault::Rule,
    forces::{AuthorityClass, Capability, KINDS_MAX, Mover, Readiness},
    manifest::Manifest,
    names::Names,
    places::{AreaClass, AreaLevel, TerrainClass},
    staff::Post,
};

/// Fastest believable mover.
const SPEED_KMH_MAX: u32 = 400;
/// Longest believable way for its straight distance.
const DETOUR_PERCENT_MAX: u32 = 500;
/// Longest turnout time.
pub(super) const READINESS_S_MAX: u32 = 4 * 3600;
/// Kinds of one sort at most, where no mask limits them further.
const SORT_MAX: usize = 64;

/// A code with names, as written.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct KindToml {
    pub(super) code: Spanned<String>,
    pub(super) names: Names,
}

/// A mover, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MoverToml {
    code: Spanned<String>,
    names: Names,
    symbol: String,
    detour_percent: Spanned<u32>,
    speeds_kmh: Spanned<BTreeMap<String, u32>>,
}

/// Turnout times, as written.
#[expect(clippy::struct_field_names, reason = "the keys name their unit")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadinessToml {
    patrolling_s: Spanned<u32>,
    on_call_s: Spanned<u32>,
    reserve_s: Spanned<u32>,
}

/// The kinds of a package.
pub(super) struct Kinds {
    pub(super) levels: Vec<AreaLevel>,
    pub(super) area_classes: Vec<AreaClass>,
    pub(super) classes: Vec<AuthorityClass>,
    pub(super) capabilities: Vec<Capability>,
    pub(super) terrain: Vec<TerrainClass>,
    pub(super) posts: Vec<Post>,
}

impl Kinds {
    pub(super) fn check(raw: &RegionToml, manifest: &Manifest, notes: &mut Notes<'_>) -> Self {
        let mut check = |field: &str, kinds: &[KindToml], least: usize| {
            check_sort(field, kinds, least, manifest, notes);
            kinds.iter().map(|kind| (kind.code.get_ref().clone(), kind.names.clone())).collect::<Vec<_>>()
        };
        let levels = check("levels", &raw.levels, 1);
        let area_classes = check("area_classes", &raw.area_classes, 0);
        let terrain = check("terrain", &raw.terrain, 1);
        let posts = check("posts", &raw.posts, 0);
        let both = [raw.classes.as_slice(), raw.capabilities.as_slice()].concat();
        check("classes and capabilities", &both, 1);
        if let Some(beyond) = both.get(KINDS_MAX) {
            let detail = format!("{} classes and capabilities; at most {KINDS_MAX} fit the mask", both.len());
            notes.push(&beyond.code.span(), "capabilities", Rule::Limit, detail);
        }
        if raw.classes.is_empty() {
            notes.push(&(0..0), "classes", Rule::Missing, "a package has at least one authority class");
        }
        for mover in &raw.movers {
            check_names(manifest, &mover.names, &mover.code.span(), notes);
        }
        for kind in &raw.types {
            check_names(manifest, &kind.names, &kind.code.span(), notes);
        }
        let of = |kinds: &[KindToml]| -> Vec<(String, Names)> {
            kinds.iter().map(|kind| (kind.code.get_ref().clone(), kind.names.clone())).collect()
        };
        Self {
            levels: levels.into_iter().map(|(code, names)| AreaLevel { code, names }).collect(),
            area_classes: area_classes.into_iter().map(|(code, names)| AreaClass { code, names }).collect(),
            classes: of(&raw.classes)
                .into_iter()
                .map(|(code, names)| AuthorityClass { code, names })
                .collect(),
            capabilities: of(&raw.capabilities)
                .into_iter()
                .map(|(code, names)| Capability { code, names })
                .collect(),
            terrain: terrain.into_iter().map(|(code, names)| TerrainClass { code, names }).collect(),
            posts: posts.into_iter().map(|(code, names)| Post { code, names }).collect(),
        }
    }

    /// The movers, each with a speed for every terrain class and for nothing else.
    pub(super) fn movers(&self, raw: &[MoverToml], notes: &mut Notes<'_>) -> Vec<Mover> {
        check_codes("movers", raw.iter().map(|mover| &mover.code), notes);
        raw.iter().map(|mover| self.mover(mover, notes)).collect()
    }

    fn mover(&self, raw: &MoverToml, notes: &mut Notes<'_>) -> Mover {
        let detour_percent = *raw.detour_percent.get_ref();
        if !(100..=DETOUR_PERCENT_MAX).contains(&detour_percent) {
            let detail = format!("{detour_percent} is not from 100 to {DETOUR_PERCENT_MAX} percent");
            notes.push(&raw.detour_percent.span(), "detour_percent", Rule::Value, detail);
        }
        let (speeds, span) = (raw.speeds_kmh.get_ref(), raw.speeds_kmh.span());
        for terrain in self.terrain.iter().filter(|terrain| !speeds.contains_key(&terrain.code)) {
            notes.push(
                &span,
                "speeds_kmh",
                Rule::Missing,
                format!("there is no speed for terrain `{}`", terrain.code),
            );
        }
        for terrain in speeds.keys().filter(|code| !self.terrain.iter().any(|known| known.code == **code)) {
            notes.push(&span, "speeds_kmh", Rule::Reference, format!("there is no terrain `{terrain}`"));
        }
        if speeds.values().any(|&speed| speed > SPEED_KMH_MAX) || speeds.values().all(|&speed| speed == 0) {
            let detail = format!("speeds are at most {SPEED_KMH_MAX} km/h, and one of them is not 0");
            notes.push(&span, "speeds_kmh", Rule::Value, detail);
        }
        Mover {
            code: raw.code.get_ref().clone(),
            names: raw.names.clone(),
            symbol: raw.symbol.clone(),
            detour_percent,
            speeds_m_per_h: speeds
                .iter()
                .map(|(code, kmh)| (code.clone(), kmh.saturating_mul(1000)))
                .collect(),
        }
    }

    /// Whether there is an authority class of this code.
    pub(super) fn has_class(&self, code: &str) -> bool {
        self.classes.iter().any(|class| class.code == code)
    }

    /// Whether there is a capability of this code.
    pub(super) fn has_capability(&self, code: &str) -> bool {
        self.capabilities.iter().any(|kind| kind.code == code)
    }
}

impl ReadinessToml {
    pub(super) fn check(&self, notes: &mut Notes<'_>) -> Readiness {
        let mut ms = |field: &str, seconds: &Spanned<u32>| {
            if *seconds.get_ref() > READINESS_S_MAX {
                notes.push(&seconds.span(), field, Rule::Value, format!("at most {READINESS_S_MAX} s"));
            }
            seconds.get_ref().saturating_mul(1000)
        };
        Readiness {
            patrolling_ms: ms("patrolling_s", &self.patrolling_s),
            on_call_ms: ms("on_call_s", &self.on_call_s),
            reserve_ms: ms("reserve_s", &self.reserve_s),
        }
    }
}

fn check_sort(field: &str, kinds: &[KindToml], least: usize, manifest: &Manifest, notes: &mut Notes<'_>) {
    if kinds.len() < least || kinds.len() > SORT_MAX {
        let span = kinds.first().map_or(0..0, |kind| kind.code.span());
        notes.push(&span, field, Rule::Limit, format!("there are from {least} to {SORT_MAX} of them"));
    }
    check_codes(field, kinds.iter().map(|kind| &kind.code), notes);
    for kind in kinds {
        check_names(manifest, &kind.names, &kind.code.span(), notes);
    }
}

/// Codes are codes and none is given twice.
pub(super) fn check_codes<'a>(
    field: &str,
    codes: impl Iterator<Item = &'a Spanned<String>>,
    notes: &mut Notes<'_>,
) {
    let mut seen = BTreeSet::new();
    for code in codes {
        if let Some(why) = code_fault(code.get_ref()) {
            notes.push(&code.span(), field, Rule::Value, why);
        }
        if !seen.insert(code.get_ref()) {
            notes.push(&code.span(), field, Rule::Duplicate, format!("`{}` is given twice", code.get_ref()));
        }
    }
}
