//! Documents: JSON, and TOML as the same tree. A node is changed, taken away, doubled, or another of the same document
//! takes its place.

use serde_json::Value;

use super::chance::Chance;

/// A document of JSON with one node otherwise; none where it is none.
pub(super) fn json(text: &str, codes: &[String], chance: &mut Chance) -> Option<String> {
    let mut root: Value = serde_json::from_str(text).ok()?;
    change(&mut root, codes, chance)?;
    serde_json::to_string(&root).ok()
}

/// A document of TOML with one node otherwise; none where it is none, or cannot be written any more.
pub(super) fn toml(text: &str, codes: &[String], chance: &mut Chance) -> Option<String> {
    let mut root: Value = ::toml::from_str(text).ok()?;
    change(&mut root, codes, chance)?;
    ::toml::to_string(&root).ok()
}

fn change(root: &mut Value, codes: &[String], chance: &mut Chance) -> Option<()> {
    let other = node(root, chance)?.clone();
    let node = node(root, chance)?;
    match node {
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = chance.of_these(&names)?;
            match chance.below(3) {
                0 => drop(members.remove(name)),
                1 => drop(members.insert(chance.text(name), other)),
                _ => {
                    let moved = members.remove(name)?;
                    let into = chance.of_these(codes).cloned().unwrap_or_else(|| chance.text(name));
                    members.insert(into, moved);
                }
            }
        }
        Value::Array(items) => list(items, &other, chance),
        Value::Number(number) => {
            let made = chance.number(&number.to_string())?;
            *node = serde_json::from_str(&made).ok()?;
        }
        // A document that was written as a text.
        Value::String(text) if text.starts_with('{') && !chance.one_in(8) => {
            *text = json(text, codes, chance)?;
        }
        Value::String(text) => {
            *text = match (chance.below(3), &other) {
                (0, Value::String(other)) => other.clone(),
                (0 | 1, _) if !codes.is_empty() => chance.of_these(codes)?.clone(),
                _ => chance.text(text),
            }
        }
        Value::Bool(yes) => *yes = !*yes,
        Value::Null => *node = other,
    }
    Some(())
}

fn list(items: &mut Vec<Value>, other: &Value, chance: &mut Chance) {
    let (at, to) = (chance.below(items.len()), chance.below(items.len()));
    match chance.below(6) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if !items.is_empty() => items.swap(at, to),
        2 => items.truncate(at),
        3 => items.push(other.clone()),
        4 => items.reverse(),
        _ => items.extend(items.get(at).cloned()),
    }
}

/// A node, each as likely as another.
fn node<'t>(root: &'t mut Value, chance: &mut Chance) -> Option<&'t mut Value> {
    let nth = chance.below(count(root));
    nth_of(root, nth)
}

/// A node and all below it.
fn count(node: &Value) -> usize {
    match node {
        Value::Object(members) => 1 + members.values().map(count).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// The node that stands there, itself being the first.
fn nth_of(node: &mut Value, nth: usize) -> Option<&mut Value> {
    let Some(mut left) = nth.checked_sub(1) else { return Some(node) };
    let inside: Box<dyn Iterator<Item = &mut Value>> = match node {
        Value::Object(members) => Box::new(members.values_mut()),
        Value::Array(items) => Box::new(items.iter_mut()),
        _ => return None,
    };
    for node in inside {
        match left.checked_sub(count(node)) {
            Some(rest) => left = rest,
            None => return nth_of(node, left),
        }
    }
    None
}
