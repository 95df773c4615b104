//! From an examination to a recommendation: a pure function, so that a recorded one can be recomputed from its own
//! evidence to the same bytes (D1).
//!
//! **The proposal.** Each need line asks for units of its own, and a unit costs its ETA whichever line it fills. The
//! sets of units that can fill lines together are then the independent sets of a transversal matroid, and taking the
//! soonest unit that still fits (moving others between lines where that makes room) is optimal, not merely good:
//! as many places are filled as can be, and among all such choices the n-th arrival is as soon as it can be for every
//! n at once, so the sum, the last and the first arrival are least together. A branch and bound over the same
//! candidates finds nothing better; the tests compare with trying everything.
//!
//! **Absent on purpose**: coverage of what stays behind; the best of both is a later policy that has to say so.

use crate::kernel::id::{IncidentId, RecommendationId};
use crate::kernel::place::{Place, PlaceSource};
use crate::kernel::recommendation::{Candidate, Examination, Occasion, PlaceReason, Ranked, Recommendation};

/// A place whose radius of doubt is wider than this asks for a second key, metres.
pub const RADIUS_WIDE_M: u32 = 500;

/// The policy that ranks here, and its version. A record names it, so that older records stay computable.
pub const POLICY: &str = "soonest/1";

/// Ranks the available units by ETA (equal ones in the order of the examination, which is that of their slots), and
/// proposes who fills which need line.
pub fn recommend(
    id: RecommendationId,
    incident: IncidentId,
    occasion: Occasion,
    examination: &Examination,
) -> Recommendation {
    let order = by_eta(examination);
    let proposal = propose(&order, examination);
    let proposed = (0u16..).zip(&proposal).filter_map(|(at, line)| line.map(|line| (at, line)));
    let proposed: Vec<_> = proposed.collect();
    Recommendation::assemble(id, incident, occasion, POLICY.to_owned(), examination, &proposed)
}

/// The available units, the soonest first.
fn by_eta(examination: &Examination) -> Vec<&Candidate> {
    let mut order: Vec<&Candidate> = examination.available.iter().collect();
    order.sort_by_key(|candidate| candidate.eta_ms());
    order
}

impl Recommendation {
    /// A recommendation of its evidence and its proposal: of each candidate that is to go its place in the order of
    /// rank, from 0, and the need line it fills.
    pub fn assemble(
        id: RecommendationId,
        incident: IncidentId,
        occasion: Occasion,
        policy: String,
        examination: &Examination,
        proposed: &[(u16, u8)],
    ) -> Self {
        let order = by_eta(examination);
        let first_ms = order.first().map_or(0, |candidate| candidate.eta_ms());
        let ranked = (0u16..).zip(&order).map(|(at, candidate)| {
            let previous = usize::from(at).checked_sub(1).and_then(|before| order.get(before));
            Ranked {
                rank: at.saturating_add(1),
                candidate: (*candidate).clone(),
                fills: candidate.fills.clone(),
                proposed_for: proposed.iter().find(|(who, _)| *who == at).map(|(_, line)| *line),
                behind_ms: candidate.eta_ms() - first_ms,
                overlaps_previous: previous.is_some_and(|previous| overlap(previous, candidate)),
                needs_support: examination.desk.as_ref().is_some_and(|desk| *desk != candidate.desk),
            }
        });
        Self {
            id,
            incident,
            occasion,
            policy,
            ranked: ranked.collect(),
            unfilled: unfilled(examination, proposed),
            place_uncertain: is_uncertain(&examination.place),
            place_reason: place_reason(examination),
            examination: examination.clone(),
        }
    }

    /// Its proposal: of each candidate that is to go its place in the order of rank, from 0, and the line it fills.
    pub fn proposed(&self) -> Vec<(u16, u8)> {
        let proposed = self.ranked.iter().filter_map(|ranked| Some((ranked.rank - 1, ranked.proposed_for?)));
        proposed.collect()
    }
}

/// Whether a place asks for a second key: without a coordinate, wide, or neither confirmed by a seat nor known by
/// itself. A register entry, a live fix and a crew at the scene are known by themselves.
pub fn is_uncertain(place: &Place) -> bool {
    let by_itself = matches!(place.source, PlaceSource::Register | PlaceSource::Fix | PlaceSource::Crew);
    place.coord.is_none() || place.radius_m > RADIUS_WIDE_M || (place.confirmed_by.is_none() && !by_itself)
}

/// What is wanting in the place that was examined.
fn place_reason(examination: &Examination) -> Option<PlaceReason> {
    match (examination.place.coord, &examination.around) {
        (Some(_), _) => None,
        (None, Some(_)) => Some(PlaceReason::PlaceIsArea),
        (None, None) => Some(PlaceReason::PlaceUnknown),
    }
}

/// Whether the order of two candidates rests on fixes too old, or a place too wide, to tell.
fn overlap(sooner: &Candidate, later: &Candidate) -> bool {
    let doubted = sooner.doubt_ms > 0 || later.doubt_ms > 0;
    doubted && sooner.eta_high_ms() >= later.eta_low_ms()
}

/// Need lines with how many units they lack.
fn unfilled(examination: &Examination, proposed: &[(u16, u8)]) -> Vec<(u8, u8)> {
    let lacks = |(line, count): (u8, u8)| {
        let filled = proposed.iter().filter(|(_, fills)| *fills == line).count();
        let missing = count.saturating_sub(u8::try_from(filled).unwrap_or(u8::MAX));
        (missing > 0).then_some((line, missing))
    };
    (0u8..=u8::MAX).zip(examination.needs.iter().map(|need| need.count)).filter_map(lacks).collect()
}

/// The need line of each candidate in order of rank, `None` for a reserve.
///
/// Candidates are taken by ETA as long as they fit together. Where not every line can be filled, the chosen ones are
/// then laid out so that the lines named first are: a card names first what matters most.
fn propose(order: &[&Candidate], examination: &Examination) -> Vec<Option<u8>> {
    let lines = (0u8..=u8::MAX).zip(&examination.needs);
    let places: Vec<u8> = lines.flat_map(|(line, need)| (0..need.count).map(move |_| line)).collect();
    let fits = |unit: usize, place: usize| order[unit].fills.contains(&places[place]);

    let mut by_place: Vec<Option<usize>> = vec![None; places.len()];
    let mut chosen = Vec::new();
    for unit in 0..order.len() {
        let mut seen = vec![false; places.len()];
        if make_room(unit, &|unit, place| fits(unit, place), &mut by_place, &mut seen) {
            chosen.push(unit);
        }
    }
    let mut by_chosen: Vec<Option<usize>> = vec![None; chosen.len()];
    for place in 0..places.len() {
        let mut seen = vec![false; chosen.len()];
        make_room(place, &|place, at| fits(chosen[at], place), &mut by_chosen, &mut seen);
    }
    let mut proposal = vec![None; order.len()];
    for (at, place) in by_chosen.iter().enumerate() {
        proposal[chosen[at]] = place.map(|place| places[place]);
    }
    proposal
}

/// Matches `left` to a right side, moving those already matched where needed (an augmenting path). What is matched
/// stays matched.
fn make_room(
    left: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    matched: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for right in 0..matched.len() {
        if seen[right] || !fits(left, right) {
            continue;
        }
        seen[right] = true;
        if matched[right].is_none_or(|other| make_room(other, fits, matched, seen)) {
            matched[right] = Some(left);
            return true;
        }
    }
    false
}
