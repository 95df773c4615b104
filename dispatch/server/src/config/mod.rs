//! What the node is told from outside: addresses, paths and limits, and nothing else (D10). A file, then the
//! environment, then flags; each overrides the one before.
//!
//! A wrong key is an error with its line shown. Everything about the region comes from its package and from commands.

mod environment;
pub mod sink;

use std::net::SocketAddr;
use std::path::{Component, Path, PathBuf};

use dispatch_store::Location;
use serde::{Deserialize, Serialize};

pub use self::sink::{Sink, SinkKind, Topic};
use crate::node_key::NODE_KEY_FILE;

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address the node answers at; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the journal, tracks and exports are.
    pub data_dir: PathBuf,
    /// A folder on another disk where a second copy of all that is committed is kept; none when empty.
    pub mirror: PathBuf,
    /// The file of the node's secret, in no backup; `node-key` in the data directory when empty. Two servers of one
    /// database have copies of the same.
    pub node_key: PathBuf,
    /// A folder in which copies are made that are asked for over HTTP, each in a folder of its own; `backups` in the data
    /// directory when empty. One on another disk outlives this one.
    pub backups: PathBuf,
    /// A folder of region packages that may be asked for over HTTP beside the embedded ones; none when empty.
    pub regions: PathBuf,
    /// Address of the database that keeps journal and tracks, `postgres://user:password@host:port/database`; empty
    /// keeps them in the data directory.
    pub store: String,
    /// Stand by while another node leads in the same database, and lead when none does.
    pub standby: bool,
    /// Where others reach this node, `http://host:port`: whoever stands by sends them there. The address it answers at
    /// when empty.
    pub advertise: String,
    /// Region a new node begins with: an embedded package's id, or a folder.
    pub region: String,
    /// Host names beside the loopback ones that requests may carry.
    pub hosts: Vec<String>,
    /// What is logged: a level, or a filter by module.
    pub log: String,
    /// One JSON object a line instead of text.
    pub log_json: bool,
    /// Bounds of what comes in.
    pub limits: Limits,
    /// Bounds and intervals of the stream.
    pub stream: Stream,
    /// How long things are kept.
    pub keep: Keep,
    /// To whom what is committed goes by itself (docs/sinks.md).
    pub sink: Vec<Sink>,
}

/// Bounds of what comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a command's body.
    pub body_bytes: usize,
    /// Bytes of an alarm that are read; what is beyond is cut.
    pub alarm_bytes: usize,
    /// Bytes of a body of positions.
    pub positions_bytes: usize,
    /// Bytes of all bodies that are on their way or answered at once; alarms may take as much again.
    pub bodies_bytes: usize,
    /// Alarms waiting for the writer.
    pub alarm_queue: usize,
    /// Commands waiting for the writer.
    pub command_queue: usize,
    /// Bodies of positions waiting for the writer.
    pub position_queue: usize,
    /// Requests a second of one seat, unit or point of the register, and of all others at one address; alarms not counted.
    pub requests_per_s: u32,
    /// Connections open at once, those kept for alarms not counted.
    pub connections: usize,
    /// Streams open at once.
    pub subscribers: usize,
}

/// Bounds and intervals of the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stream {
    /// Between heartbeats, milliseconds.
    pub heartbeat_ms: u32,
    /// Between ticks of position frames, milliseconds.
    pub positions_ms: u32,
    /// Commits that may wait for one client.
    pub queue_commits: usize,
    /// Bytes of commits that may wait for one client.
    pub queue_bytes: usize,
    /// Bytes of all that waits for clients or is on its way to them; what several get counts once.
    pub all_bytes: usize,
    /// Commits kept for resuming.
    pub ring_commits: usize,
    /// Bytes of commits kept for resuming.
    pub ring_bytes: usize,
    /// A client that takes nothing for so long is disconnected, milliseconds.
    pub stall_ms: u32,
}

