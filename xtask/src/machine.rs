//! What the proof needs beside Rust: Node 20 for the console, PostgreSQL with PostGIS for the second store, strace for the
//! order of flushes, Chromium and a CJK font for the screen. Installed where this is Debian and we are root; elsewhere the
//! exact command is said.

use std::path::Path;

use anyhow::bail;

use crate::step;

struct Need {
    what: &'static str,
    package: &'static str,
    present: fn() -> bool,
}

/// Tests start servers of their own from these programs.
const DATABASE: &[Need] = &[
    Need {
        what: "PostgreSQL 15",
        package: "postgresql-15",
        present: || Path::new("/usr/lib/postgresql/15/bin/initdb").exists(),
    },
    Need {
        what: "PostGIS 3",
        package: "postgresql-15-postgis-3",
        present: || Path::new("/usr/share/postgresql/15/extension/postgis.control").exists(),
    },
];

/// Read by Debian's packages of PostgreSQL: says that no server is to be made and started when they are installed.
const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";

/// Shows whether answers wait for the disk.
const TRACER: Need = Need { what: "strace", package: "strace", present: || step::answers("strace") };

const BROWSER: &[Need] = &[
    Need { what: "Chromium", package: "chromium", present: || step::answers("chromium") },
    Need {
        what: "a font with Chinese signs",
        package: "fonts-noto-cjk",
        present: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
    },
];

/// Installs what is missing, or says what to install.
pub fn prepare(browser: bool) -> anyhow::Result<()> {
    node()?;
    let browser = if browser { BROWSER } else { &[] };
    let missing: Vec<&Need> =
        DATABASE.iter().chain([&TRACER]).chain(browser).filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let command = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !may_install() {
        bail!("missing: {}; as root run: {command}", names.join(", "));
    }
    if !Path::new(CLUSTERS).exists() {
        std::fs::create_dir_all("/etc/postgresql-common")?;
        std::fs::write(CLUSTERS, "create_main_cluster = false\n")?;
    }
    let root = step::root()?;
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    step::run("package lists", &root, "apt-get", &["update", "-qq"], &quiet)?;
    // A file that was there before its package stays, without a question.
    let keep = "Dpkg::Options::=--force-confold";
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends", "-o", keep];
    args.extend(packages);
    step::run("packages", &root, "apt-get", &args, &quiet)
}

/// The oldest Node the console's build takes: major and minor.
const NODE_MIN: (u32, u32) = (20, 19);

/// Debian 12 ships Node 18, which the console's build refuses in the middle: better said here, with the way out.
fn node() -> anyhow::Result<()> {
    const HOW: &str = "as root: apt-get install -y npm && npm install --global n && n 20";
    let (major, minor) = NODE_MIN;
    if !step::answers("node") || !step::answers("npm") {
        bail!("Node {major}.{minor} or newer with npm is needed to build the console; {HOW}");
    }
    let said = step::output(Path::new("/"), "node", &["--version"])?;
    if version(&said).is_none_or(|found| found < NODE_MIN) {
        bail!(
            "Node {major}.{minor} or newer is needed to build the console, this one is {}; {HOW}",
            said.trim()
        );
    }
    Ok(())
}

/// Major and minor of what `node --version` says.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn may_install() -> bool {
    Path::new("/etc/debian_version").exists()
        && step::output(Path::new("/"), "id", &["-u"]).is_ok_and(|uid| uid.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("v20.19.4\n"), Some((20, 19)));
        assert!(version("v18.19.0").unwrap() < NODE_MIN);
        assert!(version("v20.9.0").unwrap() < NODE_MIN);
        assert!(version("v100.0.0").unwrap() > NODE_MIN);
        assert_eq!(version("none"), None);
    }
}
