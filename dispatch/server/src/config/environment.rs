//! `ORTOO_*` variables: a key of the file in capitals, `ORTOO_LIMITS_BODY_BYTES` for `limits.body_bytes`.

use toml::{Table, Value};

use super::{Config, ConfigError};
use crate::fault;

const PREFIX: &str = "ORTOO_";

/// Variables that are no keys: read elsewhere, by the program itself, its build, its tests, benches and proofs.
const OTHERS: [&str; 8] = [
    "ORTOO_ADVISORY_DB",
    "ORTOO_BIN",
    "ORTOO_CONFIG",
    "ORTOO_CONSOLE_DIST",
    "ORTOO_E2E_OUT",
    "ORTOO_NO_BROWSER",
    "ORTOO_SOAK_MINUTES",
    "ORTOO_URL",
];

/// How many names are proposed for one that is unknown.
const PROPOSED: usize = 3;

/// Overrides what the variables name. One that names no key is an error, unless it is read elsewhere.
pub(super) fn apply(
    config: &mut Config,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(key) = name.strip_prefix(PREFIX).filter(|_| !is_read_elsewhere(&name)) else { continue };
        let wrong = |detail: String| ConfigError::Environment { name: name.clone(), detail };
        let mut table = Table::try_from(&*config).map_err(|error| wrong(error.to_string()))?;
        let nearest = nearest(&table, &name);
        let slot = find(&mut table, &key.to_lowercase())
            .ok_or_else(|| wrong(format!("there is no such key; the nearest are {nearest}")))?;
        *slot = parse(slot, &text).ok_or_else(|| wrong(format!("{text:?} is not a {}", slot.type_str())))?;
        *config = table.try_into().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
    }
    Ok(())
}

/// The key of a sink is one by its form: a task that does not read the file knows no sinks.
fn is_read_elsewhere(name: &str) -> bool {
    OTHERS.contains(&name)
        || fault::is_asked_by(name)
        || (name.starts_with("ORTOO_SINK_") && name.ends_with("_KEY"))
}

fn find<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Value> {
    let section = table.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.as_str())?.strip_prefix('_')?;
        value.is_table().then(|| (name.clone(), rest.to_owned()))
    });
    let Some((name, rest)) = section else {
        return table.get_mut(key).filter(|value| !value.is_table());
    };
    table.get_mut(&name)?.as_table_mut()?.get_mut(&rest)
}

/// The variables there are whose names are nearest to this one.
fn nearest(table: &Table, name: &str) -> String {
    let mut names = vec!["ORTOO_CONFIG".to_owned()];
    for (key, value) in table {
        match value {
            Value::Table(section) => {
                names.extend(section.keys().map(|inner| format!("{PREFIX}{key}_{inner}")));
            }
            // Sinks stand in the file only.
            _ if key == "sink" => {}
            _ => names.push(format!("{PREFIX}{key}")),
        }
    }
    for name in &mut names {
        name.make_ascii_uppercase();
    }
    names.sort_by_cached_key(|known| strsim::levenshtein(known, name));
    names.truncate(PROPOSED);
    names.join(", ")
}

fn parse(like: &Value, text: &str) -> Option<Value> {
    match like {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => None,
    }
}
