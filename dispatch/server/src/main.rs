//! `ortoo`: a dispatch and command-centre server. See `ortoo --help`.

use std::process::ExitCode;

use clap::Parser as _;
use dispatch_server::cli::Cli;

fn main() -> ExitCode {
    #[cfg(feature = "planted")]
    plant();
    dispatch_server::cli::run(Cli::parse())
}

/// Plants the bug that is asked for, in a build that has them.
#[cfg(feature = "planted")]
fn plant() {
    use dispatch_core::planted::Bug;
    if let Some(bug) = std::env::var("ORTOO_PLANTED").ok().and_then(|name| Bug::named(&name)) {
        bug.plant();
    }
}
