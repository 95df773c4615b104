//! Incident types, run cards, timers and thresholds of `region.toml`.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{
    faults::Faults,
    kinds::{Kinds, check_codes},
    settings::{FILE, Notes, RegionToml},
    table::has,
};
use crate::{
    fault::Rule,
    names::Names,
    places::{Area, AreaClass},
    response::{IncidentType, Need, PRIORITY_MAX, ResponseLevel, RunCard, Thresholds, Timers},
};

/// Incident types, and run cards, of a package at most.
const ENTRIES_MAX: usize = 500;
/// Longest timer.
const TIMER_S_MAX: u32 = 24 * 3600;

/// An incident type, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeToml {
    pub(super) code: Spanned<String>,
    pub(super) names: Names,
    priority: Spanned<u8>,
    #[serde(default)]
    weapon: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    automatic: bool,
}

/// A run card, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunCardToml {
    code: Spanned<String>,
    #[serde(default)]
    types: Vec<Spanned<String>>,
    area: Option<Spanned<String>>,
    hours: Option<Spanned<[String; 2]>>,
    #[serde(default)]
    forbidden_classes: Vec<Spanned<String>>,
    levels: Spanned<Vec<Vec<NeedToml>>>,
}

/// One need of a run card, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedToml {
    count: Spanned<u8>,
    #[serde(default)]
    classes: Vec<Spanned<String>>,
    #[serde(default)]
    capabilities: Vec<Spanned<String>>,
}

/// Timers of a priority, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimersToml {
    priority: Spanned<u8>,
    area_class: Option<Spanned<String>>,
    answer_s: u32,
    claim_s: u32,
    first_order_s: u32,
    delivered_s: u32,
    signed_s: u32,
    departure_margin_s: u32,
    arrival_percent: u32,
    sign_of_life_s: u32,
    result_feedback_s: u32,
}

/// Thresholds, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThresholdsToml {
    fix_fresh_s: u32,
    fix_ageing_s: u32,
    fix_stale_s: u32,
    point_silent_s: u32,
    fix_speed_max_kmh: u32,
    duplicate_radius_m: u32,
    duplicate_window_s: u32,
    clock_skew_s: u32,
    support_s: u32,
    realert_s: u32,
}

/// A code that a run card refers to, with the line it stands on.
struct Referred {
    line: u64,
    field: &'static str,
    code: String,
}

/// What is answered and how; references are checked when the tables are there.
pub(super) struct Rules {
    pub(super) types: Vec<IncidentType>,
    pub(super) run_cards: Vec<RunCard>,
    pub(super) timers: Vec<Timers>,
    pub(super) thresholds: Thresholds,
    referred: Vec<Referred>,
}

impl Rules {
    pub(super) fn new(raw: RegionToml, notes: &mut Notes<'_>) -> Self {
        check_codes("types", raw.types.iter().map(|kind| &kind.code), notes);
        check_codes("run_cards", raw.run_cards.iter().map(|card| &card.code), notes);
        for (field, count) in [("types", raw.types.len()), ("run_cards", raw.run_cards.len())] {
            if count == 0 || count > ENTRIES_MAX {
                notes.push(&(0..0), field, Rule::Limit, format!("there are from 1 to {ENTRIES_MAX} of them"));
            }
        }
        let mut referred = Vec::new();
        let types = raw.types.into_iter().map(|kind| kind.check(notes)).collect();
        let run_cards = raw.run_cards.into_iter().map(|card| card.check(&mut referred, notes)).collect();
        let area_classes: Vec<AreaClass> = raw
            .area_classes
            .into_iter()
            .map(|class| AreaClass { code: class.code.into_inner(), names: class.names })
            .collect();
        let timers = check_timers(raw.timers, &area_classes, notes);
        Self { types, run_cards, timers, thresholds: raw.thresholds.check(notes), referred }
    }

