//! Leads of a shift: they hand shifts over, put aside what is broken, and keep the register. And what breaks.

use dispatch_core::command::{
    AcceptLoss, AnswerShift, ClearTechnical, Command, CorrectClock, EraseWords, HandOverShift,
    RaiseTechnical, RegisterPoint, RegisterUnit, RetirePoint, RetireUnit, SetAutomatic, SetTestWindow,
    SetTimers, ShelveTechnical, SuppressSource, UnshelveTechnical, UnsuppressSource,
};
use dispatch_core::kernel::id::{PointId, SeatId, TechnicalId, UnitId};
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;
use dispatch_core::technical::{ShelfReason, TechnicalKind};

use super::Sight;
use crate::chance::Chance;

pub(super) fn lead(seat: &str, sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    if let Some(ahead_ms) = sight.clock_ahead_ms.filter(|_| chance.happens(0.2)) {
        // By the time it is decided the clock may be elsewhere.
        let ahead_ms = ahead_ms + *chance.pick(&[0, 0, 0, 3_000, -60_000])?;
        return Some(CorrectClock { ahead_ms }.into());
    }
    if let Some(loss) = sight.seen.losses().keys().next().filter(|_| chance.happens(0.3)) {
        return Some(AcceptLoss { loss: *loss }.into());
    }
    match chance.below(10) {
        0..3 => shift(seat, sight, chance),
        3..6 => technical(sight, chance),
        6 => super::desk::operate(seat, sight, chance),
        _ => register(sight, chance),
    }
}

fn shift(seat: &str, sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let seats: Vec<&SeatId> = sight.seen.register().seats.keys().collect();
    let offered = sight.seen.handovers().values().find(|offer| offer.to.as_str() == seat);
    if let Some(offer) = offered.filter(|_| chance.happens(0.8)) {
        return Some(AnswerShift { from: offer.from.clone(), accept: chance.happens(0.7) }.into());
    }
    let to = if chance.happens(0.5) { seat.into() } else { (*chance.pick(&seats)?).clone() };
    Some(match chance.below(4) {
        0 => AnswerShift { from: (*chance.pick(&seats)?).clone(), accept: true }.into(),
        _ => HandOverShift { from: (*chance.pick(&seats)?).clone(), to }.into(),
    })
}

fn technical(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let mut technicals: Vec<TechnicalId> = sight.seen.technicals().keys().copied().collect();
    // A person's alarm is not put aside.
    technicals.extend(sight.seen.alarms().keys().take(1).map(|alarm| TechnicalId(alarm.0)));
    let until = Time(sight.now.0 + if chance.happens(0.9) { 20_000_000 } else { -5_000_000 });
    let (reason, words) = (ShelfReason::Weather, sight.perhaps(chance));
    Some(match chance.below(5) {
        0 => ShelveTechnical { technical: *chance.pick(&technicals)?, reason, words, until }.into(),
        1 => UnshelveTechnical { technical: *chance.pick(&technicals)? }.into(),
        2 => ClearTechnical { technical: *chance.pick(&technicals)? }.into(),
        3 => {
            let (point, unit) = source(sight, chance);
            let both = chance.happens(0.05);
            let kind = chance.happens(0.5).then_some(TechnicalKind::Link);
            SuppressSource { kind, point: point.filter(|_| !both), unit, reason, words, until }.into()
        }
        _ => {
            let suppressions: Vec<_> = sight.seen.suppressions().keys().copied().collect();
            UnsuppressSource { suppression: *chance.pick(&suppressions)? }.into()
        }
    })
}

/// A point or a unit.
fn source(sight: Sight<'_>, chance: &mut Chance) -> (Option<PointId>, Option<UnitId>) {
    let points: Vec<_> = sight.seen.register().points.keys().cloned().collect();
    let units: Vec<_> = sight.seen.register().units.keys().cloned().collect();
    if chance.happens(0.5) {
        (chance.pick(&points).cloned(), None)
    } else {
        (None, chance.pick(&units).cloned())
    }
}

fn register(sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    let register = &sight.seen.register();
    let points: Vec<_> = register.points.keys().cloned().collect();
    let point = chance.pick(&points)?.clone();
    let units: Vec<_> = register.units.keys().cloned().collect();
    Some(match chance.below(9) {
        0 => {
            let until = Time(sight.now.0 + *chance.pick(&[30_000_000, 90_000_000_000, 0])?);
            SetTestWindow { point, until }.into()
        }
        1 => RetirePoint { point }.into(),
        2 | 3 => {
            let mut entry = register.points.get(&point)?.clone();
            entry.retired = chance.happens(0.5);
            if chance.happens(0.2) {
                entry.number = "0479-1001".into();
            }
            RegisterPoint { point, entry }.into()
        }
        4 => {
            // T1 comes and goes: a reserve.
            let unit = if chance.happens(0.8) { "T1".into() } else { chance.pick(&units)?.clone() };
            RetireUnit { unit }.into()
        }
        5 => {
            let unit = if chance.happens(0.8) { "T1".into() } else { chance.pick(&units)?.clone() };
            let mut entry = register.units.get(&unit)?.clone();
            if chance.happens(0.1) {
                entry.desk = "nowhere".into();
            }
            entry.crew = u8::try_from(2 + chance.below(2)).unwrap_or(2);
            RegisterUnit { unit, entry }.into()
        }
        6 => {
            let incident_type = (*chance.pick(&["crash", "theft", "armed", "nothing"])?).into();
            let countdown_ms = *chance.pick(&[None, Some(8_000), Some(8_000), Some(1)])?;
            SetAutomatic { incident_type, countdown_ms }.into()
        }
        7 => {
            let mut timers = register.timers.clone();
            timers.answer_ms[0] = if chance.happens(0.5) { 9_000 } else { 10_000 };
            let area_class = chance.happens(0.2).then(|| "swamp".into());
            SetTimers { area_class, timers }.into()
        }
        _ => {
            let notes = sight.seen.incidents().values().flat_map(|incident| incident.notes.iter().copied());
            let words = notes.take(chance.below(3)).collect();
            match chance.below(4) {
                0 => CorrectClock { ahead_ms: 0 }.into(),
                _ => EraseWords { words, reason: ErasureReason::Requested }.into(),
            }
        }
    })
}

/// Something does not work, or works again.
pub(super) fn break_down(sight: Sight<'_>, chance: &mut Chance) -> Command {
    let technicals: Vec<TechnicalId> = sight.seen.technicals().keys().copied().collect();
    if let Some(technical) = chance.pick(&technicals).filter(|_| chance.happens(0.3)) {
        return ClearTechnical { technical: *technical }.into();
    }
    let (point, unit) = source(sight, chance);
    let kind = if chance.happens(0.5) { TechnicalKind::Link } else { TechnicalKind::Device };
    let cause = if chance.happens(0.95) { "battery_low".to_owned() } else { String::new() };
    RaiseTechnical { kind, cause, point, unit }.into()
}
