//! Packs every region package beside this file into one compressed archive each, for embedding.
//!
//! An archive is the files in order of name, each as two little-endian u32 lengths (name, content), name and content,
//! all of it one zstd frame. `src/embedded.rs` is the other half.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

/// Slowest level whose decoder still needs little memory; a package packs in well under a second.
const LEVEL: i32 = 19;

fn main() -> Result<(), Box<dyn Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={root}");
    let mut table = String::from("static ARCHIVES: &[(&str, &[u8])] = &[\n");
    let mut folders: Vec<_> = fs::read_dir(&root)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    for folder in folders {
        let path = folder.path();
        if path.join("region.toml").is_file() {
            let id = folder
                .file_name()
                .into_string()
                .map_err(|name| format!("{} is not UTF-8", name.display()))?;
            let archive = Path::new(&out).join(format!("{id}.zst"));
            fs::write(&archive, zstd::encode_all(pack(&path)?.as_slice(), LEVEL)?)?;
            let archive = archive.to_str().ok_or("the build directory is not UTF-8")?;
            writeln!(table, "    ({id:?}, include_bytes!({archive:?})),")?;
        }
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("archives.rs"), table)?;
    Ok(())
}

fn pack(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut archive = Vec::new();
    for file in files {
        println!("cargo:rerun-if-changed={}", file.path().display());
        let name =
            file.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        let content = fs::read(file.path())?;
        archive.extend(u32::try_from(name.len())?.to_le_bytes());
        archive.extend(u32::try_from(content.len())?.to_le_bytes());
        archive.extend(name.as_bytes());
        archive.extend(content);
    }
    Ok(archive)
}
