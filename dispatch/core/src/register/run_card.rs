//! Which run card 调派方案 holds for a type in an area at a time of day and a response level.

use std::collections::BTreeSet;

use crate::kernel::id::{KindCode, TypeCode};
use crate::kernel::place::AreaPath;
use crate::kernel::recommendation::Need;
use crate::register::{Register, RunCard};

/// What a run card asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What is needed, line by line; each line is met by units of its own.
    pub needs: Vec<Need>,
    /// Authority classes that must not be sent.
    pub forbidden: BTreeSet<KindCode>,
}

/// The card for a type (or for an incident without one) in an area at a minute of the region's day and at a level.
///
/// A card for the type goes before the general card, then the card of the smallest area around, then one that holds at
/// certain hours before one that holds all day, then that of the highest level not above the one asked for, then the
/// first in the register. Where the region has no card at all, one
/// unit of any kind is asked for: an incident never goes without a recommendation because a table has a hole.
pub fn run_card(
    register: &Register,
    incident_type: Option<&TypeCode>,
    area: &AreaPath,
    minute: u16,
    level: u8,
) -> Card {
    let holds = register.run_cards.iter().filter(|card| {
        let for_type = card.incident_type.is_none() || card.incident_type.as_ref() == incident_type;
        let at_hours = card.hours.is_none_or(|hours| hours.holds(minute));
        for_type && at_hours && card.level <= level && area.is_within(&card.area)
    });
    let rank =
        |card: &&RunCard| (card.incident_type.is_some(), card.area.0.len(), card.hours.is_some(), card.level);
    let best = holds.rev().max_by_key(rank);
    match best {
        Some(card) => Card { needs: card.needs.clone(), forbidden: card.forbidden.clone() },
        None => Card {
            needs: vec![Need { count: 1, capabilities: BTreeSet::new(), classes: BTreeSet::new() }],
            forbidden: BTreeSet::new(),
        },
    }
}
