//! Support: a unit of another desk is asked for, and given, refused, or taken from above when it matters.

use dispatch_core::command::{AnswerSupport, EndSupport, RequestSupport};
use dispatch_core::kernel::id::SupportId;
use dispatch_core::kernel::kind::Priority;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::response::support::{Support, SupportReason, SupportState};

use super::Ruling;

impl<'g> Ruling<'g> {
    pub(super) fn request_support(&mut self, it: &RequestSupport) {
        let Some(life) = self.active("incident", it.incident) else { return };
        let Some((_, desk)) = self.acting() else { return };
        if self.given_to(desk, it.incident).is_none() {
            self.over_life(life);
        }
        let Some(car) = self.unit(&it.unit) else { return };
        self.way.invalid_if(car.desk == *desk, "unit", &Rule::CommandedAlready);
        let lent = self.guess.lent(&it.unit).is_some();
        self.way.bar_if(lent, format!("unit_of_other_desk {} {}", it.unit, car.desk));
        let asked = self.guess.supports.values().any(|support| {
            support.state == SupportState::Open && support.unit == it.unit && support.by == *desk
        });
        self.way.bar_if(asked, "no_change");
    }

    pub(super) fn answer_support(&mut self, it: &AnswerSupport) {
        let Some(support) = self.support(it.support) else { return };
        let Some((_, desk)) = self.acting() else { return };
        self.way.bar_if(support.state != SupportState::Open, "support_answered");
        if *desk == support.of {
            self.explains(it.words.is_some(), !it.grant);
            self.way.invalid_if(!it.grant && it.reason.is_none(), "reason", &Rule::SayWhy);
            let own = matches!(it.reason, Some(SupportReason::LentToAnother | SupportReason::UnitRetired));
            return self.way.invalid_if(!it.grant && own, "reason", &Rule::NodeOnly);
        }
        let life = self.guess.incidents.get(&support.incident);
        let urgent = life.map_or(support.priority, |life| life.priority) == Priority::P1;
        let may_take = it.grant && urgent && self.guess.is_above(desk, &support.of);
        self.way.bar_if(!may_take, format!("other_desk {}", support.of));
        let from = support.at.plus_ms(self.guess.timers.support_ms);
        self.way.bar_if(may_take && self.at < from, format!("too_early {}", from.0));
    }

    pub(super) fn end_support(&mut self, it: &EndSupport) {
        let Some(support) = self.support(it.support) else { return };
        let Some((_, desk)) = self.acting() else { return };
        let concerned =
            [&support.by, &support.of].into_iter().any(|of| of == desk || self.guess.is_above(desk, of));
        self.way.bar_if(!concerned, format!("other_desk {}", support.by));
        match support.state {
            SupportState::Open => self.way.bar_if(*desk != support.by, "no_change"),
            SupportState::Granted | SupportState::Taken => {
                self.unit(&support.unit);
                self.without_order(&support.unit);
            }
            SupportState::Refused | SupportState::Ended => self.way.bar("no_change"),
        }
    }

    fn support(&mut self, id: SupportId) -> Option<&'g Support> {
        let found = self.guess.supports.get(&id);
        self.way.bar_if(found.is_none(), "unknown support");
        found
    }
}
