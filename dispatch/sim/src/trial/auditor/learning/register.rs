//! The register: what is adopted, and what changes while the centre runs.

use dispatch_core::event::{
    AutomaticSet, Event, PointRegistered, PointRetired, Record, RegionAdopted, TestWindowSet, TimersSet,
    UnitRegistered, UnitRetired,
};
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::kind::Duty;
use dispatch_core::register::{Register, UnitEntry};

use super::super::tables::{Car, Guess};

impl Guess {
    pub(super) fn learn_register(&mut self, record: &Record) {
        match &record.event {
            Event::RegionAdopted(RegionAdopted { hash, register, duties }) => {
                self.region.clone_from(hash);
                self.adopt(register, duties);
            }
            Event::UnitRegistered(UnitRegistered { unit, entry }) => self.enter(unit, entry, Duty::OnCall),
            Event::UnitRetired(UnitRetired { unit, .. }) => {
                if let Some(car) = self.units.remove(unit) {
                    self.retired.insert(unit.clone(), car.entry);
                }
            }
            Event::PointRegistered(PointRegistered { point, entry }) => {
                self.points.insert(point.clone(), (**entry).clone());
            }
            Event::PointRetired(PointRetired { point }) => {
                self.windows.remove(point);
                if let Some(entry) = self.points.get_mut(point) {
                    entry.retired = true;
                }
            }
            Event::TestWindowSet(TestWindowSet { point, until }) => {
                _ = self.windows.insert(point.clone(), *until);
            }
            Event::AutomaticSet(AutomaticSet { incident_type, automatic }) => {
                if let Some(known) = self.types.get_mut(incident_type) {
                    known.automatic.clone_from(automatic);
                }
            }
            Event::TimersSet(TimersSet { area_class, timers }) => match area_class {
                Some(class) => drop(self.class_timers.insert(class.clone(), timers.clone())),
                None => self.timers = timers.clone(),
            },
            _ => {}
        }
    }

    fn adopt(&mut self, register: &Register, duties: &[(UnitId, Duty)]) {
        self.desks.clone_from(&register.desks);
        self.label_level = register.label_level;
        self.seats = register.seats.iter().map(|(id, seat)| (id.clone(), seat.desk.clone())).collect();
        self.agencies = register.agencies.keys().map(ToString::to_string).collect();
        self.areas = register.areas.keys().map(ToString::to_string).collect();
        self.types.clone_from(&register.types);
        self.cards.clone_from(&register.run_cards);
        self.points.clone_from(&register.points);
        self.timers = register.timers.clone();
        self.class_timers.clone_from(&register.class_timers);
        self.area_classes = register.area_classes.keys().cloned().collect();
        for (id, entry) in &register.units {
            if entry.retired {
                self.units.remove(id);
                self.retired.insert(id.clone(), entry.clone());
            } else {
                let duty = duties.iter().find(|(unit, _)| unit == id).map_or(Duty::OnCall, |(_, duty)| *duty);
                self.enter(id, entry, duty);
            }
        }
    }

    fn enter(&mut self, unit: &UnitId, entry: &UnitEntry, duty: Duty) {
        self.retired.remove(unit);
        let lent = self.lent(unit).is_some();
        let desk = entry.desk.clone();
        let fresh = || Car { entry: entry.clone(), duty, broken: None, desk: desk.clone(), returning: false };
        let car = self.units.entry(unit.clone()).or_insert_with(fresh);
        car.entry = entry.clone();
        if !lent {
            car.desk = desk;
        }
    }
}
