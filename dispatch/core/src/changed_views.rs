//! Which views a commit changes: those of all that its events are about, each once and whole (D4, D15).

use std::collections::BTreeSet;

use crate::event::Record;
use crate::kernel::about::{About, Fate, Shown};
use crate::kernel::id::{EntityId, IncidentId, UnitId};
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::response::incident::Incident;
use crate::response::support::mark::SupportMark;
use crate::state::State;
use crate::technical::mark::Source;
use crate::view::{Gone, View};

/// The views of all that the records changed, each once, by kind and then id; what left live state is
/// [`View::Gone`]. `state` is the state after the last of the records.
pub fn changed_views(state: &State, records: &[Record]) -> Vec<View> {
    let found = Found::of(state, records);
    let views = found.alive.iter().filter_map(|id| View::of(state, id));
    views.chain(found.gone.into_iter().map(View::Gone)).collect()
}

/// Units whose index mask may have changed, each once, by id.
pub fn changed_units(state: &State, records: &[Record]) -> Vec<UnitId> {
    let found = Found::of(state, records);
    let gone = found.gone.into_iter().filter(|gone| gone.of == "unit").map(|gone| UnitId::from(&*gone.id));
    let units: BTreeSet<UnitId> = found.alive.iter().filter_map(EntityId::as_unit).chain(gone).collect();
    units.into_iter().collect()
}

struct Found<'a> {
    state: &'a State,
    alive: BTreeSet<EntityId>,
    gone: Vec<Gone>,
}

impl<'a> Found<'a> {
    fn of(state: &'a State, records: &[Record]) -> Self {
        let mut found = Self { state, alive: BTreeSet::new(), gone: Vec::new() };
        for record in records {
            found.add(record.event.about());
        }
        found
    }

    fn add(&mut self, about: About) {
        for (id, role) in about.entities {
            match role {
                Fate::Made | Fate::Changed => self.with_what_rests_on_it(id),
                Fate::Told => self.told(id),
                Fate::Named => {}
                Fate::Gone(area) => self.leave(&id, area),
            }
        }
        for shown in &about.shown {
            self.shown(shown);
        }
    }

    /// An entity and those whose status derives from it: for an order, its incident and its unit.
    fn with_what_rests_on_it(&mut self, id: EntityId) {
        if let Some(order) = id.as_order().and_then(|id| self.state.orders().get(&id)) {
            self.alive.insert(EntityId::Incident(order.incident));
            if let Target::Unit(unit) = &order.target {
                self.alive.insert(EntityId::Unit(unit.clone()));
            }
        }
        self.alive.insert(id);
    }

    /// An entity that hears of something: what is overdue is so in its incident too.
    fn told(&mut self, id: EntityId) {
        self.alive.extend(id.incident(self.state).map(EntityId::Incident));
        self.alive.insert(id);
    }

    fn leave(&mut self, id: &EntityId, area: AreaPath) {
        self.alive.remove(id);
        self.gone.push(Gone { of: id.kind().to_owned(), id: id.id(), area });
    }

    fn shown(&mut self, shown: &Shown) {
        let state = self.state;
        match shown {
            Shown::OrdersOf(id) => {
                let orders = self.incident(*id).map(|incident| &incident.orders[..]).unwrap_or_default();
                self.alive.extend(orders.iter().copied().map(EntityId::Order));
            }
            Shown::CallersOf(id) => {
                let alarms = self.incident(*id).map(|incident| &incident.alarms[..]).unwrap_or_default();
                let units = alarms.iter().filter_map(|alarm| state.alarms().get(alarm)?.unit.clone());
                self.alive.extend(units.map(EntityId::Unit));
            }
            Shown::RecommendationsOf(id) => {
                let known = state.recommendations().between(*id, *id);
                self.alive.extend(known.map(|(_, known)| EntityId::Recommendation(*known)));
            }
            Shown::AlarmsOf(id) => {
                let alarms = self.incident(*id).map(|incident| &incident.alarms[..]).unwrap_or_default();
                self.alive.extend(alarms.iter().copied().map(EntityId::Alarm));
            }
            Shown::SupportsOf(id) => {
                let supports = state.supports().bearing(SupportMark::Of(*id));
                self.alive.extend(supports.map(|support| EntityId::Support(support.id)));
            }
            Shown::IncidentOf(id) => {
                let outcome = state.alarms().get(id).and_then(|alarm| alarm.outcome.as_ref());
                self.alive.extend(outcome.and_then(|outcome| outcome.incident).map(EntityId::Incident));
            }
            Shown::TechnicalsFrom { point, unit } => {
                let source = Source::new(point.as_ref(), unit.as_ref());
                let held = state.technicals().bearing(source);
                self.alive.extend(held.map(|technical| EntityId::Technical(technical.id)));
            }
            Shown::WhateverIsDue => {
                let waiting: BTreeSet<_> = state.timers().rows().map(|row| row.key.waits_for()).collect();
                for id in waiting {
                    self.told(id);
                }
                self.alive.extend(state.units().keys().cloned().map(EntityId::Unit));
                self.alive.extend(state.test_windows().keys().cloned().map(EntityId::Point));
            }
            Shown::Register => self.register(),
        }
    }

    fn register(&mut self) {
        let register = &self.state.register();
        for (id, entry) in &register.units {
            let id = EntityId::Unit(id.clone());
            if entry.retired { self.leave(&id, entry.area.clone()) } else { _ = self.alive.insert(id) }
        }
        self.alive.extend(register.points.keys().cloned().map(EntityId::Point));
    }

    fn incident(&self, id: IncidentId) -> Option<&'a Incident> {
        self.state.incidents().get(&id)
    }
}
