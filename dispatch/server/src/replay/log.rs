//! A call log as rows: what the file says, checked, with the line of everything that cannot be used. Nothing is decided
//! here about what a centre would refuse; that is for the centre.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use dispatch_core::Coord;
use dispatch_core::kernel::kind::Priority;
use dispatch_core::kernel::time::Time;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::mapping::Mapping;

/// One call with the orders the log holds for it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The log's own number.
    pub number: String,
    /// Line of its first row.
    pub line: u64,
    /// Type in the log's words.
    pub kind: String,
    /// Priority in ours.
    pub priority: Priority,
    /// Where help was needed, 1e-7 degrees.
    pub at: Coord,
    /// When it was received.
    pub received: Time,
    /// When the call-taker saved it.
    pub saved: Time,
    /// Units sent, in order of sending.
    pub orders: Vec<LoggedOrder>,
}

/// One row: a unit sent to a call.
#[derive(Clone, Debug)]
pub struct LoggedOrder {
    /// Line of the row.
    pub line: u64,
    /// The unit's name in the log.
    pub unit: String,
    /// The unit's class in the log's words.
    pub class: String,
    /// When the order was sent, microseconds UTC.
    pub sent: Time,
    /// When the unit departed, if it did.
    pub enroute: Option<Time>,
    /// When it arrived, if it did.
    pub on_scene: Option<Time>,
    /// When it was free again, if that was logged.
    pub cleared: Option<Time>,
}

/// A row or a call that cannot be used, and why.
#[derive(Clone, Debug)]
pub struct Reject {
    /// Line in the file.
    pub line: u64,
    /// The call's number, where it could be read.
    pub call: String,
    /// The rule that is broken, in words.
    pub rule: String,
    /// The whole call is lost to it, not one order alone.
    pub whole_call: bool,
}

/// A call log as it was read: what can be played, and what cannot.
#[derive(Debug)]
pub struct Log {
    /// Column mapping used.
    pub mapping: Mapping,
    /// Rows in the file.
    pub rows: u64,
    /// Calls by time received, then number.
    pub calls: Vec<Call>,
    /// What could not be read.
    pub rejects: Vec<Reject>,
}

impl Log {
    /// Reads a log with a mapping, or with the shipped one that fits its header.
    pub fn read(path: &Path, mapping: Option<&Path>) -> anyhow::Result<Self> {
        let mut reader =
            csv::Reader::from_path(path).with_context(|| format!("call log {}", path.display()))?;
        let header = reader.headers()?.clone();
        let mapping = match mapping {
            Some(path) => Mapping::read(path)?,
            None => Mapping::shipped_for(&header)?,
        };
        if let Some(column) = mapping.columns.missing(&header) {
            anyhow::bail!("call log {}: there is no column {column:?}", path.display());
        }
        let zone = TimeZone::get(&mapping.zone).with_context(|| format!("zone {:?}", mapping.zone))?;
        let mut row =
            Row { header: &header, mapping: &mapping, zone: &zone, cells: csv::StringRecord::new(), line: 0 };
        let mut calls: BTreeMap<String, Call> = BTreeMap::new();
        let mut rejects = Vec::new();
        let mut rows = 0;
        while reader.read_record(&mut row.cells)? {
            rows += 1;
            row.line = row.cells.position().map_or(0, csv::Position::line);
            let number = row.cell(&mapping.columns.call).to_owned();
            if let Err(rule) = row.add_to(&mut calls, &number) {
                let whole_call = !calls.contains_key(&number);
                rejects.push(Reject { line: row.line, call: number, rule, whole_call });
            }
        }
        let mut calls: Vec<Call> = calls.into_values().collect();
        calls.sort_by(|a, b| (a.received, &a.number).cmp(&(b.received, &b.number)));
        for call in &mut calls {
            call.orders.sort_by_key(|order| (order.sent, order.line));
        }
        Ok(Self { mapping, rows, calls, rejects })
    }
}

struct Row<'a> {
    header: &'a csv::StringRecord,
    mapping: &'a Mapping,
    zone: &'a TimeZone,
    cells: csv::StringRecord,
    line: u64,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        let index = self.header.iter().position(|name| name == column);
        index.and_then(|index| self.cells.get(index)).unwrap_or_default().trim()
    }

    fn time(&self, column: &str) -> Result<Option<Time>, String> {
        let text = self.cell(column);
        if text.is_empty() {
            return Ok(None);
        }
        let civil = DateTime::strptime(&self.mapping.time_format, text)
            .map_err(|error| format!("{column}: {error}"))?;
        let zoned = civil.to_zoned(self.zone.clone()).map_err(|error| format!("{column}: {error}"))?;
        Ok(Some(Time(zoned.timestamp().as_microsecond())))
    }

    fn time_needed(&self, column: &str) -> Result<Time, String> {
        self.time(column)?.ok_or_else(|| format!("{column}: must not be empty"))
    }

    fn coord(&self) -> Result<Coord, String> {
        let column = &self.mapping.columns.location;
        let text = self.cell(column).trim_matches(['(', ')']);
        let (lat, lon) =
            text.split_once(',').ok_or_else(|| format!("{column}: must be (latitude, longitude)"))?;
        let degrees = |part: &str| part.trim().parse::<f64>().map_err(|error| format!("{column}: {error}"));
        Coord::from_degrees(degrees(lon)?, degrees(lat)?).map_err(|error| format!("{column}: {error}"))
    }

    fn add_to(&self, calls: &mut BTreeMap<String, Call>, number: &str) -> Result<(), String> {
        let columns = &self.mapping.columns;
        if number.is_empty() {
            return Err(format!("{}: must not be empty", columns.call));
        }
        if !calls.contains_key(number) {
            calls.insert(number.to_owned(), self.call(number)?);
        }
        let order = self.order()?;
        if let Some(call) = calls.get_mut(number) {
            call.orders.push(order);
        }
        Ok(())
    }

    fn call(&self, number: &str) -> Result<Call, String> {
        let columns = &self.mapping.columns;
        let priority = self.cell(&columns.priority);
        let priority = self.mapping.priorities.get(priority);
        Ok(Call {
            number: number.to_owned(),
            line: self.line,
            kind: self.cell(&columns.call_type).to_owned(),
            priority: *priority
                .ok_or_else(|| format!("{}: not in the mapping's [priorities]", columns.priority))?,
            at: self.coord()?,
            received: self.time_needed(&columns.received)?,
            saved: self.time_needed(&columns.saved)?,
            orders: Vec::new(),
        })
    }

    fn order(&self) -> Result<LoggedOrder, String> {
        let columns = &self.mapping.columns;
        let unit = self.cell(&columns.unit);
        if unit.is_empty() {
            return Err(format!("{}: must not be empty", columns.unit));
        }
        Ok(LoggedOrder {
            line: self.line,
            unit: unit.to_owned(),
            class: self.cell(&columns.class).to_owned(),
            sent: self.time_needed(&columns.sent)?,
            enroute: self.time(&columns.enroute)?,
            on_scene: self.time(&columns.on_scene)?,
            cleared: self.time(&columns.cleared)?,
        })
    }
}
