//! Chance that begins with a number, and is the same each time.

/// Where it has come to.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(seed: u32) -> Self {
        Self(u64::from(seed))
    }

    /// The next number below another; nothing is below none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
        usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(0) % end.max(1)
    }

    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn of_these<'t, T>(&mut self, these: &'t [T]) -> Option<&'t T> {
        these.get(self.below(these.len()))
    }

    /// A text in the place of another: what is written of people and places, and what is not.
    pub(super) fn text(&mut self, old: &str) -> String {
        const STRANGE: [&str; 12] =
            ["0", "-1", "1", "256", "65536", "4294967296", "1e308", "NaN", "inf", "-", " ", "é\u{202e}蒙"];
        let cut = |text: &str, chars: usize| text.chars().take(chars).collect::<String>();
        let length = old.chars().count();
        match self.below(6) {
            0 => self.of_these(&STRANGE).map_or(String::new(), |text| (*text).to_owned()),
            1 => cut(old, self.below(length)),
            2 => old.repeat(2 + self.below(6)),
            3 => format!("{old}{}", self.of_these(&["0", ";", "-", ":", " ", "é", "/"]).unwrap_or(&"")),
            4 => self.number(old).unwrap_or_default(),
            _ => {
                let at = self.below(length);
                let other = char::from(*self.of_these(b"0123456789abcdefXYZ-;:. ").unwrap_or(&b'0'));
                old.chars().enumerate().map(|(nth, old)| if nth == at { other } else { old }).collect()
            }
        }
    }

    /// A number near another, or at an end of what such a number may be; none where no number stands there.
    pub(super) fn number(&mut self, old: &str) -> Option<String> {
        if let Ok(number) = old.parse::<i64>() {
            let ends = [
                0,
                1,
                -1,
                2,
                59,
                60,
                100,
                127,
                128,
                255,
                256,
                1_000,
                65_535,
                86_400,
                86_401,
                4_294_967_295,
                i64::MAX,
                i64::MIN,
            ];
            let made = match self.below(5) {
                0 => number.saturating_add(1),
                1 => number.saturating_sub(1),
                2 => number.saturating_mul(10),
                3 => number.saturating_neg(),
                _ => *self.of_these(&ends)?,
            };
            return Some(made.to_string());
        }
        let number: f64 = old.parse().ok().filter(|number: &f64| number.is_finite())?;
        let made = match self.below(6) {
            0 => number + 0.00001,
            1 => number - 0.00001,
            2 => -number,
            3 => number + 1.0,
            4 => number * 10.0,
            _ => *self.of_these(&[0.0, 90.0, -90.0, 180.0, -180.0, 180.000_000_1, 1e-9])?,
        };
        Some(made.to_string())
    }
}
