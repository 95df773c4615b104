//! Heartbeats of alarm points: one object, an array, or NDJSON, of each the code of the point. When it was heard is the
//! centre's own time: a point that can do no more than beat need not know the hour.

use std::borrow::Cow;

use dispatch_core::kernel::id::PointId;
use serde::Deserialize;

use super::body::{Broken, FAULTS_NAMED, Reading, each, why};
use crate::fault::Fault;

/// Longest point code that is looked at, bytes.
const POINT_BYTES_MAX: usize = 64;

/// A body, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heartbeats {
    /// Which points beat, each with its line, in order.
    pub points: Vec<(u64, PointId)>,
    /// What could not be read: the first of them.
    pub faults: Vec<Fault>,
    /// How many could not be read.
    pub faulty: u64,
    /// How many there were beyond the bound; they were not looked at.
    pub over: u64,
}

/// One heartbeat as it arrives; what else a device sends is passed over.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    point: Cow<'a, str>,
}

/// Decodes a body of at most so many heartbeats. Never panics, never fails as a whole: an unreadable body is one fault.
pub fn decode(body: &[u8], most: u64) -> Heartbeats {
    let mut heartbeats = Heartbeats::default();
    let all = |body: &[u8]| {
        let all = serde_json::from_slice::<Vec<Raw>>(body).ok()?;
        Some(all.iter().map(check).collect())
    };
    let one = |text: &[u8], named| match serde_json::from_slice::<Raw>(text) {
        Ok(raw) => check(&raw),
        Err(_) if named => Err(why::<Raw>(text)),
        Err(_) => Err(Broken::default()),
    };
    heartbeats.over = each(body, Reading { most, all, one }, |line, read| match read {
        Ok(point) => heartbeats.points.push((line, point)),
        Err((field, rule)) => {
            heartbeats.faulty += 1;
            if heartbeats.faults.len() < FAULTS_NAMED {
                heartbeats.faults.push(Fault { line, field, rule });
            }
        }
    });
    heartbeats
}

fn check(raw: &Raw) -> Result<PointId, Broken> {
    if raw.point.is_empty() || raw.point.len() > POINT_BYTES_MAX {
        return Err(("point".into(), "must have 1 to 64 bytes".into()));
    }
    Ok(raw.point.as_ref().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_an_array_and_lines_say_the_same() {
        let one = decode(br#"{"point":"P1","battery":3}"#, 100);
        assert_eq!((one.points.as_slice(), one.faults.as_slice()), (&[(1, "P1".into())][..], &[][..]));
        assert_eq!(decode(br#"[{"point":"P1"}]"#, 100), one);
        assert_eq!(decode(b"{\"point\":\"P1\"}\n\n", 100), one);
        assert_eq!(decode(b"{\n\"point\":\n\"P1\"}", 100), one);
    }

    #[test]
    fn a_broken_one_is_named_and_costs_no_other() {
        let good = r#"{"point":"P1"}"#;
        for bad in [r#"{"point":""}"#, r#"{"place":"P1"}"#, r#"{"point":7}"#] {
            for body in [format!("{good}\n{bad}\n{good}"), format!("[{good},{bad},{good}]")] {
                let read = decode(body.as_bytes(), 100);
                assert_eq!(read.points.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3], "{body}");
                assert_eq!((read.faults[0].line, read.faults[0].field.as_str()), (2, "point"), "{body}");
            }
        }
        let empty = Fault { line: 1, field: "body".into(), rule: "is empty".into() };
        assert_eq!(decode(b"", 100).faults, [empty]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            decode(&body, 100);
        }
    }
}
