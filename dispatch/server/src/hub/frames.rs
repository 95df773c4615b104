//! Position frames: live units put into (tile, label) and encoded when they differ from the last tick (D15).

use std::collections::BTreeMap;

use dispatch_api::frame::{Frame, FrameUnit, NO_FIX, NO_LABEL};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::time::Time;
use dispatch_core::register::Register;
use dispatch_core::seek::live_map;
use dispatch_core::seek::mask::ON_DUTY;
use geo_index::cells::{Resolution, cell_of};
use geo_index::live::Snapshot;
use geo_index::{Coord, Fix};
use tokio_tungstenite::tungstenite::Bytes;

use super::queue::FrameKey;

/// Label of every slot, and what labels stand for; made anew when the register changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// The area each index stands for.
    pub areas: Vec<AreaPath>,
    by_slot: Vec<u32>,
}

impl Labels {
    /// Of a register: the areas at its label level, in order of code.
    pub fn of(register: &Register) -> Self {
        let depth = usize::from(register.label_level) + 1;
        let areas: Vec<AreaPath> = register
            .areas
            .values()
            .filter(|area| area.path.0.len() == depth)
            .map(|area| area.path.clone())
            .collect();
        let index: BTreeMap<&AreaPath, u32> = areas.iter().zip(0u32..).collect();
        let mut by_slot = Vec::new();
        for entry in register.units.values() {
            let slot = entry.slot as usize;
            if by_slot.len() <= slot {
                by_slot.resize(slot + 1, NO_LABEL);
            }
            let prefix = AreaPath(entry.area.0.iter().take(depth).cloned().collect());
            by_slot[slot] = index.get(&prefix).copied().unwrap_or(NO_LABEL);
        }
        Self { areas, by_slot }
    }

    fn label(&self, slot: u32) -> u32 {
        self.by_slot.get(slot as usize).copied().unwrap_or(NO_LABEL)
    }
}

/// Makes the frames of each tick.
#[derive(Debug)]
pub struct Tiler {
    resolution: Resolution,
    cells: Vec<(Coord, u64)>,
    last: BTreeMap<FrameKey, Vec<(u32, Fix)>>,
}

impl Tiler {
    /// For tiles of a resolution.
    pub fn new(resolution: Resolution) -> Self {
        Self { resolution, cells: Vec::new(), last: BTreeMap::new() }
    }

    /// The frames that differ from the last tick; an emptied tile comes once with no unit.
    pub fn tick(&mut self, snapshot: &Snapshot, labels: &Labels, at: Time) -> Vec<(FrameKey, Bytes)> {
        let mut now: BTreeMap<FrameKey, Vec<(u32, Fix)>> = BTreeMap::new();
        for ((slot, fix), mask) in snapshot.slots.iter().zip(&snapshot.fixes).zip(&snapshot.masks) {
            if mask & ON_DUTY == 0 {
                continue;
            }
            let tile = self.tile(*slot, fix.at);
            now.entry((tile, labels.label(*slot))).or_default().push((*slot, *fix));
        }
        let mut changed = Vec::new();
        for (key, units) in &now {
            if self.last.get(key) != Some(units) {
                changed.push((*key, encode(*key, units, at)));
            }
        }
        for key in self.last.keys().filter(|key| !now.contains_key(key)) {
            changed.push((*key, encode(*key, &[], at)));
        }
        self.last = now;
        changed
    }

    fn tile(&mut self, slot: u32, at: Coord) -> u64 {
        let index = slot as usize;
        if self.cells.len() <= index {
            self.cells.resize(index + 1, (Coord { lon: 0, lat: 0 }, 0));
        }
        let held = &mut self.cells[index];
        if held.0 != at || held.1 == 0 {
            *held = (at, cell_of(at, self.resolution));
        }
        held.1
    }
}

fn encode((tile, label): FrameKey, units: &[(u32, Fix)], at: Time) -> Bytes {
    let unit = |(slot, fix): &(u32, Fix)| FrameUnit {
        slot: *slot,
        lon: fix.at.lon,
        lat: fix.at.lat,
        speed_cm_s: fix.speed_cm_s,
        heading_deg: fix.heading_deg,
        age_s: age(fix.fix_time, at),
    };
    Frame { tile, label, at, units: units.iter().map(unit).collect() }.encode().into()
}

fn age(fix_time: i64, at: Time) -> u16 {
    if fix_time == live_map::NO_FIX {
        return NO_FIX;
    }
    let seconds = at.0.saturating_sub(fix_time).max(0) / 1_000_000;
    u16::try_from(seconds).unwrap_or(NO_FIX - 1).min(NO_FIX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_api::frame;

    fn fix(lon: f64, fix_time: i64) -> Fix {
        Fix { at: Coord::from_degrees(lon, 44.0).unwrap(), fix_time, speed_cm_s: 0, heading_deg: 0 }
    }

    fn decode(bytes: &[u8]) -> Frame {
        frame::read(&frame::message([bytes])).next().unwrap().unwrap()
    }

    fn snapshot(units: &[(u32, Fix, u64)]) -> Snapshot {
        Snapshot {
            slots: units.iter().map(|unit| unit.0).collect(),
            fixes: units.iter().map(|unit| unit.1).collect(),
            masks: units.iter().map(|unit| unit.2).collect(),
        }
    }

    #[test]
    fn a_frame_is_whole_and_an_emptied_tile_comes_once() {
        let labels = Labels { areas: vec![], by_slot: vec![0, 0, 1] };
        let mut tiler = Tiler::new(Resolution::Three);
        let here =
            [(0, fix(116.0, 1), ON_DUTY), (1, fix(116.0, live_map::NO_FIX), ON_DUTY), (2, fix(116.0, 1), 0)];
        let frames = tiler.tick(&snapshot(&here), &labels, Time(5_000_001));
        assert_eq!(frames.len(), 1, "the unit off duty is in no frame");
        let frame = decode(&frames[0].1);
        assert_eq!(frame.units.iter().map(|unit| unit.age_s).collect::<Vec<_>>(), [5, NO_FIX]);
        assert!(tiler.tick(&snapshot(&here), &labels, Time(9_000_000)).is_empty(), "age alone is no change");
        let gone = [(0, fix(126.0, 2), ON_DUTY), (1, fix(126.0, 2), ON_DUTY)];
        let frames = tiler.tick(&snapshot(&gone), &labels, Time(9_000_000));
        assert_eq!(frames.len(), 2);
        let counts: Vec<usize> = frames.iter().map(|(_, bytes)| decode(bytes).units.len()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 2);
        assert!(counts.contains(&0));
        assert!(tiler.tick(&snapshot(&gone), &labels, Time(9_000_000)).is_empty());
    }

    #[test]
    fn ages_saturate_below_the_mark_for_no_fix() {
        assert_eq!(age(0, Time(i64::MAX)), 65_534);
        assert_eq!(age(10, Time(0)), 0);
    }
}
