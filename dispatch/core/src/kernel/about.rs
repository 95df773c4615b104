//! What an event is about, said once by the event itself: the entities it makes, changes, tells of or takes away.
//!
//! The views of a commit, the mode of a record, timelines, receipts, the topics of sinks and the units whose index mask
//! may have changed are all derived from this one answer.
//!
//! **Absent on purpose**: state. An answer rests on the event alone, so that a replay gives the same one. Where a view
//! rests on something that only state knows, the answer names the relation ([`Shown`]) and state resolves it.

use super::id::{AlarmId, EntityId, FeedbackId, IncidentId, PointId, UnitId, WordsId};
use super::kind::Mode;
use super::place::AreaPath;

/// What happened to an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was born with this event.
    Made,
    /// It is not what it was.
    Changed,
    /// It has to be told: an order that has 补充警情 to sign, or anything a timer waits for.
    Told,
    /// It is named and does not change: the unit that a support request asks for.
    Named,
    /// It left live state. Where it was stands beside, for those who look at a part of the tree only; the empty path
    /// concerns everybody.
    Gone(AreaPath),
}

/// Views that rest on an entity without being named by the event: they are shown again too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The orders of an incident: its end ends their wait for a result.
    OrdersOf(IncidentId),
    /// The units whose SOS stands or falls with an incident.
    CallersOf(IncidentId),
    /// The recommendations for an incident, which are shown where it lies.
    RecommendationsOf(IncidentId),
    /// The alarms that tell of an incident.
    AlarmsOf(IncidentId),
    /// The support requests for an incident.
    SupportsOf(IncidentId),
    /// The incident that an alarm has come to.
    IncidentOf(AlarmId),
    /// The technical alarms of a source: a suppression begins or ends to keep them off the list.
    TechnicalsFrom {
        /// The point that is the source.
        point: Option<PointId>,
        /// The unit that is the source.
        unit: Option<UnitId>,
    },
    /// Everything that waits for a time, and units, which are followed since one: the clock was corrected, and these
    /// times moved with it.
    WhateverIsDue,
    /// Every unit and point of the register: what left it is gone.
    Register,
}

impl Shown {
    /// The technical alarms of a point or a unit.
    pub fn technicals_from(point: Option<&PointId>, unit: Option<&UnitId>) -> Self {
        Self::TechnicalsFrom { point: point.cloned(), unit: unit.cloned() }
    }
}

/// What becomes of the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Register {
    /// It stays as it is.
    #[default]
    Same,
    /// One entry is another: consoles ask for it again.
    Entry,
    /// The register changes as a whole, or a rule of it does: anything that rests on a rule may differ now.
    Rules,
}

/// What an event is about. The entity named first is its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The entities, the subject first, each with what happened to it.
    pub entities: Vec<(EntityId, Fate)>,
    /// Views that rest on them.
    pub shown: Vec<Shown>,
    /// What becomes of the register.
    pub register: Register,
    /// A piece of feedback it gives or reviews.
    pub feedback: Option<FeedbackId>,
    /// Words whose text and salt go with it.
    pub erases: Vec<WordsId>,
    /// The mode the event itself carries; if none, the subject's mode in state holds.
    pub mode: Option<Mode>,
}

impl About {
    /// About the centre itself and no entity.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// About the rules of the register.
    #[must_use]
    pub fn rules() -> Self {
        Self { register: Register::Rules, ..Self::default() }
    }

    /// An entity whose entry in the register changes.
    #[must_use]
    pub fn entry(mut self) -> Self {
        self.register = Register::Entry;
        self
    }

    /// An entity that is born.
    #[must_use]
    pub fn made(id: impl Into<EntityId>) -> Self {
        Self::nothing().and(id, Fate::Made)
    }

    /// An entity that changes.
    #[must_use]
    pub fn changed(id: impl Into<EntityId>) -> Self {
        Self::nothing().and(id, Fate::Changed)
    }

    /// An entity that comes to its end, and leaves live state with it.
    #[must_use]
    pub fn ended(id: impl Into<EntityId>, area: &AreaPath) -> Self {
        let id = id.into();
        Self::changed(id.clone()).and(id, Fate::Gone(area.clone()))
    }

    /// An entity that leaves live state as it is: it is put away, or made void.
    #[must_use]
    pub fn gone(id: impl Into<EntityId>, area: &AreaPath) -> Self {
        Self::nothing().and(id, Fate::Gone(area.clone()))
    }

    /// Adds an entity that the event is about.
    #[must_use]
    pub fn and(mut self, id: impl Into<EntityId>, role: Fate) -> Self {
        self.entities.push((id.into(), role));
        self
    }

    /// Entities of one kind more, each with the same role.
    #[must_use]
    pub fn each<I: Into<EntityId> + Clone>(mut self, ids: &[I], role: &Fate) -> Self {
        self.entities.extend(ids.iter().map(|id| (id.clone().into(), role.clone())));
        self
    }

    /// Views that rest on what is named.
    #[must_use]
    pub fn shows(mut self, shown: Shown) -> Self {
        self.shown.push(shown);
        self
    }

    /// A piece of feedback that is given or reviewed.
    #[must_use]
    pub fn of_feedback(mut self, feedback: FeedbackId) -> Self {
        self.feedback = Some(feedback);
        self
    }

    /// The mode that the event carries.
    #[must_use]
    pub fn of_mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// The entity it is about first of all; none for the centre's own housekeeping.
    pub fn subject(&self) -> Option<&EntityId> {
        self.entities.first().map(|(id, _)| id)
    }

    /// The entities named, whatever happened to them.
    pub fn named(&self) -> impl Iterator<Item = &EntityId> {
        self.entities.iter().map(|(id, _)| id)
    }
}
