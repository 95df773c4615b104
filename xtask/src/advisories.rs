//! Whether a crate that is built in has a known hole: `Cargo.lock` held against the `RustSec` advisory database.
//!
//! The database is that which `ORTOO_ADVISORY_DB` names, a folder or a tar of one; else a copy in the target folder, renewed
//! where the network reaches it. Where there is none nothing is judged, and that is said: a machine without a network
//! proves the rest. Exceptions stand with their reason in `deny.toml`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, bail};
use rustsec::database::Query;
use rustsec::{Database, Lockfile};

use crate::step;

/// Names a database, for machines that cannot reach the public one.
const NAMED: &str = "ORTOO_ADVISORY_DB";
const PUBLIC: &str = "https://github.com/RustSec/advisory-db.git";
/// A network that has not brought the database by then is none, seconds.
const PATIENCE_S: &str = "15";

/// An advisory that is known not to concern us.
#[derive(Debug, PartialEq, Eq)]
struct Exception {
    id: String,
    reason: String,
}

/// Holds the lock file against the database; says so where there is none.
pub fn check(root: &Path) -> anyhow::Result<()> {
    step::say("\n== advisories");
    let Some(folder) = database(root)? else {
        step::say(&format!(
            "== advisories: NOT LOOKED AT: {PUBLIC} is out of reach and {NAMED} names no copy of it"
        ));
        return Ok(());
    };
    let found = Database::open(&folder).with_context(|| format!("read {}", folder.display()))?;
    let lock = Lockfile::load(root.join("Cargo.lock")).context("read Cargo.lock")?;
    let said = std::fs::read_to_string(root.join("deny.toml")).context("read deny.toml")?;
    let faults = judge(&found, &lock, &exceptions(&said)?);
    let newest = found.iter().map(|advisory| advisory.metadata.date.clone()).max().context("it is empty")?;
    step::say(&format!(
        "== advisories: {} known, the newest of {newest}, {} days ago; {} crates held against them",
        found.iter().count(),
        days_since(newest.year(), newest.month(), newest.day()),
        lock.packages.len(),
    ));
    if !faults.is_empty() {
        bail!("advisories:\n{}", faults.join("\n"));
    }
    Ok(())
}

