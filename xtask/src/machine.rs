//! What the proof needs beside Rust: Node 20 for the console, Chromium and a CJK font for the screen. Installed where
//! this is Debian and we are root; elsewhere the exact command is said.

use std::path::Path;

use anyhow::bail;

use crate::step;

struct Need {
    what: &'static str,
    package: &'static str,
    present: fn() -> bool,
}

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
    if !step::answers("node") || !step::answers("npm") {
        bail!("Node 20 or newer with npm is needed to build the console: install it, e.g. from nodejs.org");
    }
    if !browser {
        return Ok(());
    }
    let missing: Vec<&Need> = BROWSER.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let command = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !may_install() {
        bail!("missing: {}; as root run: {command}", names.join(", "));
    }
    let root = step::root()?;
    let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
    step::run("package lists", &root, "apt-get", &["update", "-qq"], &quiet)?;
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(packages);
    step::run("packages", &root, "apt-get", &args, &quiet)
}

fn may_install() -> bool {
    Path::new("/etc/debian_version").exists()
        && step::output(Path::new("/"), "id", &["-u"]).is_ok_and(|uid| uid.trim() == "0")
}
