//! What alarms are looked for by: of many thousands open in a flood, those of one source or seat are found at once.

use crate::kernel::id::{PointId, SeatId, UnitId};
use crate::kernel::marked::Marked;
use crate::response::alarm::{Alarm, AlarmState, CallBack};

/// Something alarms are looked for by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmMark {
    /// The point it came from.
    Point(PointId),
    /// The unit it came from.
    Unit(UnitId),
    /// The device it came from.
    Device(String),
    /// The seat that answered it, while it is not settled or a call back is owed.
    With(SeatId),
}

impl AlarmMark {
    /// What an alarm came from, which may be several things; that never changes.
    pub fn sources(alarm: &Alarm) -> impl Iterator<Item = Self> {
        let point = alarm.point.clone().map(Self::Point);
        let unit = alarm.unit.clone().map(Self::Unit);
        let device = alarm.device.clone().map(Self::Device);
        [point, unit, device].into_iter().flatten()
    }
}

impl Marked for Alarm {
    type Mark = AlarmMark;

    fn marks(&self) -> impl Iterator<Item = AlarmMark> {
        let owed = self.call_back.as_ref().is_some_and(CallBack::is_owed);
        let with = self.answered.as_ref().filter(|_| self.state == AlarmState::Answered || owed);
        AlarmMark::sources(self).chain(with.map(|(_, seat)| AlarmMark::With(seat.clone())))
    }
}
