//! Alarms: whatever arrives becomes a call for help. A field that cannot be used is listed as a flaw and what it held
//! goes into the text an operator reads; there is no error, because a person's alarm is never refused for its form.
//!
//! Flaws name fields and rules, never what was in them: flaws are journalled, a person's words are not (D12).

use dispatch_core::Coord;
use dispatch_core::command::RaiseAlarm;
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::AlarmSource;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::salvage;
use crate::text::rfc3339;

/// Longest code, number or key that is kept, characters.
const CODE_CHARS_MAX: usize = 128;
/// Longest text that is kept, characters.
const TEXT_CHARS_MAX: usize = 8_000;
/// Fields nobody knows that are named to the sender.
const UNKNOWN_NAMED: usize = 8;
/// Longest name of one that is told, characters.
const UNKNOWN_CHARS_MAX: usize = 32;

/// The fields of an alarm that are taken out of a body which breaks off; all of it can be read besides.
const KNOWN: [&str; 15] = [
    "source",
    "mode",
    "number",
    "point",
    "unit",
    "device",
    "press",
    "place",
    "lon",
    "lat",
    "radius_m",
    "incident_type",
    "priority",
    "silent",
    "occurred_at",
];

/// An alarm as it was read. Its words are apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The command, without words.
    pub raise: RaiseAlarm,
    /// What was said or typed, and what could not be used otherwise.
    pub text: Option<String>,
    /// The caller's number or name.
    pub caller: Option<String>,
    /// Language of the text, if the sender says.
    pub lang: Option<String>,
    /// When the sender says it happened.
    pub occurred_at: Option<Time>,
    /// Names of the first fields nobody knows, for the sender alone.
    pub unknown: Vec<String>,
}

impl Call {
    /// Whether nothing came that says where or what. Whoever calls by voice says it yet.
    pub fn is_bare(&self) -> bool {
        let raise = RaiseAlarm { flaws: Vec::new(), ..self.raise.clone() };
        let spoken = self.text.is_some() || self.caller.is_some() || raise.source == AlarmSource::Call;
        !spoken && raise == RaiseAlarm::of(raise.source)
    }
}

/// Reads a body. `cut` says that it was longer than this and the rest was not read.
pub fn read(body: &[u8], cut: bool) -> Call {
    let mut reader = Reader::default();
    if cut {
        reader.flaw("body", "was cut at the limit");
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(fields)) => reader.fields = fields,
        Ok(Value::String(text)) => {
            reader.flaw("body", "must be an object");
            reader.rest.push(text);
        }
        Ok(other) => {
            reader.flaw("body", "must be an object");
            reader.rest.push(other.to_string());
        }
        Err(_) if body.trim_ascii().is_empty() => reader.flaw("body", "is empty"),
        Err(_) => {
            reader.flaw("body", "is not JSON");
            reader.fields = salvage::fields(body);
            reader.fields.retain(|name, _| KNOWN.contains(&name.as_str()));
            reader.rest.push(String::from_utf8_lossy(body).trim().to_owned());
        }
    }
    reader.read()
}

#[derive(Default)]
struct Reader {
    fields: Map<String, Value>,
    flaws: Vec<String>,
    rest: Vec<String>,
}

