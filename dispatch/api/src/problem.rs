//! Refusals and faults as RFC 9457 problems. Screens translate `code` and `params`; `detail` is for logs (D17).

use dispatch_core::kernel::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::door::DoorRule;
use crate::operation::BodyFault;

/// A problem document, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{status} {code}: {detail}")]
pub struct Problem {
    /// Address of the page on this code, `/problems/{code}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// What happened here, in English.
    pub detail: String,
    /// The stable word programs go by.
    pub code: String,
    /// Its typed parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// The one field at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// A problem without parameters.
    pub fn new(status: u16, code: &str, detail: impl Into<String>) -> Self {
        let mut title = code.replace('_', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            kind: format!("/problems/{code}"),
            title,
            status,
            detail: detail.into(),
            code: code.into(),
            params: Map::new(),
            field: None,
        }
    }

    /// With a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// With the field at fault.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Seconds to wait before trying again; none where the server names none.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.params.get("retry_after_s").and_then(Value::as_u64)
    }

    /// A refusal by the core. `path_field` is the field the path's id filled: what it names is not found (404).
    pub fn refusal(refusal: &Refusal, path_field: Option<&str>) -> Self {
        let mut params = match serde_json::to_value(refusal) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let code = match params.remove("code") {
            Some(Value::String(code)) => code,
            _ => "internal".to_owned(),
        };
        let field = refusal.field(path_field).map(str::to_owned);
        // The core knows of no headers.
        let detail = match refusal {
            Refusal::SeatRequired => format!("{refusal} in the header {}", crate::header::SEAT),
            _ => refusal.to_string(),
        };
        let mut problem = Self::new(status(refusal, path_field), &code, detail);
        problem.params = params;
        problem.field = field;
        problem
    }

    /// A header that breaks a rule.
    pub fn header(header: &str, rule: &DoorRule) -> Self {
        Self::new(400, "header", format!("{header}: {rule}")).with("header", header).broken(rule)
    }

    /// A command without an id of its own (D6).
    pub fn key() -> Self {
        let rule = DoorRule::Uuid7;
        Self::new(400, "idempotency_key", format!("the header {} {rule}", crate::header::KEY)).broken(&rule)
    }

    /// A path that breaks a rule.
    pub fn path(rule: &DoorRule) -> Self {
        Self::new(400, "path", format!("the path {rule}")).broken(rule)
    }

    /// A query parameter that breaks a rule.
    pub fn query(field: &str, rule: &DoorRule) -> Self {
        Self::new(400, "query", format!("{field}: {rule}")).with("field", field).broken(rule).at(field)
    }

    /// With the code of a rule and its parameters.
    fn broken(mut self, rule: &DoorRule) -> Self {
        if let Ok(Value::Object(fields)) = serde_json::to_value(rule) {
            self.params.extend(fields);
        }
        self
    }

    /// A body that is not what the operation takes.
    pub fn body(fault: &BodyFault, path_field: Option<&str>) -> Self {
        let status = if path_field == Some(fault.field.as_str()) { 404 } else { 422 };
        let code = if status == 404 { "unknown" } else { "invalid" };
        let problem = Self::new(status, code, fault.to_string()).with("rule", fault.rule);
        problem.with("field", fault.field.clone()).at(&fault.field)
    }
}

/// The HTTP status of a refusal.
fn status(refusal: &Refusal, path_field: Option<&str>) -> u16 {
    match refusal {
        Refusal::Unknown { field, .. } if Some(field.as_str()) == path_field => 404,
        Refusal::Unknown { .. } | Refusal::Invalid { .. } | Refusal::SeatRequired => 422,
        Refusal::OtherDesk { .. } | Refusal::UnitOfOtherDesk { .. } => 403,
        Refusal::CommandExpired => 410,
        _ => 409,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::kernel::refusal::Rule;

    #[test]
    fn a_refusal_keeps_its_code_and_parameters() {
        let field = "expected_version".to_owned();
        let stale = Refusal::Stale { field, expected: 3, actual: 4, between: vec![] };
        let problem = Problem::refusal(&stale, None);
        assert_eq!((problem.status, problem.code.as_str()), (409, "stale"));
        assert_eq!(problem.params["actual"], 4);
        assert_eq!(problem.field.as_deref(), Some("expected_version"));
        assert!(!problem.params.contains_key("code"));
    }

    #[test]
    fn an_unknown_path_is_not_found_and_an_unknown_field_is_invalid() {
        let unknown = Refusal::unknown("incident", "incident", "x");
        assert_eq!(Problem::refusal(&unknown, Some("incident")).status, 404);
        assert_eq!(Problem::refusal(&unknown, Some("alarm")).status, 422);
        assert_eq!(Problem::refusal(&Refusal::NoChange, None).code, "no_change");
    }

    #[test]
    fn a_broken_rule_is_a_code_with_parameters() {
        let many = Refusal::invalid("targets", Rule::AtMost { max: 32 });
        let problem = Problem::refusal(&many, Some("incident"));
        assert_eq!(
            (problem.params["rule"].as_str(), problem.params["max"].as_u64()),
            (Some("at_most"), Some(32))
        );
        assert_eq!(problem.detail, "targets: at most 32");
        let stored = serde_json::to_string(&many).unwrap();
        assert_eq!(serde_json::from_str::<Refusal>(&stored).unwrap(), many);
    }

    #[test]
    fn what_a_refusal_concerns_is_named() {
        let off = Refusal::UnitOffDuty { unit: "u".into() };
        assert_eq!(Problem::refusal(&off, Some("incident")).field.as_deref(), Some("targets"));
        assert_eq!(Problem::refusal(&off, Some("unit")).field.as_deref(), Some("unit"));
        let seatless = Problem::refusal(&Refusal::SeatRequired, None);
        assert_eq!(seatless.field.as_deref(), Some("seat"));
        assert_eq!(seatless.detail, "this needs a seat: name yours in the header ortoo-seat");
    }

    #[test]
    fn both_catalogues_of_the_screens_say_every_rule() {
        for catalogue in [
            include_str!("../../../map-ui/src/i18n/zh.later.json"),
            include_str!("../../../map-ui/src/i18n/en.later.json"),
        ] {
            let words: Map<String, Value> = serde_json::from_str(catalogue).unwrap();
            for code in Rule::CODES.iter().chain(&crate::operation::BODY_RULES).chain(&DoorRule::CODES) {
                assert!(words.contains_key(&format!("rule.{code}")), "rule.{code}");
            }
        }
    }
}
