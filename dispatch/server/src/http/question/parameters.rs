//! Query parameters. One that is not known is refused: a filter with a slip of the pen must not answer everything.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::RawQuery;
use dispatch_core::place::AreaPath;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::reply::{Refused, query};
use crate::hub::interest::path;

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
                return Err(query(name, &format!("is not a parameter here: there are {}", known.join(", "))));
            }
            if given
                .insert(name.to_owned(), crate::http::command::decoded(&value.replace('+', " ")))
                .is_some()
            {
                return Err(query(name, "is given twice"));
            }
        }
        Ok(Self { given })
    }

    /// A parameter as it was written; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A parameter of a type.
    pub fn parsed<T: FromStr>(&self, name: &str, rule: &str) -> Result<Option<T>, Refused> {
        self.text(name).map(|text| text.parse().map_err(|_| query(name, rule))).transpose()
    }

    /// A word of a closed vocabulary.
    pub fn word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refused> {
        let read = |text: &str| {
            serde_json::from_value(Value::String(text.to_owned()))
                .map_err(|error| query(name, &error.to_string()))
        };
        self.text(name).map(read).transpose()
    }

    /// A path prefix; the empty one is everywhere.
    pub fn area(&self) -> AreaPath {
        self.text("area").map(path).unwrap_or_default()
    }

    /// How many items.
    pub fn limit(&self) -> Result<usize, Refused> {
        let limit = self.parsed("limit", "must be a number from 1 to 1000")?.unwrap_or(LIMIT);
        if limit == 0 || limit > LIMIT_MAX {
            return Err(query("limit", "must be a number from 1 to 1000"));
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
        assert_eq!(of("area=1525%2F152502&limit=5").unwrap().area(), path("1525/152502"));
        assert_eq!(of("aera=1525").unwrap_err().0.params["field"], "aera");
        assert!(of("limit=1&limit=2").is_err());
        assert!(of("limit=0").unwrap().limit().is_err());
        assert!(of("limit=1001").unwrap().limit().is_err());
        assert_eq!(of("").unwrap().limit().unwrap(), 100);
    }
}
