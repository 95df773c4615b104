//! `ORTOO_*` variables: a key of the file in capitals, `ORTOO_LIMITS_BODY_BYTES` for `limits.body_bytes`.

use toml::{Table, Value};

use super::{Config, ConfigError};

const PREFIX: &str = "ORTOO_";

/// Overrides what the variables name. A variable of one of our sections that names no key is an error; another one
/// (`ORTOO_CONFIG`, `ORTOO_CONSOLE_DIST`) is somebody else's.
pub(super) fn apply(
    config: &mut Config,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(key) = name.strip_prefix(PREFIX) else { continue };
        let wrong = |detail: String| ConfigError::Environment { name: name.clone(), detail };
        let mut table = Table::try_from(&*config).map_err(|error| wrong(error.to_string()))?;
        let Some(slot) = find(&mut table, &key.to_lowercase()).map_err(|rule| wrong(rule.to_owned()))? else {
            continue;
        };
        *slot = parse(slot, &text).ok_or_else(|| wrong(format!("{text:?} is not a {}", slot.type_str())))?;
        *config = table.try_into().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
    }
    Ok(())
}

fn find<'a>(table: &'a mut Table, key: &str) -> Result<Option<&'a mut Value>, &'static str> {
    let section = table.iter().find_map(|(name, value)| {
        let rest = key.strip_prefix(name.as_str())?.strip_prefix('_')?;
        value.is_table().then(|| (name.clone(), rest.to_owned()))
    });
    let Some((name, rest)) = section else {
        return Ok(table.get_mut(key).filter(|value| !value.is_table()));
    };
    let section = table.get_mut(&name).and_then(Value::as_table_mut);
    section.and_then(|section| section.get_mut(&rest)).map(Some).ok_or("there is no such key")
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
