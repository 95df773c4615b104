//! Positions: one object, an array, or NDJSON. Each line stands alone: a broken one does not cost its neighbours.

use std::borrow::Cow;

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::UnitFix;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::body::{Broken, FAULTS_NAMED, Reading, each, why};
use crate::fault::Fault;
use crate::number::unsigned;
use crate::text::rfc3339;

/// Longest unit code that is looked at, bytes.
const UNIT_BYTES_MAX: usize = 64;

/// A body, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// What could be read, in order.
    pub fixes: Vec<UnitFix>,
    /// What could not: the first of them.
    pub faults: Vec<Fault>,
    /// How many could not.
    pub faulty: u64,
    /// How many there were beyond the bound; they were not looked at.
    pub over: u64,
    /// The line of each fix.
    lines: Vec<u64>,
}

/// One position as it arrives; what else a device sends is passed over.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    unit: Cow<'a, str>,
    lon: f64,
    lat: f64,
    fix_time: Clock,
    #[serde(default)]
    speed_m_s: Option<f64>,
    #[serde(default)]
    heading_deg: Option<f64>,
    #[serde(default)]
    accuracy_m: Option<f64>,
    #[serde(default)]
    device_time: Option<Clock>,
}

/// Microseconds or RFC 3339.
struct Clock(Time);

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Clock;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("microseconds since 1970 UTC, or RFC 3339")
            }

            fn visit_i64<E: de::Error>(self, at: i64) -> Result<Clock, E> {
                Ok(Clock(Time(at)))
            }

            fn visit_u64<E: de::Error>(self, at: u64) -> Result<Clock, E> {
                i64::try_from(at)
                    .map(|at| Clock(Time(at)))
                    .map_err(|_| E::custom("is beyond the year 294246"))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Clock, E> {
                rfc3339(text)
                    .map(Clock)
                    .ok_or_else(|| E::custom("must be RFC 3339 or microseconds since 1970 UTC"))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Decodes a body of at most so many positions that came at `received_at`. Never panics, never fails as a whole: an
/// unreadable body is one fault.
pub fn decode(body: &[u8], most: u64, received_at: Time) -> Positions {
    let mut positions = Positions::default();
    let all = |body: &[u8]| {
        let all = serde_json::from_slice::<Vec<Raw>>(body).ok()?;
        Some(all.iter().map(|raw| check(raw, received_at)).collect())
    };
    let one = |text: &[u8], named| match serde_json::from_slice::<Raw>(text) {
        Ok(raw) => check(&raw, received_at),
        Err(_) if named => Err(why::<Raw>(text)),
        Err(_) => Err(Broken::default()),
    };
    positions.over = each(body, Reading { most, all, one }, |line, read| match read {
        Ok(fix) => {
            positions.fixes.push(fix);
            positions.lines.push(line);
        }
        Err((field, rule)) => positions.fault(Fault { line, field, rule }),
    });
    positions
}

impl Positions {
    /// Takes out the fixes of units that break a rule: each is a fault of its line. Returns how many.
    pub fn strike(&mut self, rule: &str, breaks: impl Fn(&UnitId) -> bool) -> u64 {
        let before = self.fixes.len();
        let mut lines = std::mem::take(&mut self.lines).into_iter();
        let mut struck = Vec::new();
        self.fixes.retain(|fix| {
            let (stays, line) = (!breaks(&fix.unit), lines.next().unwrap_or_default());
            if stays {
                self.lines.push(line);
            } else {
                struck.push(Fault { line, field: "unit".into(), rule: rule.to_owned() });
            }
            stays
        });
        self.faulty += struck.len() as u64;
        self.faults.append(&mut struck);
        self.faults.sort_by_key(|fault| fault.line);
        self.faults.truncate(FAULTS_NAMED);
        (before - self.fixes.len()) as u64
    }

    fn fault(&mut self, fault: Fault) {
        self.faulty += 1;
        if self.faults.len() < FAULTS_NAMED {
            self.faults.push(fault);
        }
    }
}

fn check(raw: &Raw, received_at: Time) -> Result<UnitFix, Broken> {
    let broken = |field: &str, rule: &str| Err((field.to_owned(), rule.to_owned()));
    if raw.unit.is_empty() || raw.unit.len() > UNIT_BYTES_MAX {
        return broken("unit", "must have 1 to 64 bytes");
    }
    let at = match Coord::from_degrees(raw.lon, raw.lat) {
        Ok(at) => at,
        Err(geo_error) => {
            let field = if (-180.0..=180.0).contains(&raw.lon) { "lat" } else { "lon" };
            return broken(field, &geo_error.to_string());
        }
    };
    // 65,535 stands for "not known" in frames.
    let Some(speed_cm_s) = raw.speed_m_s.map_or(Some(0), |speed| unsigned(speed, 100.0, u16::MAX - 1)) else {
        return broken("speed_m_s", "must lie between 0 and 655");
    };
    let Some(heading_deg) = raw.heading_deg.map_or(Some(0), |heading| unsigned(heading, 1.0, 360)) else {
        return broken("heading_deg", "must lie between 0 and 360");
    };
    let accuracy_m = match raw.accuracy_m {
        None => None,
        Some(radius) if radius >= 0.0 => Some(unsigned(radius, 1.0, u16::MAX).unwrap_or(u16::MAX)),
        Some(_) => return broken("accuracy_m", "must not be negative"),
    };
    Ok(UnitFix {
        unit: raw.unit.as_ref().into(),
        at,
        fix_time: raw.fix_time.0,
        device_time: raw.device_time.as_ref().map(|clock| clock.0),
        received_at,
        speed_cm_s,
        heading_deg: heading_deg % 360,
        accuracy_m,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = r#"{"unit":"U1","lon":116.086,"lat":43.933,"fix_time":1767751234000000,"speed_m_s":12.5,"heading_deg":360}"#;

    fn read(body: &str) -> Positions {
        decode(body.as_bytes(), 100, Time(5))
    }

    #[test]
    fn one_an_array_and_lines_say_the_same() {
        let one = read(GOOD);
        assert_eq!(one.faults, []);
        let fix = &one.fixes[0];
        assert_eq!((fix.at.lon, fix.speed_cm_s, fix.heading_deg), (1_160_860_000, 1250, 0));
        assert_eq!(fix.received_at, Time(5));
        let clock = GOOD.replace("1767751234000000", "\"2026-01-07T10:00:34+08:00\"");
        let same = [format!("[{GOOD}]"), format!("\n{GOOD}\n\n"), GOOD.replace(',', ",\n"), clock];
        for body in same {
            let read = read(&body);
            assert_eq!((read.fixes, read.faults), (one.fixes.clone(), Vec::new()), "{body}");
        }
    }

    #[test]
    fn a_broken_line_is_named_and_costs_no_other() {
        let bad = GOOD.replace("43.933", "91");
        for body in [format!("{GOOD}\n{bad}\n{GOOD}"), format!("[{GOOD},{bad},{GOOD}]")] {
            let positions = read(&body);
            assert_eq!(positions.fixes.len(), 2, "{body}");
            assert_eq!((positions.faults[0].line, positions.faults[0].field.as_str()), (2, "lat"));
            assert!(positions.faults[0].rule.contains("-90 and 90"));
        }
    }

    #[test]
    fn every_rule_names_its_field() {
        let cases = [
            (GOOD.replace("\"unit\":\"U1\"", "\"unit\":\"\""), "unit"),
            (GOOD.replace("\"unit\":\"U1\",", ""), "unit"),
            (GOOD.replace("116.086", "181"), "lon"),
            (GOOD.replace("116.086", "\"x\""), "lon"),
            (GOOD.replace("1767751234000000", "\"yesterday\""), "fix_time"),
            (GOOD.replace("12.5", "-1"), "speed_m_s"),
            (GOOD.replace("360", "361"), "heading_deg"),
            (GOOD.replace('}', ",\"accuracy_m\":-2}"), "accuracy_m"),
            ("{".into(), "body"),
            (String::new(), "body"),
            ("[1]".into(), "body"),
            ("{\"\":\"\u{1}\"}".into(), "body"),
            ("[{]".into(), "body"),
        ];
        for (body, field) in cases {
            let positions = read(&body);
            assert!(positions.fixes.is_empty(), "{body}");
            assert_eq!(positions.faults.len(), 1, "{body}");
            assert_eq!(positions.faults[0].field, field, "{body}: {:?}", positions.faults);
        }
    }

    #[test]
    fn what_came_is_not_told_back_at_length() {
        let long = "x".repeat(100_000);
        for text in [format!("\"{long}\""), format!("[\"{long}\"]")] {
            let read = read(&GOOD.replace("116.086", &text));
            let told: usize = read.faults.iter().map(|fault| fault.field.len() + fault.rule.len()).sum();
            assert!((1..2_000).contains(&told), "{told} bytes");
        }
    }

    #[test]
    fn faults_are_counted_and_only_the_first_are_named() {
        let body = format!("{}{GOOD}\n{}", "{\n".repeat(60), "{\n".repeat(60));
        let read = read(&body);
        assert_eq!((read.fixes.len(), read.faulty, read.over), (1, 99, 21));
        assert_eq!(read.faults.len(), FAULTS_NAMED);
        assert!(read.faults.iter().all(|fault| !fault.rule.is_empty()));
        let array = format!("[{}{GOOD}]", "0,".repeat(200));
        let read = decode(array.as_bytes(), 50, Time(5));
        assert_eq!((read.fixes.len(), read.faulty, read.over), (0, 50, 151));
        let good = format!("[{GOOD},{GOOD},{GOOD}]");
        let read = decode(good.as_bytes(), 2, Time(5));
        assert_eq!((read.fixes.len(), read.faulty, read.over), (2, 0, 1));
    }

    #[test]
    fn of_unknown_units_the_first_lines_are_named() {
        let mut read = read(&format!("{GOOD}\n").repeat(90));
        assert_eq!(read.strike("is not in the register", |_| true), 90);
        assert_eq!((read.fixes.len(), read.faulty, read.faults.len()), (0, 90, FAULTS_NAMED));
        assert_eq!(read.faults[0].line, 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            decode(&body, 100, Time(0));
        }

        #[test]
        fn any_damage_to_a_good_body_is_decoded(at in 0usize..200, byte: u8, cut in 0usize..220) {
            let mut body = format!("[{GOOD},{GOOD}]").into_bytes();
            let index = at % body.len();
            body[index] = byte;
            body.truncate(cut);
            let positions = decode(&body, 100, Time(0));
            prop_assert!(positions.fixes.len() + positions.faults.len() <= 3);
        }
    }
}