/// What concerns us and is no exception, and exceptions that concern nothing any more.
fn judge(database: &Database, lock: &Lockfile, exceptions: &[Exception]) -> Vec<String> {
    let mut faults = Vec::new();
    let holes = Query::crate_scope();
    // Unsound and unmaintained crates are advisories as well.
    let all = [holes.clone(), holes.informational(true)];
    let found: Vec<_> = all.iter().flat_map(|query| database.query_vulnerabilities(lock, query)).collect();
    for one in &found {
        let id = one.advisory.id.as_str();
        if exceptions.iter().all(|exception| exception.id != id) {
            let (package, title) = (&one.package, &one.advisory.title);
            faults.push(format!("{id}: {} {}: {title}", package.name, package.version));
        }
    }
    for exception in exceptions {
        if found.iter().all(|one| one.advisory.id.as_str() != exception.id) {
            faults
                .push(format!("{}: an exception that nothing needs: take it out of deny.toml", exception.id));
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// The exceptions of `deny.toml`; each has to say why.
fn exceptions(text: &str) -> anyhow::Result<Vec<Exception>> {
    let table: toml::Table = toml::from_str(text).context("read deny.toml")?;
    let listed = table.get("advisories").and_then(|section| section.get("ignore"));
    let Some(listed) = listed.and_then(toml::Value::as_array) else { return Ok(Vec::new()) };
    let exception = |entry: &toml::Value| {
        let text =
            |key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::trim).unwrap_or_default();
        let (id, reason) = (text("id").to_owned(), text("reason").to_owned());
        if id.is_empty() || reason.is_empty() {
            bail!("deny.toml: every exception has an id and a reason: {entry}");
        }
        Ok(Exception { id, reason })
    };
    listed.iter().map(exception).collect()
}

/// The folder of the database, if there is any.
fn database(root: &Path) -> anyhow::Result<Option<PathBuf>> {
    let tools = root.join("target/tools");
    match std::env::var_os(NAMED).filter(|named| !named.is_empty()) {
        Some(named) => {
            let named = PathBuf::from(named);
            let folder = if named.is_dir() { named.clone() } else { unpacked(&named, &tools)? };
            let found = inside(&folder)?;
            found.map(Some).with_context(|| format!("{NAMED}: {} holds no advisories", named.display()))
        }
        None => renewed(&tools),
    }
}

/// The folder that holds advisories: this one, or one in it, as in a tar of the folder itself.
fn inside(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    let holds = |folder: &Path| folder.join("crates").is_dir();
    if holds(folder) {
        return Ok(Some(folder.to_owned()));
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("look into {}", folder.display()))? {
        let inner = entry?.path();
        if holds(&inner) {
            return Ok(Some(inner));
        }
    }
    Ok(None)
}

/// A tar laid out anew: what an earlier one held is gone.
fn unpacked(tar: &Path, tools: &Path) -> anyhow::Result<PathBuf> {
    let folder = tools.join("advisories-unpacked");
    emptied(&folder)?;
    std::fs::create_dir_all(&folder)?;
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path is not UTF-8");
    let (file, into) = (text(tar)?, text(&folder)?);
    step::output(tools, "tar", &["-xf", &file, "-C", &into])
        .with_context(|| format!("{NAMED}: unpack it"))?;
    Ok(folder)
}

/// The copy in the target folder, renewed if the network allows; none where there never was a network.
fn renewed(tools: &Path) -> anyhow::Result<Option<PathBuf>> {
    let (kept, coming) = (tools.join("advisories"), tools.join("advisories-coming"));
    std::fs::create_dir_all(tools)?;
    emptied(&coming)?;
    let clone = Command::new("timeout")
        .args([PATIENCE_S, "git", "clone", "--quiet", "--depth", "1", PUBLIC])
        .arg(&coming)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if clone.is_ok_and(|ended| ended.success()) {
        emptied(&kept)?;
        std::fs::rename(&coming, &kept).context("keep the advisories")?;
    } else {
        emptied(&coming)?;
        if kept.is_dir() {
            step::say(&format!("{PUBLIC} is out of reach: the copy of an earlier day is gone by"));
        }
    }
    Ok(Some(kept).filter(|kept| kept.is_dir()))
}

fn emptied(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Days from a date of the Gregorian calendar to today; negative for one to come.
fn days_since(year: u32, month: u32, day: u32) -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    i64::try_from(now / 86_400).unwrap_or(i64::MAX) - day_number(year, month, day)
}

/// Days since 1970-01-01, counting years from March so that the day a leap year has more is its last.
fn day_number(year: u32, month: u32, day: u32) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "holey"
version = "1.2.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "left"
version = "0.3.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "sound"
version = "2.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;

    fn advisory(folder: &Path, id: &str, package: &str, more: &str) {
        let folder = folder.join("crates").join(package);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2024-02-29\"\n{more}\n```\n\n# Its title\n\nMore.\n"
        );
        std::fs::write(folder.join(format!("{id}.md")), text).unwrap();
    }

    fn faults(ignored: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("advisory-db");
        advisory(&inner, "RUSTSEC-2024-0001", "holey", "[versions]\npatched = [\">= 1.2.1\"]");
        advisory(&inner, "RUSTSEC-2024-0002", "sound", "[versions]\npatched = [\">= 2.0.0\"]");
        advisory(
            &inner,
            "RUSTSEC-2024-0003",
            "left",
            "informational = \"unmaintained\"\n[versions]\npatched = []",
        );
        let database = Database::open(&inside(folder.path()).unwrap().unwrap()).unwrap();
        judge(&database, &LOCK.parse().unwrap(), &exceptions(ignored).unwrap())
    }

    #[test]
    fn what_is_known_of_a_crate_in_the_lock_file_is_a_fault_unless_it_is_excepted() {
        let hole = "RUSTSEC-2024-0001: holey 1.2.0: Its title";
        let left = "RUSTSEC-2024-0003: left 0.3.0: Its title";
        assert_eq!(faults(""), [hole, left]);
        let excepted =
            "[advisories]\nignore = [{ id = \"RUSTSEC-2024-0003\", reason = \"one function, read by us\" }]";
        assert_eq!(faults(excepted), [hole]);
        let idle = "[advisories]\nignore = [{ id = \"RUSTSEC-2024-0002\", reason = \"it was old\" }]";
        assert!(faults(idle)[1].starts_with("RUSTSEC-2024-0002: an exception that nothing needs"));
    }

    #[test]
    fn an_exception_says_why() {
        for bare in [
            "[{ id = \"RUSTSEC-2024-0001\" }]",
            "[\"RUSTSEC-2024-0001\"]",
            "[{ id = \"x\", reason = \" \" }]",
        ] {
            assert!(exceptions(&format!("[advisories]\nignore = {bare}")).is_err(), "{bare}");
        }
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(day_number(1970, 1, 1), 0);
        assert_eq!(day_number(2000, 3, 1) - day_number(2000, 2, 28), 2);
        assert_eq!(day_number(2100, 3, 1) - day_number(2100, 2, 28), 1);
        assert_eq!(day_number(2026, 8, 21), 20_686);
    }
}
