//! Lines that hold a document of JSON behind what they begin with, be it a client, a path or nothing.

use serde_json::Value;

use super::chance::Chance;
use super::tree;

/// Changes one of the documents; none where no line holds one.
pub(super) fn changed(text: &str, chance: &mut Chance) -> Option<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let begins: Vec<(usize, usize)> =
        lines.iter().enumerate().filter_map(|(nth, line)| Some((nth, line.find(['{', '['])?))).collect();
    let (nth, at) = *chance.of_these(&begins)?;
    let line = lines.get(nth)?;
    let (head, document) = line.split_at_checked(at)?;
    let mut words = Vec::new();
    for (nth, at) in &begins {
        let other = lines.get(*nth).and_then(|line| line.get(*at..)).unwrap_or_default();
        collect(&serde_json::from_str(other).unwrap_or_default(), &mut words);
    }
    let made = tree::json(document, &words, chance)?;
    let made = format!("{head}{made}");
    match chance.below(8) {
        0 => lines.insert(nth, made),
        _ => *lines.get_mut(nth)? = made,
    }
    Some(lines.join("\n"))
}

/// Texts that stand in a document.
fn collect(node: &Value, words: &mut Vec<String>) {
    match node {
        Value::String(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(members) => members.values().for_each(|member| collect(member, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
