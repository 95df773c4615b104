//! A copy of all fixes at one moment, for position frames and pictures of the past.

use super::{Fix, LiveUnits, NOWHERE, Slot};
use crate::number::short;

/// Slots and fixes of all units with a position, by slot.
///
/// Filling one again reuses its memory, so a tick costs one pass over the table.
///
/// ```
/// # use geo_index::{Coord, Fix, LiveUnits, Snapshot};
/// # let mut units = LiveUnits::new();
/// # let at = Coord::new(1, 2)?;
/// units.update(7, Fix { at, fix_time: 0, speed_cm_s: 0, heading_deg: 0 });
/// let mut snapshot = Snapshot::default();
/// units.snapshot_into(&mut snapshot);
/// assert_eq!(snapshot.slots, [7]);
/// assert_eq!(snapshot.fixes[0].at, at);
/// # Ok::<(), geo_index::CoordError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Which units, ascending.
    pub slots: Vec<Slot>,
    /// Their fixes, in the same order.
    pub fixes: Vec<Fix>,
    /// Their masks, in the same order.
    pub masks: Vec<u64>,
}

impl LiveUnits {
    /// A copy of all fixes.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        self.snapshot_into(&mut snapshot);
        snapshot
    }

    /// Overwrites `snapshot` with all fixes.
    pub fn snapshot_into(&self, snapshot: &mut Snapshot) {
        snapshot.slots.clear();
        snapshot.fixes.clear();
        snapshot.masks.clear();
        snapshot.slots.reserve(self.positioned);
        snapshot.fixes.reserve(self.positioned);
        snapshot.masks.reserve(self.positioned);
        for (slot, (row, mask)) in self.table.iter().zip(&self.masks).enumerate() {
            if row.address != NOWHERE {
                snapshot.slots.push(short(slot));
                snapshot.fixes.push(row.fix);
                snapshot.masks.push(*mask);
            }
        }
    }
}
