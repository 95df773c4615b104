//! Logs: to standard error, as text or one JSON object a line. What a person said never reaches them (D12): only ids,
//! codes and counts are logged. What clients sent beside (a name, a reason) is written without control characters, so that
//! nobody can write a line of the log.

use std::io::IsTerminal as _;

use dispatch_core::kernel::text::is_hidden;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::debug_fn;

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
        logs.with_target(false).fmt_fields(fields()).try_init()
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

/// One event is one line: whatever a field holds, what would end the line or move on it is written as an escape.
fn fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    let fields = debug_fn(|writer, field, value| {
        let text = format!("{value:?}");
        if field.name() == "message" {
            return escaped(&text).try_for_each(|part| write!(writer, "{part}"));
        }
        write!(writer, "{}=", field.name())?;
        // One that could be taken for two is quoted.
        let text = if is_one(&text) { text } else { format!("{text:?}") };
        escaped(&text).try_for_each(|part| write!(writer, "{part}"))
    });
    fields.delimited(" ")
}

/// Whether a value ends where it seems to: one word, or within one pair of quotation marks.
fn is_one(text: &str) -> bool {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match quoted {
        Some(inner) => !inner.replace("\\\\", "").replace("\\\"", "").contains('"'),
        None => {
            !text.is_empty()
                && !text.contains(|sign: char| sign.is_whitespace() || sign == '=' || sign == '"')
        }
    }
}

fn escaped(text: &str) -> impl Iterator<Item = String> {
    text.chars().map(|one| if is_hidden(one) { one.escape_default().to_string() } else { one.to_string() })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use dispatch_store::StoreError;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let gone = std::io::Error::other("the disk is gone");
        let error = anyhow::Error::new(StoreError::file("reading the mirror")(gone)).context("bring it back");
        assert_eq!(told(&error), "bring it back: reading the mirror: the disk is gone");
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_writes_a_line_of_the_log() {
        let lines = Lines::default();
        let writer = lines.clone();
        let logs = tracing_subscriber::fmt().with_ansi(false).with_target(false).without_time();
        let logs = logs.fmt_fields(fields()).with_writer(move || writer.clone()).finish();
        let forged = "unsaid\nERROR the node was taken over\u{1b}[31m\u{85}\u{202e}";
        tracing::subscriber::with_default(logs, || {
            tracing::warn!(reason = %forged, actor = forged, "read by {forged}");
        });
        let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(!written.trim_end().chars().any(is_hidden), "{written:?}");
        assert!(
            written.contains("reason=\"unsaid\\nERROR") && written.contains("read by unsaid\\n"),
            "{written}"
        );
    }
}
