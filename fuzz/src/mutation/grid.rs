//! Heights: words in lines.

use super::chance::Chance;

/// The grid with a word, a row or the header otherwise.
pub(super) fn changed(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<Vec<String>> =
        text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let at = chance.below(lines.len());
    let kind = chance.below(6);
    let Some(line) = lines.get_mut(at) else { return String::new() };
    if kind == 0 {
        let again = line.clone();
        lines.insert(at, again);
    } else if kind == 1 {
        lines.remove(at);
    } else {
        let nth = chance.below(line.len());
        if let Some(word) = line.get_mut(nth) {
            *word = chance.number(word).unwrap_or_else(|| chance.text(word));
        }
    }
    lines.iter().map(|line| line.join(" ") + "\n").collect()
}
