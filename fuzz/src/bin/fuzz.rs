//! The target that `ORTOO_FUZZ_TARGET` names, under libFuzzer.
#![no_main]

use std::sync::LazyLock;

use dispatch_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("ORTOO_FUZZ_TARGET").unwrap_or_default();
    *TARGETS.iter().find(|target| target.name == name).expect("ORTOO_FUZZ_TARGET names a target")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.feed)(bytes));

/// One change in so many is of bytes, so that the form itself is tried too.
const OF_BYTES: u32 = 3;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, longest: usize, seed: u32| {
    let made = match seed % OF_BYTES {
        0 => None,
        _ => (TARGET.change)(&data[..size], seed / OF_BYTES, longest),
    };
    match made {
        Some(made) => {
            data[..made.len()].copy_from_slice(&made);
            made.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, longest),
    }
});
