//! Trials in every run of the tests; `cargo xtask simulate` runs as many as one likes.
#![cfg(feature = "trial")]

use dispatch_sim::trial::{Report, run};

#[test]
fn a_seed_is_the_same_trial_every_time() {
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).steps, run(8).steps);
}

#[test]
fn no_rule_is_broken_and_work_is_done() {
    let mut total = Report::default();
    (1_000_001..1_000_007).for_each(|seed| total.add(run(seed)));
    assert_eq!(total.violations, [], "{}", total.table());
    for kind in ["accepted", "refused", "repeated", "not recorded", "conflict", "busy"] {
        assert!(total.answers.contains_key(kind), "nobody was answered {kind}: {}", total.table());
    }
    assert!(total.kills > 0 && total.predicted > 0, "{total:?}");
}
