//! The command line: flags over the environment over the file, then one task.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use dispatch_store::Location;
use rustix::fs::Mode;

use crate::config::{Config, ConfigError};
use crate::logs::told;
use crate::{logs, task};

/// Dispatch and command-centre server: alarms in, patrols on the map, the right unit sent.
#[derive(Debug, Parser)]
#[command(name = "ortoo", version, subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    task: Task,
}

/// What every task takes.
#[derive(Debug, Args)]
struct Settings {
    /// Configuration file (TOML); every key also as `ORTOO_KEY` or `ORTOO_SECTION_KEY` in the environment.
    #[arg(long, global = true, env = "ORTOO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the journal, tracks and exports are [default: ortoo-data].
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database that keeps journal and tracks, postgres://USER:PASSWORD@HOST:PORT/DATABASE; else the data directory does.
    /// A password is better kept in the configuration file or in `ORTOO_STORE`.
    #[arg(long, global = true, value_name = "ADDRESS")]
    store: Option<String>,
    /// Address to answer at [default: 127.0.0.1:8110].
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Region a new node begins with: an embedded package's id, or a folder [default: xilingol].
    #[arg(long, global = true, value_name = "ID|DIR")]
    region: Option<String>,
    /// What is logged: a level, or a filter by module.
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// Log one JSON object a line.
    #[arg(long, global = true)]
    log_json: bool,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Task {
    /// Run a node.
    Serve {
        /// Stand by while another node leads in the same database, and lead when none does.
        #[arg(long)]
        standby: bool,
        /// Where others reach this node, when it is not the address it answers at.
        #[arg(long, value_name = "http://HOST:PORT")]
        advertise: Option<String>,
        /// Go on without what the journal has lost, should its end be missing: until somebody says so, here or on a
        /// console, only calls for help are taken.
        #[arg(long)]
        accept_loss: bool,
        /// A folder on another disk where a second copy of all that is committed is kept.
        #[arg(long, value_name = "DIR")]
        mirror: Option<PathBuf>,
        /// The file of the node's secret; two servers of one database have copies of the same
        /// [default: node-key in the data directory].
        #[arg(long, value_name = "FILE")]
        node_key: Option<PathBuf>,
    },
    /// Have the node at --listen yield the lead to whoever stands by.
    YieldLead {
        /// The seat that asks: of a shift lead or a commander at a topmost desk.
        #[arg(long)]
        seat: String,
    },
    /// Run a node with a seeded day: units, points, alarms.
    Demo {
        /// The day's seed: the same seed makes the same day.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How much faster than real the day runs.
        #[arg(long, default_value_t = 1.0)]
        speed: f64,
    },
    /// Check a region package and adopt it; faults are listed with file and line.
    Import {
        /// Folder of the package, or the id of an embedded one.
        package: String,
        /// Check only.
        #[arg(long)]
        check: bool,
    },
    /// Play a call log through the writer and a journal of its own; compare ours with the log.
    Replay {
        /// The call log (CSV).
        #[arg(value_name = "LOG")]
        file: PathBuf,
        /// Its column mapping (TOML); a shipped one that fits its header when absent.
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Keep the journal in this empty folder; else it is removed afterwards.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// Prove the journal and what is kept beside it, and count what cannot be proved; a node may serve meanwhile.
    Verify {
        /// Begin with the snapshot of this row, and believe what was before.
        #[arg(long, value_name = "ROW")]
        from: Option<u64>,
        /// Prove this mirror instead: make the journal from it in a scratch folder of the data directory.
        #[arg(long, value_name = "DIR", conflicts_with = "from")]
        mirror: Option<PathBuf>,
    },
    /// Print the journal, one JSON object a row, without the words people said.
    Journal {
        /// Rows after this sequence.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// Write a whole copy of the journal and the tracks.
    Backup {
        /// A folder that does not hold one yet.
        into: PathBuf,
    },
    /// Make an empty data directory from a backup, prove it, erase what has expired.
    Restore {
        /// The folder of the backup.
        from: PathBuf,
    },
    /// Make the journal of a data directory again from its mirror, where it has lost its end, was set back or is gone.
    Recover {
        /// The folder of the mirror, or of one copy in it; of a mirror the copy of this journal is taken, or the newest.
        from: PathBuf,
        /// How many calls for help that came after the loss, and are not brought back, you know of.
        #[arg(long, default_value_t = 0, value_name = "N")]
        leave: u64,
    },
    /// Move a centre from one store to another.
    Store {
        #[command(subcommand)]
        what: StoreTask,
    },
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        what: ConfigTask,
    },
}

/// What can be done with stores.
#[derive(Debug, Subcommand)]
enum StoreTask {
    /// Copy journal and tracks of a stopped node into an empty database, and prove that both are the same.
    Copy {
        /// The data directory; it is left as it is.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// The database, postgres://USER:PASSWORD@HOST:PORT/DATABASE.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}

/// What can be done with the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
enum ConfigTask {
    /// Say whether it can be used, and show it whole.
    Check,
}

impl Settings {
    fn config(self, task: &Task) -> Result<Config, ConfigError> {
        let mut config = Config::load(self.config.as_deref(), std::env::vars())?;
        if let Some(data_dir) = self.data_dir {
            config.data_dir = data_dir;
        }
        if let Some(store) = self.store {
            config.store = store;
        }
        if let Some(listen) = self.listen {
            config.listen = listen;
        }
        if let Some(region) = self.region {
            config.region = region;
        }
        if let Some(log) = self.log {
            config.log = log;
        }
        config.log_json |= self.log_json;
        if let Task::Serve { standby, advertise, mirror, node_key, .. } = task {
            config.standby |= standby;
            if let Some(advertise) = advertise {
                config.advertise.clone_from(advertise);
            }
            if let Some(mirror) = mirror {
                config.mirror.clone_from(mirror);
            }
            if let Some(node_key) = node_key {
                config.node_key.clone_from(node_key);
            }
        }
        config.check()?;
        Ok(config)
    }
}

/// Runs one task; the exit code says whether it was done.
pub fn run(cli: Cli) -> ExitCode {
    // Whatever it writes, callers' words among it, is for its owner.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let config = match cli.settings.config(&cli.task) {
        Ok(config) => config,
        Err(error) => return failed(&anyhow::Error::new(error)),
    };
    logs::begin(&config);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error).context("start the runtime")),
    };
    let place = if let Task::Store { what: StoreTask::Copy { from, .. } } = &cli.task {
        Location::Embedded(from.clone())
    } else {
        config.location()
    };
    // Those that make a journal again say by themselves what is wrong with what they make it from.
    let opens_it = !matches!(
        cli.task,
        Task::Restore { .. }
            | Task::Recover { .. }
            | Task::Replay { .. }
            | Task::Verify { mirror: Some(_), .. }
    );
    let done = runtime.block_on(async {
        match cli.task {
            Task::Serve { accept_loss, .. } => Box::pin(task::serve::serve(config, accept_loss)).await,
            Task::YieldLead { seat } => task::keep::yield_lead(&config, &seat).await,
            Task::Demo { seed, speed } => task::demo::demo(config, seed, speed).await,
            Task::Import { package, check } => task::import::import(config, &package, check).await,
            Task::Replay { file, mapping, keep } => task::replay::replay(file, mapping, keep).await,
            Task::Verify { mirror: Some(mirror), .. } => task::keep::verify_mirror(&config, &mirror).await,
            Task::Verify { from, .. } => task::keep::verify(&config, from).await,
            Task::Journal { after } => task::keep::journal(&config, after).await,
            Task::Backup { into } => task::keep::backup(&config, &into).await,
            Task::Restore { from } => task::keep::restore(&config, &from).await,
            Task::Recover { from, leave } => task::keep::recover(&config, &from, leave).await,
            Task::Store { what: StoreTask::Copy { from, to } } => task::keep::copy(&from, &to).await,
            Task::Config { what: ConfigTask::Check } => task::keep::show(&config),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if opens_it => failed(&task::with_remedy(error, &place)),
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    // Nothing is left to do if even this cannot be written.
    let _ = writeln!(std::io::stderr(), "ortoo: {}", told(error));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn help_shows_the_defaults_of_the_configuration() {
        let help = Cli::command().render_long_help().to_string();
        let Config { data_dir, listen, region, .. } = Config::default();
        for default in [data_dir.display().to_string(), listen.to_string(), region] {
            assert!(help.contains(&format!("[default: {default}]")), "{default} in {help}");
        }
    }
}
