//! The target that `ORTOO_FUZZ_TARGET` names, under libFuzzer.
#![no_main]

use std::sync::LazyLock;

use dispatch_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("ORTOO_FUZZ_TARGET").unwrap_or_default();
    *TARGETS.iter().find(|target| target.name == name).expect("ORTOO_FUZZ_TARGET names a target")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.feed)(bytes));
