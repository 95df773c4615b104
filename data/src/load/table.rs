//! CSV tables: header, rows, typed fields, each fault with its line.
//!
//! A table has a header line; columns may stand in any order; lists are joined by `;`; a name is a column per
//! language, `name:zh`. Leaves out: what the columns mean.

use std::{collections::BTreeSet, ops::RangeInclusive};

use super::faults::Faults;
use geo_index::Coord;

use crate::{fault::Rule, manifest::Manifest, names::Names, package::Files};

/// Rows of one table at most.
const ROWS_MAX: usize = 200_000;
/// Bytes of a code at most.
const CODE_BYTES_MAX: usize = 40;
/// Bytes of a text at most.
const TEXT_BYTES_MAX: usize = 400;
/// What a name column begins with.
const NAME_PREFIX: &str = "name:";

/// What every part is read with.
pub(super) struct Scope<'a> {
    pub(super) files: &'a Files,
    pub(super) manifest: &'a Manifest,
    pub(super) faults: &'a mut Faults,
}

/// What a table looks like.
pub(super) struct Form {
    pub(super) file: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// Whether rows have names, and whether each must have one in the default language.
    pub(super) names: Naming,
}

/// Names of a table's rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    None,
    Optional,
    Required,
}

/// A value with the line it was read from.
pub(super) struct Lined<T> {
    pub(super) line: u64,
    pub(super) value: T,
}

impl<'a> Scope<'a> {
    /// The text of a file; `None` when it is not there or, with a fault, not UTF-8.
    pub(super) fn text(&mut self, file: &str) -> Option<&'a str> {
        let bytes = self.files.get(file)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let line = line_at(bytes, error.valid_up_to());
                self.faults.push(file, line, "", Rule::Syntax, "the text is not UTF-8");
                None
            }
        }
    }

    /// Reads a table row by row; rows for which `read` gives nothing are left out, their faults being noted.
    pub(super) fn table<T>(
        &mut self,
        form: &Form,
        mut read: impl FnMut(&mut Row<'_>) -> Option<T>,
    ) -> Vec<Lined<T>> {
        let mut rows = Vec::new();
        let Some(text) = self.text(form.file) else { return rows };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                self.faults.push(form.file, 1, "", Rule::Syntax, error.to_string());
                return rows;
            }
        };
        if !self.header_is_whole(form, &header) {
            return rows;
        }
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.faults.push(form.file, line, "", Rule::Syntax, error.to_string());
                    return rows;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            if rows.len() == ROWS_MAX {
                self.faults.push(
                    form.file,
                    line,
                    "",
                    Rule::Limit,
                    format!("a table has at most {ROWS_MAX} rows"),
                );
                return rows;
            }
            if record.len() != header.len() {
                let detail = format!("the row has {} fields, the header {}", record.len(), header.len());
                self.faults.push(form.file, line, "", Rule::Syntax, detail);
                continue;
            }
            let (manifest, faults) = (self.manifest, &mut *self.faults);
            let mut row = Row { form, line, header: &header, record: &record, manifest, faults };
            if let Some(value) = read(&mut row) {
                rows.push(Lined { line, value });
            }
        }
        rows
    }

    fn header_is_whole(&mut self, form: &Form, header: &csv::StringRecord) -> bool {
        let mut whole = true;
        let mut fault = |field: &str, rule: Rule, detail: String| {
            self.faults.push(form.file, 1, field, rule, detail);
            whole = false;
        };
        let mut seen = BTreeSet::new();
        for column in header {
            if !seen.insert(column) {
                fault(column, Rule::Duplicate, "the column is given twice".to_owned());
            }
            let language = column.strip_prefix(NAME_PREFIX).filter(|_| form.names != Naming::None);
            if let Some(language) = language {
                if !self.manifest.languages.iter().any(|known| known == language) {
                    fault(column, Rule::Unknown, format!("region.toml names no language `{language}`"));
                }
            } else if !form.required.contains(&column) && !form.optional.contains(&column) {
                let columns = [form.required, form.optional].concat().join(", ");
                fault(column, Rule::Unknown, format!("the table has no such column; it has {columns}"));
            }
        }
        for column in form.required {
            if !seen.contains(column) {
                fault(column, Rule::Missing, "the table must have this column".to_owned());
            }
        }
        let default = format!("{NAME_PREFIX}{}", self.manifest.default_language);
        if form.names == Naming::Required && !seen.contains(default.as_str()) {
            fault(&default, Rule::Missing, "every row is named in the default language".to_owned());
        }
        whole
    }

    /// Notes every code that occurs twice.
    pub(super) fn unique<'t, T: 't>(
        &mut self,
        file: &str,
        field: &str,
        rows: impl IntoIterator<Item = &'t Lined<T>>,
        key: impl Fn(&'t T) -> Option<&'t str>,
    ) {
        let mut seen = BTreeSet::new();
        for row in rows {
            if let Some(code) = key(&row.value).filter(|code| !seen.insert(*code)) {
                self.faults.push(file, row.line, field, Rule::Duplicate, format!("`{code}` is given twice"));
            }
        }
    }
}

/// One row being read.
pub(super) struct Row<'r> {
    form: &'r Form,
    pub(super) line: u64,
    header: &'r csv::StringRecord,
    record: &'r csv::StringRecord,
    manifest: &'r Manifest,
    faults: &'r mut Faults,
}