/// How long things are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// How long tracks of units are kept, days.
    pub tracks_days: u16,
    /// How long words of callers and operators are kept, days.
    pub words_days: u16,
    /// From one proof of all that is kept to the next while the node serves, seconds; 0 for none.
    pub prove_every_s: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8110)),
            data_dir: "ortoo-data".into(),
            mirror: PathBuf::new(),
            node_key: PathBuf::new(),
            backups: PathBuf::new(),
            regions: PathBuf::new(),
            store: String::new(),
            standby: false,
            advertise: String::new(),
            region: "xilingol".into(),
            hosts: Vec::new(),
            log: "info".into(),
            log_json: false,
            limits: Limits::default(),
            stream: Stream::default(),
            keep: Keep::default(),
            sink: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            alarm_bytes: 64 * 1024,
            positions_bytes: 4 * 1024 * 1024,
            bodies_bytes: 64 * 1024 * 1024,
            alarm_queue: 4_096,
            command_queue: 8_192,
            position_queue: 256,
            requests_per_s: 20_000,
            connections: 10_000,
            subscribers: 1_000,
        }
    }
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            heartbeat_ms: 5_000,
            positions_ms: 1_000,
            queue_commits: 1_024,
            queue_bytes: 8 * 1024 * 1024,
            all_bytes: 256 * 1024 * 1024,
            ring_commits: 8_192,
            ring_bytes: 64 * 1024 * 1024,
            stall_ms: 30_000,
        }
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self { tracks_days: 90, words_days: 730, prove_every_s: 86_400 }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// Path of the configuration file.
        path: String,
        /// What the system said when it was opened.
        #[source]
        source: std::io::Error,
    },
    /// The file is wrong; the text shows the line.
    #[error("{path}: {detail}")]
    Wrong {
        /// Path of the configuration file.
        path: String,
        /// The line and what is wrong with it.
        detail: String,
    },
    /// A variable is wrong.
    #[error("{name}: {detail}")]
    Environment {
        /// Name of the variable, `ORTOO_…`.
        name: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A sink cannot be used.
    #[error("sink {name}: {detail}")]
    Sink {
        /// Name of the sink.
        name: String,
        /// Which rule it breaks, in words, or why its key cannot be read.
        detail: String,
    },
    /// A value breaks a rule.
    #[error("{key}: {rule}")]
    Rule {
        /// Key in the file, with its section: `stream.heartbeat_ms`.
        key: &'static str,
        /// What the value must be.
        rule: &'static str,
    },
}

