//! The project's own commands. `cargo xtask test` is the whole proof and what CI calls; `cargo xtask tidy` is the house
//! rules alone. Nothing here is part of the product.

mod advisories;
mod arrows;
mod built;
mod catch_all;
mod citations;
mod doc_comments;
mod fuzz;
mod growth;
mod imports;
mod links;
mod long_proof;
mod machine;
mod planted;
mod product;
mod proof;
mod prose;
mod recorded;
mod rooms;
mod schema;
mod soak;
mod step;
mod tidy;
mod tree;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Ortoo's own commands")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole proof: format, lints, house rules, unit, property and doc tests, console tests, end to end.
    Test {
        /// Leaves out what needs a browser.
        #[arg(long)]
        no_browser: bool,
    },
    /// What takes too long for every proof and rarely fails: all of the commands below, for longer. By hand.
    LongProof,
    /// What takes too long for every proof: a seeded day for minutes under an open console, then the journal verified.
    Soak {
        /// How long.
        #[arg(long, default_value_t = 10)]
        minutes: u32,
        /// How much faster than life the day runs.
        #[arg(long, default_value_t = 4)]
        speed: u32,
    },
    /// Kills a centre under load, its database too, and compares what it acknowledged with what its journal holds.
    CrashTest {
        /// What is handed on: --kills N, --store sqlite|postgres, --seed S, --report FILE.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Damages files and tables of a centre at random, starts it on them, and judges whether that is noticed and told.
    Damage {
        /// What is handed on: --rounds N, --store sqlite|postgres, --seed S.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Tries the writer from seeds, beside a store that fails; an auditor judges every step.
    Simulate {
        /// What is handed on: --seeds N, --first-seed S.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Kills, pauses and cuts off the leader of two servers under load, and measures how soon the other answers.
    FailoverTest {
        /// What is handed on: --runs N, --seed S, --report FILE.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Shows by the system calls of a node that every acknowledgement waits for the disk.
    FlushOrder {
        /// What is handed on: --alarms N.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Treats a node badly in many ways, beside a source, an operator and a console that need it.
    Hostile {
        /// What is handed on: --seconds N, --seed S, --only KIND.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Feeds what arrives from outside with bytes of chance, led by coverage.
    Fuzz(fuzz::Asked),
    /// Starts a node on what its disks may hold after the power went, many times.
    PowerCut {
        /// What is handed on: --cuts N, --seed S, --only N, --keep DIR, --recording DIR.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Proof of the proof: bugs and failures are planted one by one, and each has to be caught.
    Planted {
        /// This bug alone, named as its patch in xtask/planted/ is.
        bug: Option<String>,
    },
    /// Writes the files that describe events, commands and the API to others.
    Schema,
    /// The house rules alone.
    Tidy,
    /// Holds `Cargo.lock` against the database of advisories, alone.
    Advisories,
    /// Installs what the proof needs and is missing, or says what to install.
    Machine,
}

fn main() -> anyhow::Result<()> {
    let root = step::root()?;
    match Args::parse().command {
        Command::Test { no_browser } => proof::run(&root, !no_browser),
        Command::LongProof => long_proof::run(&root),
        Command::Soak { minutes, speed } => soak::run(&root, minutes, speed),
        Command::CrashTest { rest } => built::run(&root, "crash-test", &rest),
        Command::Damage { rest } => built::run(&root, "damage", &rest),
        Command::Simulate { rest } => built::run(&root, "simulate", &rest),
        Command::FailoverTest { rest } => built::run(&root, "failover-test", &rest),
        Command::FlushOrder { rest } => built::run(&root, "flush-order", &rest),
        Command::Hostile { rest } => built::run(&root, "hostile", &rest),
        Command::Fuzz(asked) => fuzz::run(&root, &asked),
        Command::PowerCut { rest } => built::run(&root, "power-cut", &rest),
        Command::Schema => schema::write(&root),
        Command::Planted { bug } => planted::run(&root, bug.as_deref()),
        Command::Tidy => tidy::check(&root),
        Command::Advisories => advisories::check(&root),
        Command::Machine => machine::prepare(true),
    }
}
