//! The column mapping of a call log: a small TOML file that says which column holds what.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use dispatch_core::kernel::kind::Priority;
use serde::Deserialize;

/// Mappings that come with the binary; the one whose columns are all in the log's header is taken.
const SHIPPED: &[(&str, &str)] = &[("sf-fire.toml", include_str!("../../../../data/call-logs/sf-fire.toml"))];

/// A column mapping.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// A short name: the region id of the replayed centre.
    pub id: String,
    /// IANA zone of the log's times.
    pub zone: String,
    /// Language of its words.
    pub language: String,
    /// How times are written (strptime).
    pub time_format: String,
    /// Which column holds what.
    pub columns: Columns,
    /// The log's priorities in ours.
    pub priorities: BTreeMap<String, Priority>,
    /// How its units travel.
    pub travel: Travel,
}

/// Names of columns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// One value per call.
    pub call: String,
    /// One value per unit.
    pub unit: String,
    /// The unit's class.
    pub class: String,
    /// Type of the call.
    #[serde(rename = "type")]
    pub call_type: String,
    /// The call's priority in the log's words.
    pub priority: String,
    /// `(latitude, longitude)` in degrees.
    pub location: String,
    /// The call was received.
    pub received: String,
    /// The call-taker saved it.
    pub saved: String,
    /// The order was sent.
    pub sent: String,
    /// The unit departed.
    pub enroute: String,
    /// The unit arrived.
    pub on_scene: String,
    /// The unit was free again.
    pub cleared: String,
}

/// How units of a log travel: there is no road network in it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// Great-circle distance is lengthened by this.
    pub detour_per_mille: u32,
    /// Mean speed, centimetres per second.
    pub speed_cm_s: u32,
    /// From order to rolling, milliseconds.
    pub turnout_ms: u32,
}

impl Columns {
    fn names(&self) -> [&str; 12] {
        [
            &self.call,
            &self.unit,
            &self.class,
            &self.call_type,
            &self.priority,
            &self.location,
            &self.received,
            &self.saved,
            &self.sent,
            &self.enroute,
            &self.on_scene,
            &self.cleared,
        ]
    }

    /// The first column that the header lacks.
    pub fn missing<'a>(&'a self, header: &csv::StringRecord) -> Option<&'a str> {
        self.names().into_iter().find(|name| !header.iter().any(|column| column == *name))
    }
}

impl Mapping {
    /// Reads a mapping file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("mapping {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("mapping {}", path.display()))
    }

    /// The shipped mapping that fits a header.
    pub fn shipped_for(header: &csv::StringRecord) -> anyhow::Result<Self> {
        for (name, text) in SHIPPED {
            let mapping: Self = toml::from_str(text).with_context(|| format!("shipped mapping {name}"))?;
            if mapping.columns.missing(header).is_none() {
                return Ok(mapping);
            }
        }
        anyhow::bail!("no shipped column mapping fits this log's header; write one and pass --mapping FILE")
    }
}
