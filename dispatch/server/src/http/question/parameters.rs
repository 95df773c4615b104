//! Query parameters. One that is not known is refused: a filter with a slip of the pen must not answer everything.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::RawQuery;
use dispatch_api::door::DoorRule;
use dispatch_core::kernel::place::AreaPath;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::area_path::area_path;
use crate::http::reply::{Refused, query};

/// The most items of one page, and how many where nothing is said.
pub const LIMIT_MAX: usize = 1_000;
const LIMIT: usize = 100;

/// The parameters of one question.
#[derive(Debug)]
pub struct Parameters {
    given: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads the query; `known` are those the question has.
    pub fn of(RawQuery(raw): RawQuery, known: &[&str]) -> Result<Self, Refused> {
        let mut given = BTreeMap::new();
        for pair in raw.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                return Err(query(
                    name,
                    &DoorRule::UnknownParameter { known: known.iter().map(ToString::to_string).collect() },
                ));
            }
            let text = crate::http::command::decoded(&value.replace('+', " "));
            // What stands for what was no text is in no text that can be asked for.
            if text.contains(char::REPLACEMENT_CHARACTER) {
                return Err(query(name, &DoorRule::Utf8));
            }
            if let Some(rule) = DoorRule::broken_by(&text) {
                return Err(query(name, &rule));
            }
            if given.insert(name.to_owned(), text).is_some() {
                return Err(query(name, &DoorRule::GivenTwice));
            }
        }
        Ok(Self { given })
    }

    /// A parameter as it was written; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A parameter of a type.
    pub fn parsed<T: FromStr>(&self, name: &str, rule: &DoorRule) -> Result<Option<T>, Refused> {
        self.text(name).map(|text| text.parse().map_err(|_| query(name, rule))).transpose()
    }

    /// A word of a closed vocabulary.
    pub fn word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refused> {
        let read = |text: &str| {
            serde_json::from_value(Value::String(text.to_owned())).map_err(|error| {
                query(name, &DoorRule::UnknownWord { given: text.into(), detail: error.to_string() })
            })
        };
        self.text(name).map(read).transpose()
    }

    /// A path prefix; the empty one is everywhere.
    pub fn area(&self) -> AreaPath {
        self.text("area").map(area_path).unwrap_or_default()
    }

    /// How many items.
    pub fn limit(&self) -> Result<usize, Refused> {
        let rule = DoorRule::NumberWithin { least: 1, most: LIMIT_MAX as u64 };
        let limit = self.parsed("limit", &rule)?.unwrap_or(LIMIT);
        if limit == 0 || limit > LIMIT_MAX {
            return Err(query("limit", &rule));
        }
        Ok(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_named() {
        let of = |raw: &str| Parameters::of(RawQuery(Some(raw.into())), &["area", "limit"]);
        assert_eq!(of("area=1525%2F152502&limit=5").unwrap().area(), area_path("1525/152502"));
        assert_eq!(of("aera=1525").unwrap_err().0.params["field"], "aera");
        let rule = |refused: Refused| refused.0.params["rule"].clone();
        assert_eq!(rule(of("aera=1525").unwrap_err()), "unknown_parameter");
        assert_eq!(rule(of("limit=1&limit=2").unwrap_err()), "given_twice");
        assert_eq!(rule(of("area=%ff").unwrap_err()), "utf8");
        assert_eq!(rule(of("area=15%E2%80%AE25").unwrap_err()), "hidden_character");
        assert_eq!(rule(of("area=1%0A2").unwrap_err()), "hidden_character");
        for limit in ["limit=0", "limit=1001", "limit=ten"] {
            let Refused(problem) = of(limit).unwrap().limit().unwrap_err();
            assert_eq!(
                (&problem.params["rule"], &problem.params["most"]),
                (&"number_within".into(), &1_000.into())
            );
        }
        assert_eq!(of("").unwrap().limit().unwrap(), 100);
    }
}
