//! What is wrong with a package, said so that its author can go to the line.
//!
//! Leaves out: how a fault is shown. `rule` is a stable word for programs, `detail` an English sentence for people.

use std::fmt;

/// One thing wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// File inside the package, as `units.csv`.
    pub file: String,
    /// Line counted from 1; 0 when the fault is of the file as a whole (missing, too large).
    pub line: u64,
    /// Column, key or property at fault; empty when it is the row or file itself.
    pub field: String,
    /// The rule that was broken.
    pub rule: Rule,
    /// What was found and what would be right, in English.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file)?;
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(out, " [{}]", self.field)?;
        }
        write!(out, " {}: {}", self.rule.code(), self.detail)
    }
}

/// The rules a package is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A required file is not there.
    MissingFile,
    /// A file that the format does not know.
    UnknownFile,
    /// Larger, longer or more numerous than the limit.
    Limit,
    /// Not valid UTF-8, TOML, CSV or JSON.
    Syntax,
    /// A required column or key is not there.
    Missing,
    /// A column or key that the format does not know.
    Unknown,
    /// A value of the wrong kind or outside its range.
    Value,
    /// A code given twice.
    Duplicate,
    /// A code that nothing in the package has.
    Reference,
    /// A tree with a loop, or a level under the wrong level.
    Tree,
    /// A coordinate that is not on the earth.
    Coordinate,
    /// A ring that is not closed, too short or crosses itself.
    Polygon,
    /// A cell in two beats, a beat out of its area, a cell of the wrong resolution.
    Cell,
    /// Written for another version of the format.
    Format,
}

impl Rule {
    /// The stable word for the rule, as in a problem's `code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingFile => "missing_file",
            Self::UnknownFile => "unknown_file",
            Self::Limit => "limit",
            Self::Syntax => "syntax",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Value => "value",
            Self::Duplicate => "duplicate",
            Self::Reference => "reference",
            Self::Tree => "tree",
            Self::Coordinate => "coordinate",
            Self::Polygon => "polygon",
            Self::Cell => "cell",
            Self::Format => "format",
        }
    }
}
