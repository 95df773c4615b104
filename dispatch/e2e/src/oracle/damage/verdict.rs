//! What a round comes to: noticed and told, or nothing of it mattered.

use serde::Serialize;

use super::look::Seen;

/// What became of a centre that was started on something damaged.
#[derive(Debug)]
pub enum Started {
    /// It did not start, and said why.
    Refused(String),
    /// It served.
    Served {
        /// What it showed.
        seen: Box<Seen>,
        /// What its log warned of.
        warned: Vec<String>,
    },
    /// It served and could not be asked everything, or hung.
    Failed(String),
}

/// How it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Noticed {
    /// On every console.
    OnConsoles,
    /// By the start, which refused and said why.
    AtTheStart,
    /// In the log alone.
    InTheLog,
    /// By `ortoo verify`, `ortoo recover` or `ortoo restore`.
    ByVerify,
    /// Nothing was to be noticed: what is kept is as it was.
    Nothing,
}

/// A judged round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How it was noticed first.
    pub noticed: Noticed,
    /// What may not be.
    pub findings: Vec<String>,
}

/// Judges a start on something damaged. `complaint` is what `ortoo verify` said before it; `is_journal` whether it was
/// the journal itself that was damaged, without which a centre may not go on.
pub fn judge(started: &Started, truth: &Seen, complaint: Option<&str>, is_journal: bool) -> Verdict {
    let mut findings = Vec::new();
    let noticed = match started {
        Started::Refused(why) => {
            if !is_journal {
                findings.push(format!("what is not the journal stops the centre: {why}"));
            }
            Noticed::AtTheStart
        }
        Started::Failed(why) => {
            findings.push(format!("it cannot be used, and does not say so: {why}"));
            Noticed::Nothing
        }
        Started::Served { seen, warned } => {
            let differs = seen.differs(truth);
            let is_told = seen.told.difference(&truth.told).next().is_some();
            let false_words = seen.false_words(truth);
            findings.extend(false_words.iter().map(|words| format!("words that nobody said: {words}")));
            if !seen.takes_calls {
                findings.push("a call for help was not taken".to_owned());
            }
            if !is_told && warned.is_empty() && complaint.is_none() && !differs.is_empty() {
                findings.push(format!("silent: {}", differs.join("; ")));
            }
            match (is_told, warned.is_empty(), complaint) {
                (true, ..) => Noticed::OnConsoles,
                (_, false, _) => Noticed::InTheLog,
                (.., Some(_)) => Noticed::ByVerify,
                _ => Noticed::Nothing,
            }
        }
    };
    let said = [complaint.unwrap_or_default(), &format!("{started:?}")].concat();
    if said.contains("panicked") {
        findings.push("it panicked".to_owned());
    }
    Verdict { noticed, findings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth() -> Seen {
        let mut seen = Seen { rows: vec!["1".into(), "2".into()], takes_calls: true, ..Seen::default() };
        seen.words.insert("w".into(), "fire".into());
        seen
    }

    fn served(change: impl FnOnce(&mut Seen), warned: &[&str]) -> Started {
        let mut seen = truth();
        change(&mut seen);
        Started::Served { seen: Box::new(seen), warned: warned.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn what_is_silent_is_found() {
        let same = served(|seen| seen.rows.push("3".into()), &[]);
        assert_eq!(judge(&same, &truth(), None, false).findings, [""; 0]);
        let lost = || served(|seen| seen.rows.truncate(1), &[]);
        assert!(
            judge(&lost(), &truth(), None, true).findings[0].starts_with("silent: the journal, from row 2")
        );
        assert_eq!(judge(&lost(), &truth(), Some("rows are gone"), true).noticed, Noticed::ByVerify);
        let told = served(
            |seen| {
                seen.rows.truncate(1);
                seen.told.insert("tail_lost".into());
            },
            &[],
        );
        let verdict = judge(&told, &truth(), None, true);
        assert_eq!((verdict.noticed, verdict.findings.len()), (Noticed::OnConsoles, 0));
        let warned = served(|seen| seen.rows.truncate(1), &["WARN"]);
        assert_eq!(judge(&warned, &truth(), None, true).noticed, Noticed::InTheLog);
    }

    #[test]
    fn what_may_never_be_is_found_however_loud_it_is() {
        let tell = |seen: &mut Seen| {
            seen.told.insert("words_damaged".into());
        };
        let words = served(
            |seen| {
                tell(seen);
                seen.words.insert("w".into(), "water".into());
            },
            &["WARN"],
        );
        assert!(judge(&words, &truth(), Some("w"), false).findings[0].contains("nobody said: w: water"));
        let held_back = served(
            |seen| {
                tell(seen);
                seen.words.insert("w".into(), "refused: words_damaged".into());
            },
            &[],
        );
        assert!(judge(&held_back, &truth(), None, false).findings.is_empty());
        let deaf = served(
            |seen| {
                tell(seen);
                seen.takes_calls = false;
            },
            &[],
        );
        assert!(judge(&deaf, &truth(), None, false).findings[0].contains("not taken"));
        let refused = Started::Refused("the tracks are damaged".into());
        assert!(judge(&refused, &truth(), None, false).findings[0].contains("stops the centre"));
        assert!(judge(&refused, &truth(), None, true).findings.is_empty());
        let panicked = Started::Refused("thread 'main' panicked at".into());
        assert_eq!(judge(&panicked, &truth(), None, true).findings, ["it panicked"]);
    }
}