impl Reader {
    fn read(mut self) -> Call {
        let source = self.word("source", "taken as app").unwrap_or(AlarmSource::App);
        let mode = self.word("mode", "taken as actual").unwrap_or(Mode::Actual);
        let place = self.place(source);
        let occurred_at = self.clock("occurred_at");
        let given = self.text("text", TEXT_CHARS_MAX);
        let raise = RaiseAlarm {
            source,
            mode,
            number: self.code("number"),
            point: self.code("point").as_deref().map(Into::into),
            unit: self.code("unit").as_deref().map(Into::into),
            device: self.code("device"),
            press: self.code("press"),
            place,
            incident_type: self.code("incident_type").as_deref().map(Into::into),
            priority: self.word("priority", "left open"),
            caller: None,
            words: None,
            silent: self.flag("silent"),
            trunk: self.code("trunk").as_deref().map(Into::into),
            flaws: Vec::new(),
        };
        let caller = self.text("caller", CODE_CHARS_MAX);
        let lang = self.code("lang");
        let unknown = self.leftover();
        let text = given.into_iter().chain(self.rest).collect::<Vec<_>>().join("\n");
        let text = Some(clip(text.trim(), TEXT_CHARS_MAX)).filter(|text| !text.is_empty());
        Call { raise: RaiseAlarm { flaws: self.flaws, ..raise }, text, caller, lang, occurred_at, unknown }
    }

    fn flaw(&mut self, field: &str, rule: &str) {
        self.flaws.push(format!("{field}: {rule}"));
    }

    /// Takes a field; null counts as absent.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null())
    }

    /// What a field held goes where an operator reads it.
    fn set_aside(&mut self, field: &str, rule: &str, value: &Value) {
        self.flaw(field, rule);
        self.rest.push(format!("{field}: {value}"));
    }

    /// One word of a vocabulary; `otherwise` says what becomes of another.
    fn word<T: DeserializeOwned>(&mut self, field: &str, otherwise: &str) -> Option<T> {
        let value = self.take(field)?;
        let word = match &value {
            Value::String(word) => Value::String(word.trim().to_lowercase()),
            other => other.clone(),
        };
        let read = serde_json::from_value(word).ok();
        if read.is_none() {
            self.set_aside(field, &format!("must be {}; {otherwise}", vocabulary::<T>()), &value);
        }
        read
    }

    fn code(&mut self, field: &str) -> Option<String> {
        let value = self.take(field)?;
        let code = match &value {
            Value::String(code) => code.trim().to_owned(),
            Value::Number(code) => code.to_string(),
            _ => String::new(),
        };
        if code.is_empty() || code.chars().count() > CODE_CHARS_MAX {
            self.set_aside(field, "must be text of 1 to 128 characters", &value);
            return None;
        }
        Some(code)
    }

    fn text(&mut self, field: &str, most: usize) -> Option<String> {
        let text = match self.take(field)? {
            Value::String(text) => text,
            other => {
                self.flaw(field, "must be text");
                other.to_string()
            }
        };
        if text.chars().count() > most {
            self.flaw(field, "was cut at the limit");
        }
        Some(clip(text.trim(), most)).filter(|text| !text.is_empty())
    }

    fn flag(&mut self, field: &str) -> bool {
        match self.take(field) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(Value::String(word)) if word == "true" => true,
            Some(other) => {
                self.set_aside(field, "must be true or false", &other);
                // Not knowing whether an alarm is silent, it is treated as one: nobody is called back by mistake.
                field == "silent"
            }
        }
    }

    fn clock(&mut self, field: &str) -> Option<Time> {
        let value = self.take(field)?;
        let at = match &value {
            Value::Number(at) => at.as_i64().map(Time),
            Value::String(text) => rfc3339(text),
            _ => None,
        };
        if at.is_none() {
            self.set_aside(field, "must be microseconds or RFC 3339", &value);
        }
        at
    }

    fn number(&mut self, field: &str) -> Option<f64> {
        let value = self.take(field)?;
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.set_aside(field, "must be a number", &value);
        }
        number
    }

    fn place(&mut self, source: AlarmSource) -> Option<Place> {
        let radius = self.number("radius_m");
        let (lon, lat) = (self.number("lon"), self.number("lat"));
        if let Some(value) = self.take("place") {
            match serde_json::from_value::<Place>(value.clone()) {
                Ok(place) => return Some(place),
                Err(_) => self.set_aside("place", "is not a place that can be used", &value),
            }
        }
        let (lon, lat) = match (lon, lat) {
            (Some(lon), Some(lat)) => (lon, lat),
            (None, None) => return None,
            (Some(lon), None) => {
                self.set_aside("lon", "needs lat beside it", &lon.into());
                return None;
            }
            (None, Some(lat)) => {
                self.set_aside("lat", "needs lon beside it", &lat.into());
                return None;
            }
        };
        let coord = match Coord::from_degrees(lon, lat) {
            Ok(coord) => coord,
            Err(error) => {
                let field = if (-180.0..=180.0).contains(&lon) { "lat" } else { "lon" };
                self.flaw(field, &error.to_string());
                self.rest.push(format!("lon: {lon}, lat: {lat}"));
                return None;
            }
        };
        let by_device =
            matches!(source, AlarmSource::Sos | AlarmSource::App | AlarmSource::Button | AlarmSource::Sensor);
        let source = if by_device { PlaceSource::Fix } else { PlaceSource::Caller };
        Some(Place {
            kind: PlaceKind::Point,
            coord: Some(coord),
            radius_m: radius.map_or(0, metres),
            ..Place::unknown(source)
        })
    }

    /// Fields nobody asked for: their names may be anything, so only their number is journalled. Gives the names.
    fn leftover(&mut self) -> Vec<String> {
        let unknown = std::mem::take(&mut self.fields);
        match unknown.len() {
            0 => {}
            1 => self.flaw("body", "1 field is not known"),
            many => self.flaw("body", &format!("{many} fields are not known")),
        }
        self.rest.extend(unknown.iter().map(|(name, value)| format!("{name}: {value}")));
        unknown.keys().take(UNKNOWN_NAMED).map(|name| clip(name, UNKNOWN_CHARS_MAX)).collect()
    }
}

