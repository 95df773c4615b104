//! Whether whoever sends a command may: looked at once for every command, before it is decided, by the grounds that stand
//! in its row (D2). What is named and not known is refused first.
//!
//! A desk answers for what lies below its area, for what it was given, and for all that its children answer for. Units,
//! alarm points and other sources speak for themselves and for nothing else. The node may do what no seat has to.

use crate::decide::{Deciding, Decision};
use crate::kernel::ground::{Ground, Of};
use crate::kernel::id::{DeskId, IncidentId, PointId, ReminderId, SeatId, TechnicalId, UnitId};
use crate::kernel::place::AreaPath;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::landing::landing_desk;
use crate::register::speaker::{Acting, Speaker};
use crate::response::authority::{desks_up, is_above};
use crate::response::incident::Incident;
use crate::response::order::Order;

impl<'a> Deciding<'a> {
    /// Refuses a sender that has no authority over what the command is about.
    pub(crate) fn permitted(&self) -> Decision {
        self.envelope.command.grounds().into_iter().try_for_each(|ground| self.stands_on(ground))
    }

    fn stands_on(&self, ground: Ground<'_>) -> Decision {
        match ground {
            Ground::Anybody | Ground::Joined(Of { is: None, .. }) => Ok(()),
            Ground::Node => match self.speaker()? {
                Speaker::Node => Ok(()),
                _ => Err(Refusal::invalid("actor", Rule::NodeOnly)),
            },
            Ground::OwnSeat => self.acting().map(drop),
            Ground::Region => self.or_node(|acting| self.over_all(acting)),
            Ground::Area(area) => self.or_node(|acting| self.over_area(acting, area.is)),
            Ground::Desk(desk) => self.or_node(|acting| self.over_desk(acting, desk)),
            Ground::Shift(seat) => {
                let desk = &self.seat(seat.field, seat.is)?.desk;
                self.acting_over(desk, &self.area_of(desk))
            }
            Ground::Source(point, unit) => {
                let area = self.source_area(point.is.as_ref(), unit.is.as_ref())?;
                self.source(point.is.as_ref(), unit.is.as_ref(), &area)
            }
            Ground::Muted(point, unit) => {
                let area = self.source_area(point.is.as_ref(), unit.is.as_ref())?;
                self.over_source(self.acting()?, &area)
            }
            Ground::Technical(technical) => {
                let area = &self.technical(*technical.is)?.area;
                self.over_source(self.acting()?, area)
            }
            Ground::Mended(technical) => self.mends(*technical.is),
            Ground::Suppression(suppression) => {
                let area = &self.suppression(*suppression.is)?.area;
                self.over_source(self.acting()?, area)
            }
            Ground::Alarm(alarm) => {
                let alarm = self.alarm(*alarm.is)?;
                self.acting_over(&alarm.desk, &alarm.area)
            }
            Ground::Incident(incident) | Ground::Other(incident) => self.over_incident(incident),
            Ground::Joined(Of { field, is: Some(incident) }) => {
                self.over_incident(Of { field, is: incident })
            }
            Ground::Ended(incident) => match self.archived(*incident.is) {
                Some(old) => self.acting_over(&old.desk, &old.area),
                None => self.over_incident(incident),
            },
            Ground::Carried(incident) => self.carried_on(self.incident(incident.field, *incident.is)?),
            Ground::Responsible(incident) => {
                self.responsible_for(self.incident(incident.field, *incident.is)?)
            }
            Ground::Told(incident) => self.told_of(self.incident(incident.field, *incident.is)?),
            Ground::Reported(incident, order) => {
                let incident = self.incident(incident.field, *incident.is)?;
                match order.is {
                    Some(order) => self.concerned_by(self.order(*order)?),
                    None => self.told_of(incident),
                }
            }
            Ground::Order(order) => self.concerned_by(self.order(*order.is)?),
            Ground::IncidentOf(order) => {
                let incident = &self.order(*order.is)?.incident;
                self.over_incident(Of { field: order.field, is: incident })
            }
            Ground::Unit(unit) => {
                let known = self.unit(unit.field, unit.is)?;
                let entry = self.state.register().units.get(unit.is);
                let home = entry.map(|entry| entry.area.clone()).unwrap_or_default();
                self.or_unit(Some(unit.is), |acting| self.over(acting, &known.desk, &home))
            }
            Ground::UnitEntry(unit) => match self.state.register().units.get(unit.is) {
                Some(entry) => self.or_node(|acting| self.over(acting, &entry.desk, &entry.area)),
                None => self.or_node(|_| Ok(())),
            },
            Ground::PointEntry(point) => match self.state.register().points.get(point.is) {
                Some(entry) => self.or_node(|acting| self.over_area(acting, &entry.area)),
                None => self.or_node(|_| Ok(())),
            },
            Ground::Lender(support) => {
                let support = self.support(*support.is)?;
                self.over_either(&[&support.of])
            }
            Ground::Lent(support) => {
                let support = self.support(*support.is)?;
                self.over_either(&[&support.by, &support.of])
            }
            Ground::Reminder(reminder) => self.reminded(*reminder.is),
        }
    }

