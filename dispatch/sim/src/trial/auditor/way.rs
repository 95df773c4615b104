//! What stands in the way of a command, by the names of refusals.

use std::collections::BTreeSet;

use dispatch_core::kernel::refusal::{Refusal, Rule};
use serde_json::Value;

use super::tables::Version;

/// Every rule that a command breaks. An acceptance needs none; a refusal names one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// Rules that are certainly broken, by name.
    pub sure: BTreeSet<String>,
    /// Broken or not: the model does not know exactly what the sender should have seen.
    pub perhaps: BTreeSet<String>,
}

impl Way {
    pub(super) fn bar(&mut self, name: impl Into<String>) {
        self.sure.insert(name.into());
    }

    pub(super) fn bar_if(&mut self, holds: bool, name: impl Into<String>) {
        if holds {
            self.bar(name);
        }
    }

    pub(super) fn invalid_if(&mut self, holds: bool, field: &str, rule: &Rule) {
        self.bar_if(holds, invalid(field, rule));
    }

    /// A sender that acts on what is on its screen has to name the version there.
    pub(super) fn seen(&mut self, field: &str, seen: Option<u32>, version: Version) {
        match seen {
            None => self.bar(invalid(field, &Rule::VersionMissing)),
            Some(seen) if !version.may_be(seen) => self.bar(stale(field, seen)),
            Some(seen) if !version.is_sure() => drop(self.perhaps.insert(stale(field, seen))),
            Some(_) => {}
        }
    }

    pub(super) fn allows(&self, refusal: &Refusal) -> bool {
        let name = name(refusal);
        self.sure.contains(&name) || self.perhaps.contains(&name)
    }
}

fn stale(field: &str, seen: u32) -> String {
    format!("stale {field} {seen}")
}

/// A field that breaks a rule.
pub(super) fn invalid(field: &str, rule: &Rule) -> String {
    format!("invalid {field} {}", code(rule, "rule"))
}

fn code(of: &impl serde::Serialize, tag: &str) -> String {
    let value = serde_json::to_value(of).unwrap_or_default();
    value.get(tag).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A refusal by its code and what it names.
pub(super) fn name(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unknown { field, .. } => format!("unknown {field}"),
        Refusal::Invalid { field, rule } => invalid(field, rule),
        Refusal::OtherDesk { desk, .. } => format!("other_desk {desk}"),
        Refusal::Stale { field, expected, actual, .. } if expected != actual => stale(field, *expected),
        Refusal::AlreadyAnswered { seat, .. } => format!("already_answered {seat}"),
        Refusal::ClaimedByOther { seat } => format!("claimed_by_other {seat}"),
        Refusal::IncidentEnded { field, state } => format!("incident_ended {field} {state:?}"),
        Refusal::IncidentReplaced { by } => format!("incident_replaced {by}"),
        Refusal::OrdersOpen { orders } => {
            format!("orders_open {:?}", orders.iter().collect::<BTreeSet<_>>())
        }
        Refusal::UnitBusy { unit, order, .. } => format!("unit_busy {unit} {order}"),
        Refusal::UnitOffDuty { unit } => format!("unit_off_duty {unit}"),
        Refusal::UnitOutOfService { unit } => format!("unit_out_of_service {unit}"),
        Refusal::UnitOfOtherDesk { unit, desk } => format!("unit_of_other_desk {unit} {desk}"),
        Refusal::ClassForbidden { unit, .. } => format!("class_forbidden {unit}"),
        Refusal::RecommendationOutdated { units } => format!("recommendation_outdated {units:?}"),
        Refusal::ConfirmationNeeded { because } => {
            format!("confirmation_needed {:?}", because.iter().collect::<BTreeSet<_>>())
        }
        Refusal::OrderState { order, from, to } => format!("order_state {order} {from:?} {to:?}"),
        Refusal::TooEarly { at } => format!("too_early {}", at.0),
        other => code(other, "code"),
    }
}