impl Config {
    /// Reads the file, if there is one, then the environment's `ORTOO_*` variables.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut config = match file {
            None => Self::default(),
            Some(path) => Self::read(path)?,
        };
        environment::apply(&mut config, variables)?;
        config.check()?;
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::File { path: name.clone(), source })?;
        toml::from_str(&text).map_err(|error| ConfigError::Wrong { path: name, detail: error.to_string() })
    }

    /// Where the centre is kept.
    pub fn location(&self) -> Location {
        Location::of(&self.store, &self.data_dir)
    }

    /// Where others reach a node that answers at `address`.
    pub fn advertised(&self, address: SocketAddr) -> String {
        match self.advertise.trim_end_matches('/') {
            "" => format!("http://{address}"),
            named => named.to_owned(),
        }
    }

    /// The folder of the second copy; none where there is to be none.
    pub fn mirror(&self) -> Option<&Path> {
        Some(self.mirror.as_path()).filter(|dir| !dir.as_os_str().is_empty())
    }

    /// The folder of the copies that are asked for over HTTP. Unless another is named it lies in the data directory, where the
    /// node is sure to be allowed to write and nobody else to read, but apart from the journal's files, so that no name of a
    /// copy is that of one of them.
    pub fn backups(&self) -> PathBuf {
        if self.backups.as_os_str().is_empty() { self.data_dir.join("backups") } else { self.backups.clone() }
    }

    /// The folder of region packages; none where there is to be none.
    pub fn regions(&self) -> Option<&Path> {
        Some(self.regions.as_path()).filter(|dir| !dir.as_os_str().is_empty())
    }

    /// The file of the node's secret.
    pub fn node_key(&self) -> PathBuf {
        if self.node_key.as_os_str().is_empty() {
            self.data_dir.join(NODE_KEY_FILE)
        } else {
            self.node_key.clone()
        }
    }

    /// As it may be shown: without a password or what may be a secret.
    #[must_use]
    pub fn shown(&self) -> Self {
        let store = if self.store.is_empty() { String::new() } else { self.location().to_string() };
        let sink = self.sink.iter().map(|sink| Sink { url: sink.url.shown(), ..sink.clone() });
        Self { store, sink: sink.collect(), ..self.clone() }
    }

    /// Checks what a type alone cannot say.
    pub fn check(&self) -> Result<(), ConfigError> {
        let positive = [
            ("limits.body_bytes", self.limits.body_bytes),
            ("limits.alarm_bytes", self.limits.alarm_bytes),
            ("limits.positions_bytes", self.limits.positions_bytes),
            ("limits.bodies_bytes", self.limits.bodies_bytes),
            ("limits.alarm_queue", self.limits.alarm_queue),
            ("limits.command_queue", self.limits.command_queue),
            ("limits.position_queue", self.limits.position_queue),
            ("limits.requests_per_s", self.limits.requests_per_s as usize),
            ("limits.connections", self.limits.connections),
            ("stream.heartbeat_ms", self.stream.heartbeat_ms as usize),
            ("stream.positions_ms", self.stream.positions_ms as usize),
            ("stream.queue_commits", self.stream.queue_commits),
            ("stream.all_bytes", self.stream.all_bytes),
            ("stream.stall_ms", self.stream.stall_ms as usize),
        ];
        for (key, value) in positive {
            if value == 0 {
                return Err(ConfigError::Rule { key, rule: "must be more than 0" });
            }
        }
        let largest = self.limits.body_bytes.max(self.limits.alarm_bytes).max(self.limits.positions_bytes);
        if self.limits.bodies_bytes < largest {
            let rule = "holds at least one body of each kind";
            return Err(ConfigError::Rule { key: "limits.bodies_bytes", rule });
        }
        if self.standby && self.store.is_empty() {
            let rule = "needs a database: name it with store, for files have one process";
            return Err(ConfigError::Rule { key: "standby", rule });
        }
        if self.standby && self.node_key.as_os_str().is_empty() {
            let rule = "is named where two servers share a database: both read copies of one file";
            return Err(ConfigError::Rule { key: "node_key", rule });
        }
        if !self.advertise.is_empty() && !self.advertise.starts_with("http") {
            return Err(ConfigError::Rule { key: "advertise", rule: "is an address, http://host:port" });
        }
        let data_dir = named(&self.data_dir);
        if self.mirror().map(named).is_some_and(|dir| dir.starts_with(&data_dir) || data_dir.starts_with(dir))
        {
            let rule =
                "is neither the data directory, nor in it, nor around it: name a folder on another disk";
            return Err(ConfigError::Rule { key: "mirror", rule });
        }
        let holds_files = |dir: &Path| self.data_dir == dir || self.mirror() == Some(dir);
        if holds_files(&self.backups()) || self.data_dir.starts_with(self.backups()) {
            let rule =
                "is a folder for copies alone: neither the data directory, nor above it, nor the mirror";
            return Err(ConfigError::Rule { key: "backups", rule });
        }
        sink::check(&self.sink, self.listen, &self.advertise)
    }
}

