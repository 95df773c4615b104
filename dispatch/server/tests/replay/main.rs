//! `ortoo replay` on logs of our own making. One with two calls that are taken, a unit sent while it is busy, a row with
//! latitude 91; one with a unit sent on from a call; one of many calls, so that many commands share a commit. Ours
//! equals the log's to the second, everything that is not taken is listed with its line, and the journal is proven.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

const HEADER: &str = "Call Number,Unit ID,Unit Type,Call Type,Final Priority,Location,Received DtTm,Entry DtTm,\
                      Dispatch DtTm,Response DtTm,On Scene DtTm,Available DtTm\n";

fn ortoo(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ortoo")).args(args).output().expect("ortoo starts")
}

/// Replays a log and gives what was said.
fn replay(log: &Path, more: &[&str]) -> String {
    let mut args = vec!["replay", log.to_str().expect("the path is text")];
    args.extend(more);
    let output = ortoo(&args);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn clock(second: u32) -> String {
    format!("04/07/2020 {:02}:{:02}:{:02} PM", 1 + second / 3_600, second / 60 % 60, second % 60)
}

/// A row: a unit sent to a call; seconds after one o'clock, received and saved 60 and 30 seconds before sent.
fn row(call: u32, unit: &str, sent: u32, on_scene: Option<u32>, cleared: u32) -> String {
    let at = f64::from(call % 50) / 1_000.0;
    format!(
        "{call},{unit},ENGINE,Alarms,3,\"({:.4}, -122.4180)\",{},{},{},{},{},{}\n",
        37.75 + at,
        clock(sent - 60),
        clock(sent - 30),
        clock(sent),
        clock(sent + 10),
        on_scene.map(clock).unwrap_or_default(),
        clock(cleared)
    )
}

#[test]
fn a_small_log_is_accounted_for() {
    let said = replay(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/log.csv"), &[]);
    assert!(said.contains("rows 5, calls 3 = incidents 2 + not taken 1"), "{said}");
    assert!(said.contains("calls that differ by a second or more: 0"), "{said}");
    // First on scene: 6:00 after the first call, and 7:00 after the second, whose first engine was busy.
    let response = "response     Ortoo         2     390.0     360.0     420.0     420.0";
    assert!(said.contains(response), "{said}");
    assert!(said.contains("rows that break a rule: 2"), "{said}");
    assert!(said.contains("      1  Location\n      1  dispatch: unit_busy\n"), "{said}");
    assert!(said.contains("line 6: call 3: Location: latitude"), "{said}");
    assert!(said.contains("line 4: call 2: dispatch: unit E1 is on another order"), "{said}");
    assert!(said.contains("verify: "), "{said}");
}

#[test]
fn a_unit_sent_on_before_it_is_cleared_is_diverted() {
    let dir = tempfile::tempdir().expect("a directory");
    let log = dir.path().join("log.csv");
    let rows = [
        // On scene at call 1, sent on to call 2, which it reaches before the log clears it of call 1.
        row(1, "E1", 100, Some(300), 900),
        row(1, "E2", 100, Some(350), 2_000),
        row(2, "E1", 600, Some(800), 1_500),
    ];
    std::fs::write(&log, HEADER.to_owned() + &rows.concat()).expect("the log is written");
    let said = replay(&log, &[]);
    assert!(said.contains("rows 3, calls 2 = incidents 2 + not taken 0"), "{said}");
    assert!(said.contains("calls that differ by a second or more: 0"), "{said}");
    assert!(said.contains("response     Ortoo         2     260.0"), "{said}");
    assert!(said.contains("rows that break a rule: 0"), "{said}");
}

#[test]
fn many_commands_share_a_commit_and_the_journal_is_proven() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, kept) = (dir.path().join("log.csv"), dir.path().join("kept"));
    let mut text = HEADER.to_owned();
    for call in 0..120 {
        // Three units take turns: each comes free in the second in which it is sent again.
        let sent = 60 + call * 100;
        let unit = format!("E{}", call % 3);
        let on_scene = (call % 4 > 0).then_some(sent + 60 + call);
        write!(text, "{}", row(call, &unit, sent, on_scene, sent + 300)).expect("text grows");
    }
    std::fs::write(&log, text).expect("the log is written");
    let kept = kept.to_str().expect("the path is text");
    let said = replay(&log, &["--keep", kept]);
    assert!(said.contains("rows 120, calls 120 = incidents 120 + not taken 0"), "{said}");
    assert!(said.contains("calls that differ by a second or more: 0"), "{said}");
    assert!(said.contains("rows that break a rule: 0"), "{said}");
    let counted = said.lines().next().expect("a first line").rsplit("commands ").next().expect("counts");
    let counts: Vec<u32> = counted.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(counts[0] >= 10 * counts[1] && counts[1] > 1, "{said}");

    let verified = ortoo(&["--data-dir", kept, "verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
