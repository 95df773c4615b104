//! Builds the console once and puts it where the server embeds it from.
//!
//! The console is built again only when its sources differ from those the present build was made of (a stamp beside
//! it). `ORTOO_CONSOLE_DIST` names a ready one instead; `none` builds the server without.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the console is made of, in `map-ui`.
const SOURCES: [&str; 9] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "patrol.html",
    "public",
    "scripts",
    "src",
    "svelte.config.js",
    "vite.config.ts",
];

const STAMP: &str = ".stamp";

fn main() -> Result<()> {
    println!("cargo:rerun-if-env-changed=ORTOO_CONSOLE_DIST");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let embedded = out.join("console");
    let _ = fs::remove_dir_all(&embedded);
    fs::create_dir_all(&embedded)?;
    // Whoever embeds a folder wants its name spelled out.
    let spelled = format!(
        "/// The built console; empty when the server was built without it.\n#[derive(RustEmbed)]\n#[folder = {:?}]\nstruct Console;\n",
        embedded.to_str().ok_or("the target folder's name is not UTF-8")?
    );
    fs::write(out.join("console.rs"), spelled)?;
    let Some(dist) = console()? else { return Ok(()) };
    copy(&dist, &embedded)
}

/// The folder of a built console; none to go without.
fn console() -> Result<Option<PathBuf>> {
    if let Ok(ready) = env::var("ORTOO_CONSOLE_DIST") {
        if ready == "none" {
            return Ok(None);
        }
        let ready = PathBuf::from(ready);
        println!("cargo:rerun-if-changed={}", ready.display());
        if !ready.join("index.html").is_file() {
            return Err(format!("ORTOO_CONSOLE_DIST: {} holds no index.html", ready.display()).into());
        }
        return Ok(Some(ready));
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../map-ui");
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", root.join(source).display());
    }
    if !root.join("package.json").is_file() {
        println!("cargo:warning=there is no map-ui/package.json: the server is built without the console");
        return Ok(None);
    }
    let dist = root.join("dist");
    let stamp = stamp(&root)?;
    let built_of = fs::read_to_string(dist.join(STAMP)).unwrap_or_default();
    if built_of != stamp || !dist.join("index.html").is_file() {
        if let Err(error) = build(&root) {
            let how = "build it by hand: cd map-ui && npm ci && npm run build (Node 20.19 or newer)";
            if env::var("PROFILE")? == "release" {
                return Err(format!("the console could not be built ({error}); {how}").into());
            }
            println!("cargo:warning=the console could not be built ({error}) and is left out; {how}");
            return Ok(None);
        }
        fs::write(dist.join(STAMP), stamp)?;
    }
    Ok(Some(dist))
}

fn build(root: &Path) -> Result<()> {
    let lock = fs::read(root.join("package-lock.json"))?;
    let installed = root.join("node_modules/.ortoo-lock");
    let hash = blake3::hash(&lock).to_hex().to_string();
    if fs::read_to_string(&installed).unwrap_or_default() != hash {
        npm(root, &["ci", "--no-audit", "--no-fund"])?;
        fs::write(installed, hash)?;
    }
    npm(root, &["run", "build"])
}

fn npm(root: &Path, args: &[&str]) -> Result<()> {
    let output = Command::new("npm").args(args).current_dir(root).output();
    let output = output.map_err(|error| format!("npm cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let last: Vec<&str> = text.lines().rev().filter(|line| !line.trim().is_empty()).take(8).collect();
    Err(format!("npm {} failed: {}", args.join(" "), last.into_iter().rev().collect::<Vec<_>>().join(" | "))
        .into())
}

/// Hash over the names and bytes of all sources.
fn stamp(root: &Path) -> Result<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        list(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let bytes = fs::read(&file)?;
        hasher.update(file.strip_prefix(root)?.to_string_lossy().as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            list(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

/// Copies what is served; not source maps and not what is hidden.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        if entry.path().is_dir() {
            if name != ".vite" {
                fs::create_dir_all(&target)?;
                copy(&entry.path(), &target)?;
            }
        } else if name != STAMP && entry.path().extension().is_none_or(|ending| ending != "map") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
