//! Technical alarms: put aside by a desk that answers for their area, and never a person's alarm.

use dispatch_core::command::{
    ClearTechnical, Envelope, RaiseTechnical, ShelveTechnical, SuppressSource, UnshelveTechnical,
    UnsuppressSource,
};
use dispatch_core::kernel::id::{AlarmId, PointId, TechnicalId, UnitId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::technical::Technical;

use super::Ruling;

/// The longest code of a cause, bytes.
const CAUSE: usize = 64;

impl<'g> Ruling<'g> {
    pub(super) fn raise_technical(&mut self, it: &RaiseTechnical) {
        let max = u32::try_from(CAUSE).unwrap_or(u32::MAX);
        let odd = it.cause.is_empty() || it.cause.len() > CAUSE;
        self.way.invalid_if(odd, "cause", &Rule::CodeOfBytes { max });
        let Some(area) = self.of_source(it.point.as_ref(), it.unit.as_ref()) else { return };
        self.by_source(it.point.as_ref(), it.unit.as_ref(), &area);
    }

    /// Where a point or a unit belongs, retired or not.
    fn of_source(&mut self, point: Option<&PointId>, unit: Option<&UnitId>) -> Option<AreaPath> {
        if let Some(point) = point {
            let known = self.guess.points.get(point);
            self.way.bar_if(known.is_none(), "unknown point");
            return known.map(|entry| entry.area.clone());
        }
        let Some(unit) = unit else { return Some(AreaPath::default()) };
        let known = self.guess.units.get(unit).map(|car| &car.entry);
        let known = known.or_else(|| self.guess.retired.get(unit));
        self.way.bar_if(known.is_none(), "unknown unit");
        known.map(|entry| entry.area.clone())
    }

    fn technical(&mut self, id: TechnicalId) -> Option<&'g Technical> {
        if self.guess.alarms.contains_key(&AlarmId(id.0)) {
            self.way.bar("never_shelved");
            return None;
        }
        let found = self.guess.technicals.get(&id);
        self.way.bar_if(found.is_none(), "unknown technical");
        found
    }

    pub(super) fn shelve_technical(&mut self, it: &ShelveTechnical) {
        let Some(technical) = self.technical(it.technical) else { return };
        self.in_area(&technical.area);
        self.way.invalid_if(it.until <= self.at, "until", &Rule::LiesBehind);
    }

    pub(super) fn unshelve_technical(&mut self, it: &UnshelveTechnical) {
        let Some(technical) = self.technical(it.technical) else { return };
        self.in_area(&technical.area);
        self.way.bar_if(technical.shelf.is_none(), "no_change");
    }

    pub(super) fn suppress_source(&mut self, it: &SuppressSource) {
        self.way.invalid_if(it.point.is_some() == it.unit.is_some(), "point", &Rule::PointOrUnit);
        let Some(area) = self.of_source(it.point.as_ref(), it.unit.as_ref()) else { return };
        self.in_area(&area);
        self.way.invalid_if(it.until <= self.at, "until", &Rule::LiesBehind);
    }

    pub(super) fn unsuppress_source(&mut self, it: &UnsuppressSource) {
        match self.guess.suppressions.get(&it.suppression) {
            Some(known) => self.in_area(&known.area),
            None => self.way.bar("unknown suppression"),
        }
    }

    pub(super) fn clear_technical(&mut self, it: &ClearTechnical) {
        let Some(technical) = self.technical(it.technical) else { return };
        let Envelope { seat, channel, .. } = self.envelope;
        let program = seat.is_none() && !matches!(channel, Channel::Device | Channel::System);
        if program && self.unit_that_speaks().is_none() {
            return self.way.bar("seat_required");
        }
        self.by_source(technical.point.as_ref(), technical.unit.as_ref(), &technical.area);
    }

    /// A seat says it for its area, a unit for itself, and any other device for its own.
    fn by_source(&mut self, point: Option<&PointId>, unit: Option<&UnitId>, area: &AreaPath) {
        if self.envelope.seat.is_some() {
            return self.in_area(area);
        }
        if self.is_gone() {
            return;
        }
        let speaks = self.unit_that_speaks().cloned();
        let itself = point.is_none() && speaks.as_ref() == unit;
        self.way.invalid_if(speaks.is_some() && !itself, "actor", &Rule::OwnUnit);
    }
}
