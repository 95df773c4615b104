//! What is shipped can be asked neither for a bug nor for a failure, and holds nothing of either.

use std::process::Command;

use dispatch_e2e::node::binary;

/// Stands in a build that can be struck, and in no other (`dispatch/server/src/fault.rs`). In two halves, so that it does
/// not stand here.
const MARK: (&str, &str) = ("struck by a fault ", "that was asked for");

#[test]
fn the_shipped_binary_refuses_to_fail_on_request() {
    for (name, asked) in [("ORTOO_PLANTED", "SkippingCursor"), ("ORTOO_FAULT", "publish:crash:1")] {
        let ended =
            Command::new(binary().unwrap()).args(["config", "check"]).env(name, asked).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(!ended.status.success(), "{name}");
        assert!(said.contains(name) && said.contains("no bugs to plant"), "{said}");
    }
}

#[test]
fn nothing_of_a_fault_is_in_the_shipped_binary() {
    let bytes = std::fs::read(binary().unwrap()).unwrap();
    let mark = format!("{}{}", MARK.0, MARK.1);
    assert!(!bytes.windows(mark.len()).any(|window| window == mark.as_bytes()), "{mark}");
}
