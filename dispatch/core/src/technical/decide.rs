//! Technical alarms 告警: raised, repeated, shelved, suppressed, cleared. A person's alarm never comes here.

use crate::command::{
    ClearTechnical, RaiseTechnical, ShelveTechnical, SuppressSource, UnshelveTechnical, UnsuppressSource,
};
use crate::decide::{Deciding, Decision, bound};
use crate::event::{
    SourceSuppressed, TechnicalCleared, TechnicalRaised, TechnicalRepeated, TechnicalShelved,
    TechnicalUnshelved,
};
use crate::kernel::id::{AlarmId, PointId, SuppressionId, TechnicalId, UnitId};
use crate::kernel::place::AreaPath;
use crate::kernel::refusal::{Refusal, Rule};
use crate::register::speaker::Speaker;
use crate::technical::mark::Source;
use crate::technical::{Shelf, Suppression, Technical};

/// The longest code of a cause, bytes.
const CAUSE_MAX: usize = 64;

impl<'a> Deciding<'a> {
    pub(crate) fn raise_technical(&mut self, raise: &RaiseTechnical) -> Decision {
        if raise.cause.is_empty() || raise.cause.len() > CAUSE_MAX {
            return Err(Refusal::invalid("cause", Rule::CodeOfBytes { max: bound(CAUSE_MAX) }));
        }
        if raise.point.is_some() && raise.unit.is_some() {
            return Err(Refusal::invalid("point", Rule::PointOrUnit));
        }
        let area = self.source_area(raise.point.as_ref(), raise.unit.as_ref())?;
        let source = Source::new(raise.point.as_ref(), raise.unit.as_ref());
        let mut of_source = self.state.technicals().bearing(source);
        if let Some(known) = of_source.find(|known| known.kind == raise.kind && known.cause == raise.cause) {
            self.push(TechnicalRepeated { technical: known.id });
            return Ok(());
        }
        let raised = TechnicalRaised {
            technical: TechnicalId(self.minter.mint()),
            kind: raise.kind,
            cause: raise.cause.clone(),
            point: raise.point.clone(),
            unit: raise.unit.clone(),
            area,
            by: matches!(self.speaker()?, Speaker::Source).then(|| self.envelope.actor.clone()),
        };
        self.push(raised);
        Ok(())
    }

    /// Area of its point or unit; an unknown one is refused.
    pub(crate) fn source_area(
        &self,
        point: Option<&PointId>,
        unit: Option<&UnitId>,
    ) -> Result<AreaPath, Refusal> {
        let register = &self.state.register();
        if let Some(point) = point {
            let entry = register.points.get(point);
            return entry
                .map(|entry| entry.area.clone())
                .ok_or_else(|| Refusal::unknown("point", "alarm point", point));
        }
        if let Some(unit) = unit {
            let entry = register.units.get(unit);
            return entry
                .map(|entry| entry.area.clone())
                .ok_or_else(|| Refusal::unknown("unit", "unit", unit));
        }
        Ok(AreaPath::default())
    }

    pub(crate) fn shelve_technical(&mut self, shelve: &ShelveTechnical) -> Decision {
        let technical = self.technical(shelve.technical)?;
        let acting = self.acting()?;
        if shelve.until <= self.now {
            return Err(Refusal::invalid("until", Rule::LiesBehind));
        }
        let aside = Shelf {
            by: self.envelope.actor.clone(),
            seat: acting.seat.clone(),
            reason: shelve.reason,
            words: shelve.words,
            until: shelve.until,
        };
        self.push(TechnicalShelved { technical: technical.id, shelf: aside });
        Ok(())
    }

    pub(crate) fn unshelve_technical(&mut self, unshelve: &UnshelveTechnical) -> Decision {
        let technical = self.technical(unshelve.technical)?;
        if technical.shelf.is_none() {
            return Err(Refusal::NoChange);
        }
        self.push(TechnicalUnshelved { technical: technical.id });
        Ok(())
    }

    /// 抑制 of a source that is already suppressed sets a new end.
    pub(crate) fn suppress_source(&mut self, suppress: &SuppressSource) -> Decision {
        if suppress.point.is_some() == suppress.unit.is_some() {
            return Err(Refusal::invalid("point", Rule::PointOrUnit));
        }
        let area = self.source_area(suppress.point.as_ref(), suppress.unit.as_ref())?;
        let seat = self.acting()?.seat.clone();
        if suppress.until <= self.now {
            return Err(Refusal::invalid("until", Rule::LiesBehind));
        }
        let source = Source::new(suppress.point.as_ref(), suppress.unit.as_ref());
        if let Some(known) =
            self.state.suppressions().bearing(source).find(|known| known.kind == suppress.kind)
        {
            self.push(known.ended());
        }
        let suppressed = SourceSuppressed {
            suppression: SuppressionId(self.minter.mint()),
            kind: suppress.kind,
            point: suppress.point.clone(),
            unit: suppress.unit.clone(),
            area,
            seat,
            reason: suppress.reason,
            words: suppress.words,
            until: suppress.until,
        };
        self.push(suppressed);
        Ok(())
    }

    pub(crate) fn unsuppress_source(&mut self, unsuppress: &UnsuppressSource) -> Decision {
        let known = self.suppression(unsuppress.suppression)?;
        self.push(known.ended());
        Ok(())
    }

    pub(crate) fn suppression(&self, id: SuppressionId) -> Result<&'a Suppression, Refusal> {
        let found = self.state.suppressions().get(&id);
        found.ok_or_else(|| Refusal::unknown("suppression", "suppression", id))
    }

    pub(crate) fn clear_technical(&mut self, clear: &ClearTechnical) -> Decision {
        let technical = self.technical(clear.technical)?;
        self.push(TechnicalCleared { technical: technical.id, area: technical.area.clone() });
        Ok(())
    }

    pub(crate) fn technical(&self, id: TechnicalId) -> Result<&'a Technical, Refusal> {
        if self.state.alarms().contains_key(&AlarmId(id.0)) {
            return Err(Refusal::NeverShelved);
        }
        self.state.technicals().get(&id).ok_or_else(|| Refusal::unknown("technical", "technical alarm", id))
    }
}
