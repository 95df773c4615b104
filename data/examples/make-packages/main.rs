//! Makes the region packages beside this crate.
//!
//! `make-packages xilingol [SOURCE]` imports the geography from the folder SOURCE where one is given, then generates
//! the sample parts from what the package holds; `make-packages valparaiso` generates that package whole. The same
//! input gives the same bytes.
#![expect(clippy::print_stdout, reason = "a command line program")]

mod alarm_points;
mod city;
mod command;
mod draw;
mod fleet;
mod ground;
mod lattice;
mod sources;
mod steppe;
mod xilingol;

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let id = arguments.next().unwrap_or_default();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join(&id);
    let files = match id.as_str() {
        "xilingol" => {
            if let Some(source) = arguments.next() {
                sources::import(Path::new(&source), &package)?;
            }
            xilingol::generate(&package)?
        }
        "valparaiso" => city::generate()?,
        _ => return Err("usage: make-packages xilingol [SOURCE] | valparaiso".into()),
    };
    for (name, text) in &files {
        fs::write(package.join(name), text)?;
        println!("{id}/{name}: {} bytes", text.len());
    }
    let package = region::Package::read(&region::read_directory(&package)?).map_err(|faults| {
        let lines: Vec<String> = faults.iter().take(20).map(ToString::to_string).collect();
        format!("{} faults:\n{}", faults.len(), lines.join("\n"))
    })?;
    println!("{id}: {}", package.hash);
    Ok(())
}