    /// Every code a run card refers to exists.
    pub(super) fn check(self, kinds: &Kinds, areas: &[Area], faults: &mut Faults) -> Self {
        for Referred { line, field, code } in &self.referred {
            let known = match *field {
                "types" => self.types.iter().any(|kind| kind.code == *code),
                "area" => has(areas, code, |area| &area.code),
                "capabilities" => kinds.has_capability(code),
                _ => kinds.has_class(code),
            };
            if !known {
                faults.push(FILE, *line, field, Rule::Reference, format!("there is no `{code}`"));
            }
        }
        self
    }
}

impl TypeToml {
    fn check(self, notes: &mut Notes<'_>) -> IncidentType {
        check_priority(&self.priority, notes);
        if self.automatic && self.weapon {
            let detail = "a type with a weapon never gets an automatic order";
            notes.push(&self.code.span(), "automatic", Rule::Value, detail);
        }
        IncidentType {
            code: self.code.into_inner(),
            names: self.names,
            priority: self.priority.into_inner(),
            weapon: self.weapon,
            sensitive: self.sensitive,
            automatic: self.automatic,
        }
    }
}

impl RunCardToml {
    fn check(self, referred: &mut Vec<Referred>, notes: &mut Notes<'_>) -> RunCard {
        let mut refer = |field: &'static str, code: Spanned<String>| {
            referred.push(Referred { line: notes.line(&code.span()), field, code: code.get_ref().clone() });
            code.into_inner()
        };
        let types = self.types.into_iter().map(|code| refer("types", code)).collect();
        let area = self.area.map(|code| refer("area", code));
        let forbidden_classes: Vec<_> =
            self.forbidden_classes.into_iter().map(|code| refer("forbidden_classes", code)).collect();
        let span = self.levels.span();
        let mut counts = Vec::new();
        let mut need = |raw: NeedToml| {
            counts.push((raw.count.span(), *raw.count.get_ref()));
            Need {
                count: raw.count.into_inner(),
                classes: raw.classes.into_iter().map(|code| refer("classes", code)).collect(),
                capabilities: raw.capabilities.into_iter().map(|code| refer("capabilities", code)).collect(),
            }
        };
        let levels: Vec<ResponseLevel> = (1..=u8::MAX)
            .zip(self.levels.into_inner())
            .map(|(level, needs)| ResponseLevel { level, needs: needs.into_iter().map(&mut need).collect() })
            .collect();
        check_needs(&levels, &counts, &forbidden_classes, &span, notes);
        let hours = self.hours.and_then(|hours| check_hours(&hours, notes));
        RunCard { code: self.code.into_inner(), types, area, hours, forbidden_classes, levels }
    }
}

fn check_needs(
    levels: &[ResponseLevel],
    counts: &[(Range<usize>, u8)],
    forbidden: &[String],
    span: &Range<usize>,
    notes: &mut Notes<'_>,
) {
    if levels.is_empty() || levels.len() > 9 || levels.iter().any(|level| level.needs.is_empty()) {
        notes.push(span, "levels", Rule::Value, "a run card has 1 to 9 levels, each with a need");
    }
    for (span, _) in counts.iter().filter(|(_, count)| *count == 0) {
        notes.push(span, "count", Rule::Value, "a need is of at least 1 unit");
    }
    let needed = levels.iter().flat_map(|level| &level.needs).flat_map(|need| &need.classes);
    for class in needed.filter(|class| forbidden.contains(class)) {
        notes.push(span, "classes", Rule::Value, format!("`{class}` is both required and forbidden"));
    }
}

/// Local minutes of the day of `["20:00", "06:00"]`.
fn check_hours(hours: &Spanned<[String; 2]>, notes: &mut Notes<'_>) -> Option<(u16, u16)> {
    let minutes = |text: &str| -> Option<u16> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let [from, until] = hours.get_ref();
    let both = minutes(from).zip(minutes(until)).filter(|(from, until)| from != until);
    if both.is_none() {
        let detail = format!("`{from}` and `{until}` are not two different times as 20:00");
        notes.push(&hours.span(), "hours", Rule::Value, detail);
    }
    both
}

