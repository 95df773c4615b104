//! What is shipped cannot be asked to fail: it knows no variable for that, and holds nothing of what could be asked for.

use std::process::Command;

use dispatch_e2e::node::binary;

/// Stand in a build that can be struck, and in no other (`dispatch/server/src/fault/asked.rs`,
/// `dispatch/store/src/failing.rs`). In two halves, so that they do not stand here.
const MARKS: [(&str, &str); 3] =
    [("ORTOO_", "FAULT"), ("the node was asked ", "to fail"), ("the store was asked ", "to fail")];

#[test]
fn the_shipped_binary_knows_no_variable_for_failures() {
    let ended = Command::new(binary().unwrap())
        .args(["config", "check"])
        .env("ORTOO_FAULT", "publish:crash:1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success(), "{said}");
    assert!(said.contains("ORTOO_FAULT") && said.contains("there is no such key"), "{said}");
}

#[test]
fn nothing_of_a_failure_is_in_the_shipped_binary() {
    let bytes = std::fs::read(binary().unwrap()).unwrap();
    for (head, tail) in MARKS {
        let mark = format!("{head}{tail}");
        assert!(!bytes.windows(mark.len()).any(|window| window == mark.as_bytes()), "{mark}");
    }
}
