//! Calls for help, from people and from devices.

use dispatch_core::command::{Command, RaiseAlarm};
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::sample;

use super::Sight;
use crate::chance::Chance;

pub(super) fn call(sight: Sight<'_>, chance: &mut Chance) -> Command {
    let points: Vec<_> = sight.seen.register().points.keys().cloned().collect();
    let point = chance.pick(&points).cloned();
    let words = chance.happens(0.4).then(|| super::said(sight.fresh));
    let caller = chance.happens(0.3).then(|| super::caller(sight.fresh));
    let mode = match chance.below(12) {
        0 => Mode::Exercise,
        1 => Mode::Test,
        _ => Mode::Actual,
    };
    // A button that is held sends its press again and again.
    let press = Some((sight.fresh / 40).to_string());
    let raised = match chance.below(6) {
        0 | 1 => RaiseAlarm {
            place: chance.happens(0.4).then(|| anywhere(chance)),
            silent: chance.happens(0.2),
            trunk: chance.happens(0.3).then(|| "south".into()),
            mode,
            caller,
            ..RaiseAlarm::of(AlarmSource::Call)
        },
        2 => RaiseAlarm { point, press, mode, ..RaiseAlarm::of(AlarmSource::Button) },
        3 => RaiseAlarm {
            // A device nobody knows, which may not know where it is.
            device: Some(format!("stray-{}", sight.fresh % 3)),
            place: chance.happens(0.5).then(|| Place { coord: Some(sample::at(0, 0)), ..anywhere(chance) }),
            press: chance.happens(0.5).then(|| sight.fresh.to_string()),
            silent: chance.happens(0.3),
            ..RaiseAlarm::of(AlarmSource::Sos)
        },
        _ => {
            let number =
                point.and_then(|point| Some(sight.seen.register().points.get(&point)?.number.clone()));
            let incident_type = chance.happens(0.1).then(|| "nonsense".into());
            RaiseAlarm { number, mode, caller, incident_type, ..RaiseAlarm::of(AlarmSource::Point) }
        }
    };
    RaiseAlarm { words, ..raised }.into()
}

/// Somewhere in the sample or a little beyond it, or no more than an area.
pub(super) fn anywhere(chance: &mut Chance) -> Place {
    let within = |chance: &mut Chance, from: i32, reach: usize| {
        from + i32::try_from(chance.below(reach)).unwrap_or(0) * 1_000_000
    };
    match chance.below(8) {
        0 => Place {
            kind: PlaceKind::Area,
            area: Some(if chance.happens(0.8) { "1501".into() } else { "9999".into() }),
            ..Place::unknown(PlaceSource::Caller)
        },
        1 => Place { kind: PlaceKind::RoadPost, ..Place::unknown(PlaceSource::Caller) },
        _ => {
            let (lon, lat) = (within(chance, 1_128_000_000, 640), within(chance, 418_000_000, 440));
            sample::place(lon, lat, chance.happens(0.6).then_some("anybody"))
        }
    }
}