/// A radius in whole metres, 0 where it makes no sense.
fn metres(radius: f64) -> u32 {
    if !(0.0..=1e7).contains(&radius) {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e7")]
    let whole = radius.round() as u32;
    whole
}

/// The words of a vocabulary, "one of a, b", as serde lists them for a word that is none of them.
fn vocabulary<T: DeserializeOwned>() -> String {
    let said = serde_json::from_value::<T>("".into()).err().map(|error| error.to_string());
    let listed = said.as_deref().and_then(|said| said.split_once("expected "));
    listed.map_or("a word that is known", |(_, words)| words).replace('`', "")
}

fn clip(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(body: &str) -> Call {
        read(body.as_bytes(), false)
    }

    #[test]
    fn a_whole_alarm_has_no_flaw() {
        let call = of(
            r#"{"source":"sos","unit":"U7","device":"d1","press":"p1","lon":116.1,"lat":43.9,"radius_m":20,
            "occurred_at":"2026-01-07T02:00:34Z","text":"help","caller":"138","mode":"actual","priority":"p1","silent":true}"#,
        );
        assert_eq!(call.raise.flaws, Vec::<String>::new());
        assert_eq!(call.raise.source, AlarmSource::Sos);
        let place = call.raise.place.unwrap();
        assert_eq!((place.radius_m, place.source), (20, PlaceSource::Fix));
        assert_eq!(call.occurred_at, Some(Time(1_767_751_234_000_000)));
        assert_eq!((call.text.as_deref(), call.caller.as_deref()), (Some("help"), Some("138")));
        assert!(call.raise.silent);
    }

    #[test]
    fn what_cannot_be_used_is_flagged_and_can_be_read() {
        let call = of(
            r#"{"source":"pigeon","lon":116.1,"lat":91,"text":["a"],"color":"red","point":{"x":1},"silent":3}"#,
        );
        assert_eq!(call.raise.source, AlarmSource::App);
        assert!(call.raise.place.is_none());
        assert!(call.raise.silent);
        let flaws = call.raise.flaws.join("|");
        for field in ["source", "lat", "text", "point", "silent", "body: 1 field is not known"] {
            assert!(flaws.contains(field), "{field} in {flaws}");
        }
        assert!(flaws.contains("source: must be one of call, point,"), "{flaws}");
        assert!(flaws.contains("sensor; taken as app"), "{flaws}");
        assert_eq!(call.unknown, ["color"]);
        let text = call.text.unwrap();
        for value in ["pigeon", "91", "red", r#"{"x":1}"#] {
            assert!(text.contains(value), "{value} in {text}");
        }
        assert!(!flaws.contains("pigeon") && !flaws.contains("red"), "no words in flaws: {flaws}");
    }

    #[test]
    fn unknown_fields_are_named_to_the_sender_within_bounds() {
        let body: Map<String, Value> =
            (0..20).map(|at| (format!("{at:02}{}", "x".repeat(99)), at.into())).collect();
        let call = of(&Value::Object(body).to_string());
        assert_eq!(call.raise.flaws, ["body: 20 fields are not known"]);
        assert_eq!((call.unknown.len(), call.unknown[7].len()), (UNKNOWN_NAMED, UNKNOWN_CHARS_MAX));
    }

    #[test]
    fn an_alarm_that_says_nothing_is_bare() {
        for body in ["", "{}", r#"{"source":"sms"}"#, r#"{"source":"app","text":" "}"#] {
            assert!(of(body).is_bare(), "{body}");
        }
        for body in
            [r#"{"source":"call"}"#, r#"{"latt":1}"#, r#"{"unit":"U1"}"#, r#"{"caller":"138"}"#, "help"]
        {
            assert!(!of(body).is_bare(), "{body}");
        }
    }

    #[test]
    fn what_came_before_a_body_broke_off_is_used() {
        let whole = r#"{"source":"sos","unit":"U7","press":"p1","lon":116.1,"lat":43.9,"text":"help"}"#;
        let cut = of(&whole[..whole.len() - 3]);
        assert_eq!((cut.raise.source, cut.raise.unit), (AlarmSource::Sos, Some("U7".into())));
        assert_eq!(cut.raise.press.as_deref(), Some("p1"));
        assert!(cut.raise.place.is_some());
        assert!(cut.text.unwrap().contains("hel"), "all that came can be read");
        let cut = of(r#"{"source":"sos","unit":"U7","lon":116.1,"lat":43"#);
        assert_eq!(cut.raise.place, None, "43 of 43.9 is another place");
        assert_eq!(cut.raise.unit, Some("U7".into()));
        for end in 1..whole.len() {
            assert!(!of(&whole[..end]).raise.flaws.is_empty());
        }
    }

    #[test]
    fn broken_text_is_an_alarm_too() {
        assert_eq!(of("着火了 快来").text.as_deref(), Some("着火了 快来"));
        assert_eq!(of("{\"text\":\"fi").raise.flaws, ["body: is not JSON"]);
        assert_eq!(of("").raise.flaws, ["body: is empty"]);
        assert_eq!(of("\"fire\"").text.as_deref(), Some("fire"));
        assert_eq!(read(b"{}", true).raise.flaws, ["body: was cut at the limit"]);
        assert_eq!(of(r#"{"lat":"43.9","lon":"116.1"}"#).raise.flaws, Vec::<String>::new());
        assert_eq!(of(&format!(r#"{{"text":"{}"}}"#, "x".repeat(9_000))).text.unwrap().len(), 8_000);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_alarm(body in proptest::collection::vec(any::<u8>(), 0..300), cut: bool) {
            read(&body, cut);
        }

        #[test]
        fn any_values_are_an_alarm(
            field in "source|mode|number|place|lon|lat|radius_m|text|caller|silent|occurred_at|priority|x",
            value in prop_oneof![
                Just(Value::Null), any::<bool>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
                any::<i64>().prop_map(Value::from), ".{0,40}".prop_map(Value::from),
            ],
        ) {
            let body = Value::Object(Map::from_iter([(field, value)])).to_string();
            read(body.as_bytes(), false);
        }
    }
}