/// The place a path names, whatever it goes by. No disk is asked: one that hangs must not keep a node from starting.
fn named(path: &Path) -> PathBuf {
    let mut named = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.into()).components() {
        if part == Component::ParentDir {
            named.pop();
        } else {
            named.push(part);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> std::iter::Empty<(String, String)> {
        std::iter::empty()
    }

    #[test]
    fn a_wrong_key_is_shown_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ortoo.toml");
        std::fs::write(&path, "region = \"xilingol\"\n[limits]\nbody_bites = 3\n").unwrap();
        let error = Config::load(Some(&path), none()).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("body_bites"), "{error}");
        std::fs::write(&path, "listen = \"nowhere\"\n").unwrap();
        let error = Config::load(Some(&path), none()).unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ortoo.toml");
        std::fs::write(&path, "[stream]\npositions_ms = 500\nheartbeat_ms = 4000\n").unwrap();
        let set = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            Config::load(Some(&path), pairs.into_iter())
        };
        let config =
            set(&[("ORTOO_STREAM_POSITIONS_MS", "250"), ("ORTOO_LISTEN", "127.0.0.1:0"), ("HOME", "/")])
                .unwrap();
        assert_eq!((config.stream.positions_ms, config.stream.heartbeat_ms), (250, 4000));
        assert_eq!(config.listen.port(), 0);
        let error = set(&[("ORTOO_STREAM_POSITION_MS", "250")]).unwrap_err().to_string();
        assert!(error.contains("ORTOO_STREAM_POSITION_MS"), "{error}");
        assert!(error.contains("the nearest are ORTOO_STREAM_POSITIONS_MS,"), "{error}");
        let error = set(&[("ORTOO_LISTN", "127.0.0.1:0")]).unwrap_err().to_string();
        assert!(error.starts_with("ORTOO_LISTN: ") && error.contains("are ORTOO_LISTEN,"), "{error}");
        for elsewhere in ["ORTOO_CONFIG", "ORTOO_BIN", "ORTOO_SINK_GATEWAY_KEY"] {
            assert!(set(&[(elsewhere, "x")]).is_ok(), "{elsewhere}");
        }
        assert!(set(&[("ORTOO_FROB", "1")]).is_err());
        assert!(set(&[("ORTOO_STREAM_POSITIONS_MS", "0")]).unwrap_err().to_string().contains("more than 0"));
        assert!(set(&[("ORTOO_STREAM_POSITIONS_MS", "x")]).is_err());
    }

    #[test]
    fn a_sink_is_read_and_what_is_wrong_with_it_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("ortoo.toml"), folder.path().join("key"));
        std::fs::write(&key, "0123456789abcdef\n").unwrap();
        let whole = format!(
            "[[sink]]\nname = \"gateway\"\nkind = \"webhook\"\nurl = \"http://localhost:9/in?token=secret\"\n\
             events = [\"orders\", \"alarms\"]\nkey_file = {key:?}\n"
        );
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::load(Some(&path), none())
        };
        let config = read(&whole).unwrap();
        let sink = &config.sink[0];
        assert_eq!((sink.retry_ms, sink.key().unwrap().as_slice()), (1_000, &b"0123456789abcdef"[..]));
        assert!(!toml::to_string_pretty(&config.shown()).unwrap().contains("secret"));
        for (from, to, said) in [
            ("gateway", "Gate way", "line 2"),
            ("webhook", "carrier", "line 3"),
            ("http://localhost:9/in?token=secret", "localhost", "line 4"),
            ("http://localhost:9/in?token=secret", "https://localhost", "no TLS"),
            ("http://localhost:9/in?token=secret", "http://a:b@localhost", "signed instead"),
            ("\"alarms\"", "\"positions\"", "line 5"),
            ("key_file", "key_fil", "line 6"),
        ] {
            let error = read(&whole.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(said), "{to}: {error}");
        }
        for itself in [
            "http://localhost:8110/api/v1/alarms",
            "http://127.0.0.1:8110/",
            "http://127.1:8110/",
            "http://2130706433:8110/",
            "http://0.0.0.0:8110/",
            "http://[::1]:8110/",
            "http://[::ffff:127.0.0.1]:8110/",
            "http://LocalHost.:8110/",
            "http://centre.example/in",
        ] {
            let text = whole.replace("http://localhost:9/in?token=secret", itself);
            let error =
                read(&format!("advertise = \"http://centre.example:80\"\n{text}")).unwrap_err().to_string();
            assert!(error.ends_with("is this node itself"), "{itself}: {error}");
        }
        let twice = read(&format!("{whole}{whole}")).unwrap_err().to_string();
        assert!(twice.contains("two of this name"), "{twice}");
        std::fs::write(&key, "short").unwrap();
        assert!(read(&whole).unwrap_err().to_string().contains("shorter than 16"));
        let unkeyed =
            whole.lines().filter(|line| !line.starts_with("key_file")).collect::<Vec<_>>().join("\n");
        assert!(read(&unkeyed).unwrap_err().to_string().contains("ORTOO_SINK_GATEWAY_KEY"));
    }

    #[test]
    fn a_mirror_lies_apart_from_what_it_mirrors() {
        let check = |data_dir: &str, mirror: &str| {
            let config = Config { data_dir: data_dir.into(), mirror: mirror.into(), ..Config::default() };
            config.check().map_err(|error| error.to_string())
        };
        for (data_dir, mirror) in [
            ("data", "data"),
            ("data", "./data/"),
            ("data", "data/copies"),
            ("data", "."),
            ("data", "/"),
            ("data", "other/../data/copies"),
            (".", "copies"),
        ] {
            let error = check(data_dir, mirror).unwrap_err();
            assert!(error.starts_with("mirror: is neither the data directory"), "{mirror}: {error}");
        }
        for mirror in ["", "data-copies", "data/../copies", "/mnt/copies"] {
            assert_eq!(check("data", mirror), Ok(()), "{mirror}");
        }
    }

    #[test]
    fn the_defaults_stand_up_to_their_own_check() {
        assert_eq!(Config::load(None, none()).unwrap(), Config::default());
    }
}
