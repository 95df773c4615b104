//! Logs: to standard error, as text or one JSON object a line. What a person said never reaches them (D12): only ids,
//! codes and counts are logged.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Begins to log. Only the first call in a process counts.
pub fn begin(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second node in one process logs where the first one does.
    let _ = if config.log_json {
        logs.json().flatten_event(true).try_init()
    } else {
        logs.with_target(false).try_init()
    };
}

/// An error with its causes those left out that it names already.
pub fn told(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use dispatch_store::StoreError;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let gone = std::io::Error::other("the disk is gone");
        let error = anyhow::Error::new(StoreError::file("reading the mirror")(gone)).context("bring it back");
        assert_eq!(told(&error), "bring it back: reading the mirror: the disk is gone");
    }
}
