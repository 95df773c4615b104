//! What a run says, on the screen and in its files.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::figures::{Goal, Machine};

/// The raw output of a run.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

/// What a run's JSON holds.
#[derive(Debug, Serialize)]
struct Report<'a, T> {
    machine: &'a Machine,
    quick: bool,
    figures: &'a T,
    goals: &'a [Goal],
}

impl Page {
    /// Prints a line and keeps it.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(io::stdout().lock(), "{line}")?;
        self.text.push_str(line);
        self.text.push('\n');
        Ok(())
    }

    /// Prints what machine it is.
    pub fn machine(&mut self, machine: &Machine, quick: bool) -> io::Result<()> {
        let short = if quick { "; SHORT RUN" } else { "" };
        let Machine { processor, processors, load, .. } = machine;
        self.line(&format!("{processor} ({processors} processors, load {load} before){short}"))
    }

    /// Prints the goals and writes `<name>.json` and `<name>.txt`; those of a short run are named apart.
    pub fn finish<T: Serialize>(
        mut self,
        to: &To,
        machine: &Machine,
        figures: &T,
        goals: &[Goal],
    ) -> Result<()> {
        self.line("")?;
        for goal in goals {
            self.line(&goal.line())?;
        }
        let Machine { load, .. } = Machine::here();
        self.line(&format!("load {load} after"))?;
        fs::create_dir_all(&to.folder)?;
        let short = if to.quick { ".quick" } else { "" };
        let file = |kind: &str| to.folder.join(format!("{}{short}.{kind}", to.name));
        let report = Report { machine, quick: to.quick, figures, goals };
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(file("json"), json + "\n").context("write the figures")?;
        fs::write(file("txt"), self.text).context("write the raw output")
    }
}

/// Where results go.
#[derive(Debug)]
pub struct To {
    /// Folder.
    pub folder: PathBuf,
    /// Name of the run.
    pub name: &'static str,
    /// A short run is not a result.
    pub quick: bool,
}