fn check_priority(priority: &Spanned<u8>, notes: &mut Notes<'_>) {
    if !(1..=PRIORITY_MAX).contains(priority.get_ref()) {
        let detail = format!("{} is not a priority from 1 to {PRIORITY_MAX}", priority.get_ref());
        notes.push(&priority.span(), "priority", Rule::Value, detail);
    }
}

fn check_timers(raw: Vec<TimersToml>, area_classes: &[AreaClass], notes: &mut Notes<'_>) -> Vec<Timers> {
    let mut timers: Vec<Timers> = Vec::new();
    for rule in raw {
        check_priority(&rule.priority, notes);
        if let Some(class) = &rule.area_class
            && !area_classes.iter().any(|known| known.code == *class.get_ref())
        {
            let detail = format!("there is no area class `{}`", class.get_ref());
            notes.push(&class.span(), "area_class", Rule::Reference, detail);
        }
        let span = rule.priority.span();
        let rule = rule.check(notes);
        if timers.iter().any(|known| known.priority == rule.priority && known.area_class == rule.area_class) {
            notes.push(&span, "timers", Rule::Duplicate, "the priority and area class have timers already");
        }
        timers.push(rule);
    }
    for priority in 1..=PRIORITY_MAX {
        if !timers.iter().any(|rule| rule.priority == priority && rule.area_class.is_none()) {
            let detail = format!("priority {priority} needs timers that name no area class");
            notes.push(&(0..0), "timers", Rule::Missing, detail);
        }
    }
    timers
}

impl TimersToml {
    fn check(self, notes: &mut Notes<'_>) -> Timers {
        let span = self.priority.span();
        let mut ms = |field: &str, seconds: u32| {
            if seconds == 0 || seconds > TIMER_S_MAX {
                notes.push(&span, field, Rule::Value, format!("a timer is from 1 to {TIMER_S_MAX} s"));
            }
            seconds.saturating_mul(1000)
        };
        let timers = Timers {
            priority: *self.priority.get_ref(),
            area_class: self.area_class.map(Spanned::into_inner),
            answer_ms: ms("answer_s", self.answer_s),
            claim_ms: ms("claim_s", self.claim_s),
            first_order_ms: ms("first_order_s", self.first_order_s),
            delivered_ms: ms("delivered_s", self.delivered_s),
            signed_ms: ms("signed_s", self.signed_s),
            departure_margin_ms: ms("departure_margin_s", self.departure_margin_s),
            arrival_percent: self.arrival_percent,
            sign_of_life_ms: ms("sign_of_life_s", self.sign_of_life_s),
            result_feedback_ms: ms("result_feedback_s", self.result_feedback_s),
        };
        if !(100..=1000).contains(&timers.arrival_percent) {
            notes.push(&span, "arrival_percent", Rule::Value, "from 100 to 1000 percent of the estimate");
        }
        timers
    }
}

impl ThresholdsToml {
    fn check(&self, notes: &mut Notes<'_>) -> Thresholds {
        if !(self.fix_fresh_s <= self.fix_ageing_s && self.fix_ageing_s < self.fix_stale_s) {
            let detail =
                "a fix is fresh, then ageing, then stale: each threshold is later than the one before";
            notes.push(&(0..0), "thresholds", Rule::Value, detail);
        }
        Thresholds {
            fix_fresh_ms: self.fix_fresh_s.saturating_mul(1000),
            fix_ageing_ms: self.fix_ageing_s.saturating_mul(1000),
            fix_stale_ms: self.fix_stale_s.saturating_mul(1000),
            point_silent_ms: self.point_silent_s.saturating_mul(1000),
            fix_speed_max_m_per_h: self.fix_speed_max_kmh.saturating_mul(1000),
            duplicate_radius_dm: self.duplicate_radius_m.saturating_mul(10),
            duplicate_window_ms: self.duplicate_window_s.saturating_mul(1000),
            clock_skew_ms: self.clock_skew_s.saturating_mul(1000),
            support_ms: self.support_s.saturating_mul(1000),
            realert_ms: self.realert_s.saturating_mul(1000),
        }
    }
}