    /// Who sends it; refused where there is nobody of that name.
    pub(crate) fn speaker(&self) -> Result<Speaker<'a>, Refusal> {
        let envelope = self.envelope;
        Speaker::of(self.state.register(), &envelope.actor, envelope.seat.as_ref(), envelope.channel)
    }

    /// The seat that acts; refused when none is named or nobody knows it.
    pub(crate) fn acting(&self) -> Result<Acting<'a>, Refusal> {
        match self.speaker()? {
            Speaker::Seat(acting) => Ok(acting),
            Speaker::Node | Speaker::Unit(_) | Speaker::Point(_) | Speaker::Source | Speaker::Program => {
                Err(Refusal::SeatRequired)
            }
        }
    }

    /// The node itself, or a seat that stands a test.
    fn or_node(&self, test: impl FnOnce(Acting<'a>) -> Decision) -> Decision {
        match self.speaker()? {
            Speaker::Node => Ok(()),
            Speaker::Seat(acting) => test(acting),
            Speaker::Unit(_) | Speaker::Point(_) | Speaker::Source | Speaker::Program => {
                Err(Refusal::SeatRequired)
            }
        }
    }

    /// The node, a unit that speaks for itself, or a seat that stands a test. Nobody else is the unit.
    fn or_unit(&self, unit: Option<&UnitId>, test: impl FnOnce(Acting<'a>) -> Decision) -> Decision {
        match self.speaker()? {
            Speaker::Unit(own) if unit == Some(own) => Ok(()),
            Speaker::Unit(_) => Err(Refusal::invalid("actor", Rule::OwnUnit)),
            _ => self.or_node(test),
        }
    }

    /// Who says something of a source of technical alarms, or takes it back.
    fn source(&self, point: Option<&PointId>, unit: Option<&UnitId>, area: &AreaPath) -> Decision {
        match self.speaker()? {
            Speaker::Seat(acting) => self.over_source(acting, area),
            speaker if speaker.tells_of(point, unit) => Ok(()),
            _ => Err(Refusal::invalid("actor", Rule::OwnUnit)),
        }
    }

    /// Who says that a source is well again: itself, or who said that it is not. A device that is neither a unit nor a point may
    /// have any name.
    fn mends(&self, technical: TechnicalId) -> Decision {
        let known = self.technical(technical)?;
        match self.speaker()? {
            Speaker::Program => Err(Refusal::SeatRequired),
            Speaker::Source if known.by.as_ref() != Some(&self.envelope.actor) => Err(Refusal::SeatRequired),
            _ => self.source(known.point.as_ref(), known.unit.as_ref(), &known.area),
        }
    }

    fn responsible_for(&self, incident: &Incident) -> Decision {
        let acting = self.acting()?;
        if *acting.desk == incident.desk {
            return Ok(());
        }
        Err(self.elsewhere(acting, &incident.desk, &incident.area))
    }

    fn reminded(&self, reminder: ReminderId) -> Decision {
        let reminder = self.reminder(reminder)?;
        let acting = self.acting()?;
        let own = self.state.register().seats.get(&reminder.seat).map(|seat| &seat.desk);
        if own == Some(acting.desk) {
            return Ok(());
        }
        self.over_incident(Of { field: "reminder", is: &reminder.incident })
    }

    fn acting_over(&self, responsible: &DeskId, area: &AreaPath) -> Decision {
        self.over(self.acting()?, responsible, area)
    }

    fn over_incident(&self, incident: Of<'_, IncidentId>) -> Decision {
        let incident = self.incident(incident.field, *incident.is)?;
        self.acting_over(&incident.desk, &incident.area)
    }

    /// A desk that may act on what a desk answers for in an area.
    fn over(&self, acting: Acting<'_>, responsible: &DeskId, area: &AreaPath) -> Decision {
        if self.is_over(acting.desk, responsible, area) {
            Ok(())
        } else {
            Err(self.elsewhere(acting, responsible, area))
        }
    }

    /// A desk that may act where alarms of an area land.
    fn over_area(&self, acting: Acting<'_>, area: &AreaPath) -> Decision {
        match landing_desk(self.state.register(), area, None) {
            Some(desk) => self.over(acting, &desk, area),
            None => Ok(()),
        }
    }

    /// The same for a source of technical alarms; one that lies nowhere, such as the node's own machine, is any desk's.
    fn over_source(&self, acting: Acting<'_>, area: &AreaPath) -> Decision {
        if area.0.is_empty() { Ok(()) } else { self.over_area(acting, area) }
    }

    fn over_desk(&self, acting: Acting<'_>, desk: Of<'_, DeskId>) -> Decision {
        if !self.state.register().desks.contains_key(desk.is) {
            return Err(Refusal::unknown(desk.field, "desk", desk.is));
        }
        if acting.desk == desk.is || is_above(self.state.register(), acting.desk, desk.is) {
            return Ok(());
        }
        Err(self.elsewhere(acting, desk.is, &self.area_of(desk.is)))
    }

    fn over_either(&self, desks: &[&DeskId]) -> Decision {
        let acting = self.acting()?;
        let register = self.state.register();
        let over = |desk: &&DeskId| *desk == acting.desk || is_above(register, acting.desk, desk);
        if desks.iter().any(over) {
            return Ok(());
        }
        Err(desks
            .first()
            .map_or(Refusal::SeatRequired, |desk| self.elsewhere(acting, desk, &self.area_of(desk))))
    }

    /// What holds for the whole journal is for a desk that nobody stands above.
    fn over_all(&self, acting: Acting<'_>) -> Decision {
        match desks_up(self.state.register(), acting.desk).last() {
            Some(top) if top != acting.desk => Err(self.elsewhere(acting, top, &self.area_of(top))),
            _ => Ok(()),
        }
    }

    /// A desk that answers for an incident or holds an order by which it carries it on.
    fn carried_on(&self, incident: &Incident) -> Decision {
        let acting = self.acting()?;
        match self.order_given_to(acting.desk, incident) {
            Some(_) => Ok(()),
            None => self.over(acting, &incident.desk, &incident.area),
        }
    }

    /// The same, and a unit that has an order of it.
    fn told_of(&self, incident: &Incident) -> Decision {
        match self.speaker()? {
            Speaker::Seat(_) => self.carried_on(incident),
            Speaker::Unit(own) => {
                let mut orders = incident.orders.iter().filter_map(|order| self.state.orders().get(order));
                let is_own = |order: &Order| matches!(&order.target, Target::Unit(unit) if unit == own);
                if orders.any(is_own) { Ok(()) } else { Err(Refusal::SeatRequired) }
            }
            Speaker::Node | Speaker::Point(_) | Speaker::Source | Speaker::Program => {
                Err(Refusal::SeatRequired)
            }
        }
    }

    /// The unit of an order itself. A desk acts on orders of its incidents, on orders it gave, on orders given to it,
    /// and on those of units it commands.
    fn concerned_by(&self, order: &Order) -> Decision {
        let unit = match &order.target {
            Target::Unit(unit) => Some(unit),
            Target::Desk(_) | Target::Agency(_) => None,
        };
        self.or_unit(unit, |acting| {
            let incident = self.state.incidents().get(&order.incident);
            let responsible = incident.map_or(&order.desk, |incident| &incident.desk);
            let known = unit.and_then(|unit| self.state.units().get(unit));
            let commands = known.is_some_and(|unit| unit.desk == *acting.desk);
            let given = order.desk == *acting.desk || order.target == Target::Desk(acting.desk.clone());
            if commands || given { Ok(()) } else { self.over(acting, responsible, &order.area) }
        })
    }

    pub(crate) fn area_of(&self, desk: &DeskId) -> AreaPath {
        self.state.register().desks.get(desk).map(|desk| desk.area.clone()).unwrap_or_default()
    }

    /// Says which desk may, where that is, and for which area the seat itself speaks.
    pub(crate) fn elsewhere(&self, acting: Acting<'_>, desk: &DeskId, area: &AreaPath) -> Refusal {
        Refusal::OtherDesk { desk: desk.clone(), area: area.clone(), own: self.area_of(acting.desk) }
    }

    pub(crate) fn seat(&self, field: &str, id: &SeatId) -> Result<&'a crate::register::Seat, Refusal> {
        self.state.register().seats.get(id).ok_or_else(|| Refusal::unknown(field, "seat", id))
    }
}
