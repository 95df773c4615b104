//! Whether a text of a package shows as something else than it is: in its bytes, or written as an escape of JSON or TOML.

use dispatch_core::kernel::text;
use region::{Fault, Files, Rule};

/// One fault for each line of a file that holds a hidden character. Files that are no text are others' affair.
pub(super) fn faults(files: &Files) -> Vec<Fault> {
    let texts = files.iter().filter_map(|(name, bytes)| Some((name, std::str::from_utf8(bytes).ok()?)));
    let lines =
        texts.flat_map(|(name, text)| (1..).zip(text.lines()).map(move |(line, text)| (name, line, text)));
    let fault = |(name, line, text): (&String, u64, &str)| {
        let character = hidden(text.strip_prefix('\u{feff}').filter(|_| line == 1).unwrap_or(text))?;
        let detail = format!("the hidden character {character} makes a text show as another");
        Some(Fault { file: name.clone(), line, field: String::new(), rule: Rule::Value, detail })
    };
    lines.filter_map(fault).collect()
}

fn hidden(line: &str) -> Option<String> {
    // Tables and settings are laid out with tabs.
    let plain = line.chars().find(|character| *character != '\t' && text::is_hidden(*character));
    plain.or_else(|| escaped(line)).map(text::named)
}

/// A hidden character written as `\u` and four digits, or `\U` and eight.
fn escaped(line: &str) -> Option<char> {
    let escape = |(at, _): (usize, &str)| {
        let digits = match line.get(at..at + 2)? {
            "\\u" => line.get(at + 2..at + 6)?,
            "\\U" => line.get(at + 2..at + 10)?,
            _ => return None,
        };
        char::from_u32(u32::from_str_radix(digits, 16).ok()?).filter(|character| text::is_hidden(*character))
    };
    line.match_indices('\\').find_map(escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, text: &str) -> Vec<String> {
        let files = Files::from([(name.to_owned(), text.as_bytes().to_vec())]);
        faults(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_that_shows_as_another_is_a_fault_of_its_line() {
        assert_eq!(said("units.csv", "\u{feff}code,name:zh\r\nU1,\t甲\nU2,\"乙\"\n"), [""; 0]);
        let turned = said("units.csv", "code,call_sign\nU1,a\u{202e}b\nU\u{200b}1,b\n");
        assert_eq!(turned.len(), 2);
        assert!(turned[0].starts_with("units.csv:2 value: the hidden character U+202E"), "{turned:?}");
        assert!(turned[1].starts_with("units.csv:3 value: the hidden character U+200B"), "{turned:?}");
        assert_eq!(said("areas.geojson", r#"{"name": "a\u202eb"}"#).len(), 1);
        assert_eq!(said("region.toml", "a = \"\\U000E0041\"\nb = \"\\u00e9\"\n").len(), 1);
    }

    #[test]
    fn the_packages_that_ship_show_as_they_are() {
        for id in region::embedded::ids() {
            assert_eq!(faults(&region::embedded(id).unwrap()), [], "{id}");
        }
    }
}
