//! `ortoo`: a dispatch and command-centre server. See `ortoo --help`.

use std::process::ExitCode;

use clap::Parser as _;
use dispatch_server::cli::Cli;

fn main() -> ExitCode {
    dispatch_server::cli::run(Cli::parse())
}