impl Row<'_> {
    /// A fault in a column of this row.
    pub(super) fn fault(&mut self, column: &str, rule: Rule, detail: impl Into<String>) {
        self.faults.push(self.form.file, self.line, column, rule, detail);
    }

    /// The field; empty when the column is not there.
    fn raw(&self, column: &str) -> &str {
        self.header.iter().position(|known| known == column).map_or("", |at| self.record[at].trim())
    }

    /// A text that may be empty, and then is `None`.
    pub(super) fn optional(&mut self, column: &str) -> Option<String> {
        let text = self.raw(column).to_owned();
        if text.len() > TEXT_BYTES_MAX {
            self.fault(column, Rule::Limit, format!("a text has at most {TEXT_BYTES_MAX} bytes"));
        }
        (!text.is_empty()).then_some(text)
    }

    /// A text that must not be empty.
    pub(super) fn text(&mut self, column: &str) -> Option<String> {
        let text = self.optional(column);
        if text.is_none() {
            self.fault(column, Rule::Missing, "the field is empty");
        }
        text
    }

    /// A field as it stands, of any length (a list of cells).
    pub(super) fn long(&mut self, column: &str) -> String {
        self.raw(column).to_owned()
    }

    /// A code that identifies the row.
    pub(super) fn code(&mut self, column: &str) -> Option<String> {
        let code = self.text(column)?;
        if let Some(why) = code_fault(&code) {
            self.fault(column, Rule::Value, why);
            return None;
        }
        Some(code)
    }

    /// A code of something else, checked by `known`.
    pub(super) fn reference(
        &mut self,
        column: &str,
        what: &str,
        known: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let code = self.text(column)?;
        self.known(column, what, code, known)
    }

    /// A code of something else that may be left empty.
    pub(super) fn optional_reference(
        &mut self,
        column: &str,
        what: &str,
        known: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let code = self.optional(column)?;
        self.known(column, what, code, known)
    }

    fn known(
        &mut self,
        column: &str,
        what: &str,
        code: String,
        known: impl Fn(&str) -> bool,
    ) -> Option<String> {
        if known(&code) {
            return Some(code);
        }
        self.fault(column, Rule::Reference, format!("there is no {what} `{code}`"));
        None
    }

    /// Texts joined by `;`, possibly none.
    pub(super) fn list(&mut self, column: &str) -> Vec<String> {
        self.raw(column)
            .split(';')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A whole number within a range; `None` without a fault when the field is empty.
    pub(super) fn optional_integer(&mut self, column: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.optional(column)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let detail = format!("`{text}` is not a whole number from {} to {}", range.start(), range.end());
            self.fault(column, Rule::Value, detail);
        }
        number
    }

    /// A whole number within a range.
    pub(super) fn integer(&mut self, column: &str, range: RangeInclusive<u32>) -> Option<u32> {
        self.text(column)?;
        self.optional_integer(column, range)
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|&(_, value)| value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|&(word, _)| word).collect();
            self.fault(column, Rule::Value, format!("`{text}` is none of {}", known.join(", ")));
        }
        found
    }

    /// A coordinate from two columns of decimal degrees.
    pub(super) fn coord(&mut self, lon: &str, lat: &str) -> Option<Coord> {
        let lon = self.degrees(lon, 180.0);
        let lat = self.degrees(lat, 90.0);
        Coord::from_degrees(lon?, lat?).ok()
    }

    fn degrees(&mut self, column: &str, limit: f64) -> Option<f64> {
        let text = self.text(column)?;
        let degrees = text.parse().ok().filter(|degrees: &f64| degrees.abs() <= limit);
        if degrees.is_none() {
            let detail = format!("`{text}` is not a number of degrees from -{limit} to {limit}");
            self.fault(column, Rule::Coordinate, detail);
        }
        degrees
    }

    /// The names of the row.
    pub(super) fn names(&mut self) -> Option<Names> {
        let mut names = Names::default();
        for (column, field) in self.header.iter().zip(self.record) {
            if let Some(language) = column.strip_prefix(NAME_PREFIX) {
                let name = field.trim();
                if name.len() > TEXT_BYTES_MAX {
                    let detail = format!("a name has at most {TEXT_BYTES_MAX} bytes");
                    self.faults.push(self.form.file, self.line, column, Rule::Limit, detail);
                } else if !name.is_empty() {
                    names.0.insert(language.to_owned(), name.to_owned());
                }
            }
        }
        let default = &self.manifest.default_language;
        if self.form.names == Naming::Required && !names.0.contains_key(default) {
            let column = format!("{NAME_PREFIX}{default}");
            self.fault(&column, Rule::Missing, "every row is named in the default language");
            return None;
        }
        Some(names)
    }
}

/// Why a text cannot be a code; `None` when it can.
pub(super) fn code_fault(code: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if code.is_empty() || code.len() > CODE_BYTES_MAX || !code.bytes().all(fits) {
        return Some(format!(
            "`{code}` is not a code: 1 to {CODE_BYTES_MAX} ASCII letters, digits, `-`, `_`, `.`"
        ));
    }
    None
}

/// The line, counted from 1, of a byte offset.
pub(super) fn line_at(bytes: &[u8], offset: usize) -> u64 {
    let before = &bytes[..offset.min(bytes.len())];
    before.split(|&byte| byte == b'\n').count() as u64
}

/// Drops the lines and sorts by code.
pub(super) fn by_code<T>(rows: Vec<Lined<T>>, code: impl Fn(&T) -> &str) -> Vec<T> {
    let mut values: Vec<T> = rows.into_iter().map(|row| row.value).collect();
    values.sort_by(|a, b| code(a).cmp(code(b)));
    values
}

/// Whether a table sorted by code has it.
pub(super) fn has<T>(sorted: &[T], code: &str, of: impl Fn(&T) -> &str) -> bool {
    sorted.binary_search_by(|entry| of(entry).cmp(code)).is_ok()
}
