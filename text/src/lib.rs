//! Text that came from outside: which of its characters hide something, and how much of it is told back.
//!
//! Characters hide something that let a text show as another: those that turn the direction of what follows, that are not seen, and that
//! control a terminal. A code, a name or an id holds none of them. What people said may, for a call for help is never
//! refused: it is kept as it came, and screens show such a character as a mark (`codes.json` brings them this table).
//!
//! **Absent on purpose**: letters that look like others; the selectors of a letter's variants, which names in Mongolian script
//! and Chinese ones need.

/// First and last of each range.
pub const HIDDEN: [(u32, u32); 17] = [
    // Control characters of ASCII and of Latin-1.
    (0x0000, 0x001f),
    (0x007f, 0x009f),
    // Soft hyphen, grapheme joiner, Arabic letter mark.
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x061c, 0x061c),
    // Letters without a shape: fillers of Hangul, inherent vowels of Khmer.
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    // No width, joiners, marks of direction.
    (0x200b, 0x200f),
    // Separators of lines and paragraphs, embeddings and overrides of direction.
    (0x2028, 0x202e),
    // Word joiner, invisible operators, isolates of direction, deprecated formats.
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    // No width, once a byte order mark.
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff9, 0xfffb),
    // Shorthand and musical formats.
    (0x1_bca0, 0x1_bca3),
    (0x1_d173, 0x1_d17a),
    // Tags.
    (0xe_0000, 0xe_007f),
];

/// Whether a character is one of them.
pub fn is_hidden(character: char) -> bool {
    let code = u32::from(character);
    HIDDEN.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

/// The first of them in a text, as `U+202E`.
pub fn hidden(text: &str) -> Option<String> {
    text.chars().find(|character| is_hidden(*character)).map(named)
}

/// Longest that is told back of what came, characters.
const TOLD_CHARS_MAX: usize = 480;

/// What came, as it is told back to whoever sent it and kept with the answer: cut where it is long, for no answer is to grow
/// with what is wrong in a request.
pub fn told(text: &str) -> String {
    match text.char_indices().nth(TOLD_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A character by its number, for people who cannot see it.
pub fn named(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_back_is_cut() {
        assert_eq!(told("short"), "short");
        let long = told(&"蒙".repeat(5_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (TOLD_CHARS_MAX + 1, true));
    }

    #[test]
    fn what_shows_as_something_else_is_found() {
        for text in [
            "U1\u{202e}2",
            "\u{2066}a\u{2069}",
            "U\u{200b}1",
            "a\nb",
            "a\u{0}",
            "\u{85}",
            "\u{feff}U1",
            "a\u{e0041}",
        ] {
            assert!(hidden(text).is_some(), "{text:?}");
        }
        assert_eq!(hidden("U1\u{202e}2").as_deref(), Some("U+202E"));
        assert_eq!(hidden("\u{7}").as_deref(), Some("U+0007"));
    }

    #[test]
    fn names_of_every_script_of_ours_pass() {
        let mongolian = "\u{182e}\u{1824}\u{1829}\u{182d}\u{1824}\u{182f}\u{180b} \u{1826}\u{202f}\u{1836}\u{180e}\u{1820}";
        for name in [
            "锡林郭勒盟",
            "葛\u{e0100}",
            "Puesto Cerro Alegre y Concepción",
            "Шилийн гол",
            "蒙H·A1234",
            mongolian,
        ] {
            assert_eq!(hidden(name), None, "{name:?}");
        }
    }

    #[test]
    fn ranges_follow_each_other() {
        assert!(HIDDEN.iter().all(|(first, last)| first <= last));
        assert!(HIDDEN.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
