//! `ortoo`: a dispatch and command-centre server. See `ortoo --help`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use dispatch_server::cli::Cli;

/// Variables that ask for a bug or a failure, to prove the proof.
const ASKING: [&str; 2] = ["ORTOO_PLANTED", "ORTOO_FAULT"];

fn main() -> ExitCode {
    for name in ASKING {
        let Ok(asked) = std::env::var(name) else { continue };
        if let Err(why) = plant(name, &asked) {
            // Nothing is left to do if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "ortoo: {name}={asked}: {why}");
            return ExitCode::FAILURE;
        }
    }
    dispatch_server::cli::run(Cli::parse())
}

/// A node that serves people cannot be asked to fail.
#[cfg(not(feature = "planted"))]
fn plant(_: &str, _: &str) -> Result<(), &'static str> {
    Err("this build has no bugs to plant and no faults to strike: unset the variable")
}

/// Plants the bug that is asked for, in a build that has them.
#[cfg(feature = "planted")]
fn plant(name: &str, asked: &str) -> Result<(), &'static str> {
    if name == "ORTOO_PLANTED" {
        dispatch_core::planted::Bug::named(asked).ok_or("there is no such bug")?;
    } else {
        dispatch_core::fault_point::choice(asked).ok_or("write point:strike:time, e.g. publish:crash:3")?;
    }
    Ok(())
}
