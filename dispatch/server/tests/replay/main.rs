//! `ortoo replay` on a log of our own making: two calls that are taken, a unit sent while it is busy, a row with
//! latitude 91. Ours equals the log's to the second, and everything that is not taken is listed with its line.

use std::path::Path;
use std::process::Command;

#[test]
fn a_small_log_is_accounted_for() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/log.csv");
    let output =
        Command::new(env!("CARGO_BIN_EXE_ortoo")).arg("replay").arg(log).output().expect("ortoo starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let all = format!("{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{all}");
    assert!(said.contains("rows 5, calls 3 = incidents 2 + not taken 1"), "{all}");
    assert!(said.contains("calls that differ by a second or more: 0"), "{all}");
    // First on scene: 6:00 after the first call, and 7:00 after the second, whose first engine was busy.
    let response = "response     Ortoo         2     390.0     360.0     420.0     420.0";
    assert!(said.contains(response), "{all}");
    assert!(said.contains("rows that break a rule: 2"), "{all}");
    assert!(said.contains("line 6: call 3: Location: latitude"), "{all}");
    assert!(said.contains("line 4: call 2: dispatch: unit E1 is on another order"), "{all}");
    assert!(said.contains("verify: "), "{all}");
}
