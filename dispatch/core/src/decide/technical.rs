//! Technical alarms 告警: raised, repeated, shelved, suppressed, cleared. A person's alarm never comes here.

use super::{Deciding, Decision};
use crate::command::{ClearTechnical, RaiseTechnical, ShelveTechnical, UnshelveTechnical};
use crate::event::Event;
use crate::id::{AlarmId, TechnicalId};
use crate::place::AreaPath;
use crate::refusal::Refusal;
use crate::technical::{Shelf, Technical};

/// The longest code of a cause, bytes.
const CAUSE_MAX: usize = 64;

impl<'a> Deciding<'a> {
    pub(super) fn raise_technical(&mut self, raise: &RaiseTechnical) -> Decision {
        if raise.cause.is_empty() || raise.cause.len() > CAUSE_MAX {
            return Err(Refusal::invalid("cause", "a code of 1 to 64 bytes"));
        }
        let area = self.source_area(raise)?;
        let mut of_source = self.state.technicals.values().filter(|known| is_of_source(known, raise));
        if let Some(known) =
            of_source.clone().find(|known| known.kind == raise.kind && known.cause == raise.cause)
        {
            self.push(Event::TechnicalRepeated { technical: known.id });
            return Ok(());
        }
        let suppressed =
            of_source.find_map(|known| known.shelf.clone().filter(|shelf| shelf.suppress_source));
        let technical = Technical {
            id: TechnicalId(self.minter.mint()),
            version: 1,
            kind: raise.kind,
            cause: raise.cause.clone(),
            point: raise.point.clone(),
            unit: raise.unit.clone(),
            area,
            first_at: self.now,
            last_at: self.now,
            count: 1,
            shelf: suppressed,
            cleared_at: None,
        };
        self.push(Event::TechnicalRaised { technical: Box::new(technical) });
        Ok(())
    }

    /// Where its point or unit belongs; what nobody knows is refused.
    fn source_area(&self, raise: &RaiseTechnical) -> Result<AreaPath, Refusal> {
        let register = &self.state.register;
        if let Some(point) = &raise.point {
            let entry = register.points.get(point);
            return entry
                .map(|entry| entry.area.clone())
                .ok_or_else(|| Refusal::unknown("point", "alarm point", point));
        }
        if let Some(unit) = &raise.unit {
            let entry = register.units.get(unit);
            return entry
                .map(|entry| entry.area.clone())
                .ok_or_else(|| Refusal::unknown("unit", "unit", unit));
        }
        Ok(AreaPath::default())
    }

    pub(super) fn shelve_technical(&mut self, shelve: &ShelveTechnical) -> Decision {
        let technical = self.technical(shelve.technical)?;
        let acting = self.acting_at(technical)?;
        if shelve.until <= self.now {
            return Err(Refusal::invalid("until", "a time to come"));
        }
        let aside = Shelf {
            by: self.envelope.actor.clone(),
            seat: acting,
            reason: shelve.reason,
            words: shelve.words,
            until: shelve.until,
            suppress_source: shelve.suppress_source,
        };
        self.push(Event::TechnicalShelved { technical: technical.id, shelf: aside });
        Ok(())
    }

    pub(super) fn unshelve_technical(&mut self, unshelve: &UnshelveTechnical) -> Decision {
        let technical = self.technical(unshelve.technical)?;
        self.acting_at(technical)?;
        if technical.shelf.is_none() {
            return Err(Refusal::NoChange);
        }
        self.push(Event::TechnicalUnshelved { technical: technical.id });
        Ok(())
    }

    /// A device that reports that all is well again clears its own without a seat.
    pub(super) fn clear_technical(&mut self, clear: &ClearTechnical) -> Decision {
        let technical = self.technical(clear.technical)?;
        if self.envelope.seat.is_some() {
            self.acting_at(technical)?;
        }
        self.push(Event::TechnicalCleared { technical: technical.id, area: technical.area.clone() });
        Ok(())
    }

    fn technical(&self, id: TechnicalId) -> Result<&'a Technical, Refusal> {
        if self.state.alarms.contains_key(&AlarmId(id.0)) {
            return Err(Refusal::NeverShelved);
        }
        self.state.technicals.get(&id).ok_or_else(|| Refusal::unknown("technical", "technical alarm", id))
    }

    /// A seat whose desk answers for where the technical alarm is; what has no place is anybody's.
    fn acting_at(&self, technical: &Technical) -> Result<crate::id::SeatId, Refusal> {
        let acting = self.acting()?;
        let desk = crate::gather::landing_desk(&self.state.register, &technical.area, None);
        match desk {
            Some(desk)
                if !technical.area.0.is_empty() && !self.is_over(acting.desk, &desk, &technical.area) =>
            {
                Err(Refusal::OtherDesk { desk })
            }
            _ => Ok(acting.seat.clone()),
        }
    }
}

fn is_of_source(known: &Technical, raise: &RaiseTechnical) -> bool {
    known.point == raise.point && known.unit == raise.unit
}
