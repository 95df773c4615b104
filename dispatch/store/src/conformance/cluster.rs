//! A PostgreSQL with PostGIS for tests alone: made in a temporary folder, reached over a socket in it, stopped and
//! removed when its owner has gone, however that came about. It never touches a server that was there before.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The oldest version that will do.
const VERSION_MIN: u32 = 15;

/// How long what was killed may take to go.
const GONE: Duration = Duration::from_mins(1);

/// Where Debian puts the programs of a version.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// What waits for its owner to go: the pipe closes, and the server stops and its folder goes.
const GUARDIAN: &str = "cat >/dev/null; \"$1\"/pg_ctl --pgdata=\"$2\"/data --mode=immediate stop >/dev/null 2>&1; \
     rm -rf \"$2\"";

/// The superuser of a test's server.
pub const OWNER: &str = "ortoo";

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    guardian: Child,
    /// Closed when this goes, or the process does.
    alive: Option<ChildStdin>,
    databases: AtomicU32,
}

impl Cluster {
    /// Makes and starts one. Panics with what to install where the programs are missing, for a test that cannot run
    /// has failed.
    pub fn start() -> Self {
        Self::start_with(&["--data-checksums"])
    }

    /// The same, whose pages have no checksums.
    pub fn without_checksums() -> Self {
        Self::start_with(&[])
    }

    fn start_with(more: &[&str]) -> Self {
        let programs = programs();
        let folder = std::env::temp_dir().join(format!("ortoo-pg-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&folder).expect("a temporary folder can be made");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let mut guardian = as_postgres("sh")
            .args(["-c", GUARDIAN, "guardian"])
            .args([&programs, &folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let alive = guardian.stdin.take();
        let cluster = Self { folder, programs, guardian, alive, databases: AtomicU32::new(0) };
        let data = cluster.folder.join("data");
        run(cluster
            .program("initdb")
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username", OWNER])
            .args(more)
            .arg("--pgdata")
            .arg(data));
        cluster.resume();
        // Every database made from now on has it.
        cluster.psql("template1", "create extension postgis");
        cluster
    }

    /// A new database with PostGIS; its address.
    pub fn database(&self) -> String {
        let name = format!("centre_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("create database {name}"));
        self.address(OWNER, &name)
    }

    /// The address of a database for a user, without a password.
    pub fn address(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@localhost/{database}?host={}", self.folder.display())
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Runs SQL as the superuser; what it prints, unaligned.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        run(self
            .program("psql")
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args(["--username", OWNER, "--dbname", database, "--command", sql])
            .arg("--host")
            .arg(&self.folder))
    }

    /// A file that the server can write and read.
    pub fn scratch(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }

    /// Asks for passwords of a user from now on.
    pub fn guard(&self, user: &str) {
        let file = self.folder.join("data/pg_hba.conf");
        let rules = std::fs::read_to_string(&file).expect("the rules are there");
        std::fs::write(&file, format!("local all {user} scram-sha-256\n{rules}"))
            .expect("they can be changed");
        self.psql("postgres", "select pg_reload_conf()");
    }

    /// Stops the server as a crash would: every connection is cut.
    pub fn halt(&self) {
        run(self.control().args(["--mode=immediate", "stop"]));
    }

    /// `kill -9` of all its processes at once, and waits until they are gone.
    pub fn kill(&self) {
        let file = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(&file).expect("a running server says who it is");
        let first = text.lines().next().expect("its first line is its process").to_owned();
        // Held still, it makes no more while those it has are counted.
        run(Command::new("kill").args(["-STOP", &first]));
        let mut all = children(&first);
        all.push(first);
        let _ = Command::new("kill").arg("-9").args(&all).stderr(Stdio::null()).status();
        let began = Instant::now();
        while all.iter().any(|one| is_alive(one)) {
            assert!(began.elapsed() < GONE, "what was killed is still there");
            std::thread::park_timeout(Duration::from_millis(2));
        }
        // Nobody may have buried it yet, and a server that finds its number still taken does not start.
        for mark in [file, self.folder.join(".s.PGSQL.5432.lock")] {
            std::fs::remove_file(mark).expect("the mark of a dead server can be removed");
        }
    }

    /// Starts it, again.
    pub fn resume(&self) {
        let options = format!("-c listen_addresses= -c unix_socket_directories={}", self.folder.display());
        // The server keeps what it was given as output: its own file, not a pipe nobody would see the end of.
        let log = self.folder.join("log");
        let mut start = self.control();
        start.args(["--wait", "--options", &options]).arg("--log").arg(&log).arg("start");
        let started = start.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("pg_ctl runs");
        assert!(started.success(), "{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    fn control(&self) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg("--pgdata").arg(self.folder.join("data"));
        control
    }

    fn program(&self, name: &str) -> Command {
        as_postgres(self.programs.join(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.alive.take();
        // It ends by itself; a failure leaves a folder in the temporary ones.
        let _ = self.guardian.wait();
    }
}

/// The server of a test binary: it goes with the process.
pub fn shared() -> &'static Cluster {
    static SHARED: std::sync::OnceLock<Cluster> = std::sync::OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

/// The programs of the newest version that is installed.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS).into_iter().flatten().flatten();
    let version = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| *version >= VERSION_MIN && postgis(*version).exists())
        .max();
    version.map(|version| Path::new(PROGRAMS).join(version.to_string()).join("bin")).expect(
        "PostgreSQL 15 with PostGIS 3 is needed here; as root run: apt-get install -y postgresql-15 \
         postgresql-15-postgis-3, or: cargo xtask machine",
    )
}

fn postgis(version: u32) -> PathBuf {
    PathBuf::from(format!("/usr/share/postgresql/{version}/extension/postgis.control"))
}

/// Processes of a parent.
fn children(of: &str) -> Vec<String> {
    let tasks = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    tasks.split_whitespace().map(str::to_owned).collect()
}

/// Whether a process runs; one that has ended and waits to be buried does not.
fn is_alive(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

/// A program as a user that PostgreSQL runs as: root may not.
fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

/// Runs it to its end; what it printed.
fn run(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?} failed ({}): {said}{complaint}", done.status);
    said
}
