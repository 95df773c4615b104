//! `cargo xtask fuzz`: what arrives from outside as bytes, by coverage. libFuzzer is a crate of the registry and the
//! instrumentation a pass of the stable compiler, so that nothing has to be installed. Each target goes on from what is
//! kept of it (`fuzz/kept/`) and from what earlier runs on this machine found (`target/fuzz/corpus/`). An input that breaks
//! a rule is written down and named; it is kept by hand, under a name that says what it was.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::step;

/// What is fuzzed, with the longest input that is tried: with the names of its folder in `fuzz/kept/`.
const TARGETS: [(&str, u32); 4] =
    [("http-body", 8_192), ("stream-message", 8_192), (OF_FILES, 32_768), ("journal-row", 16_384)];
/// Its inputs are changed by a form that has its length.
const OF_FILES: &str = "region-package";

/// Every edge is counted, and what is compared is learnt from.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// An input that takes longer is a finding, seconds.
const INPUT_S: u32 = 10;
/// One that needs more memory, mebibytes.
const MEMORY_MB: u32 = 2_048;

/// What is to be fuzzed, and for how long.
#[derive(Args, Clone, Debug)]
pub struct Asked {
    /// These targets alone: http-body, stream-message, region-package, journal-row.
    targets: Vec<String>,
    /// How long each, seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Longest input that is tried, bytes; each target's own where none is given.
    #[arg(long)]
    longest: Option<u32>,
}

impl Asked {
    /// Every target for so long.
    pub fn all(seconds: u32) -> Self {
        Self { targets: Vec::new(), seconds, seed: 1, longest: None }
    }
}

/// Builds the targets and runs them one after the other.
pub fn run(root: &Path, asked: &Asked) -> anyhow::Result<()> {
    for target in &asked.targets {
        ensure!(TARGETS.iter().any(|(name, _)| name == target), "there is no target {target:?}");
    }
    let binary = build(root)?;
    let dictionary = dictionary(root)?;
    let mut found = Vec::new();
    for (name, longest) in TARGETS {
        if asked.targets.is_empty() || asked.targets.iter().any(|target| target == name) {
            let longest = asked.longest.unwrap_or(longest);
            found.extend(fuzz(root, &binary, &dictionary, (name, longest), asked)?);
        }
    }
    ensure!(found.is_empty(), "inputs that break a rule:\n  {}", found.join("\n  "));
    Ok(())
}

/// Builds the binary, in a folder of its own: nothing else is built with these flags. With the target named, flags are not
/// those of build scripts.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let about = step::output(root, "rustc", &["-vV"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    let into = "target/fuzz";
    let build =
        ["build", "--quiet", "--package", "dispatch-fuzz", "--bin", "fuzz", "--features", "libfuzzer"];
    let build = [&build[..], &["--profile", "fuzz", "--target", host, "--target-dir", into]].concat();
    step::run("the targets, instrumented", root, "cargo", &build, &[("RUSTFLAGS", FLAGS)])?;
    Ok(root.join(into).join(host).join("fuzz/fuzz"))
}

/// Longest word that is taken out of a document.
const WORD_BYTES_MAX: usize = 40;

/// The words of the API, of events and of what else is documented, as libFuzzer reads them: mutations alone would not come
/// upon them.
fn dictionary(root: &Path) -> anyhow::Result<PathBuf> {
    let mut words = BTreeSet::new();
    for file in ["docs/openapi.json", "docs/events.json"] {
        let text = fs::read_to_string(root.join(file)).with_context(|| file.to_owned())?;
        collect(&serde_json::from_str(&text)?, &mut words);
    }
    let mut named = BTreeSet::new();
    for file in ["docs/region-package.md", "docs/stream.md"] {
        let text = fs::read_to_string(root.join(file)).with_context(|| file.to_owned())?;
        named.extend(
            text.split('`').skip(1).step_by(2).filter(|word| word.len() <= WORD_BYTES_MAX).map(str::to_owned),
        );
    }
    let is_plain = |word: &&String| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let quoted = words.iter().filter(is_plain).map(|word| format!(r#""\"{word}\"""#));
    let bare = named.iter().filter(is_plain).map(|word| format!(r#""{word}""#));
    let lines: Vec<_> = quoted.chain(bare).collect();
    let path = root.join("target/fuzz/words.dict");
    fs::write(&path, lines.join("\n")).context("write the dictionary")?;
    Ok(path)
}

/// Names of properties, and words of vocabularies.
fn collect(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let ("properties", Value::Object(properties)) = (name.as_str(), value) {
                    words.extend(properties.keys().cloned());
                }
                if let ("enum", Value::Array(listed)) = (name.as_str(), value) {
                    words.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                collect(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Runs one target; the input that broke a rule, if one did.
fn fuzz(
    root: &Path,
    binary: &Path,
    dictionary: &Path,
    (name, longest): (&str, u32),
    asked: &Asked,
) -> anyhow::Result<Option<String>> {
    let corpus = root.join("target/fuzz/corpus").join(name);
    let findings = root.join("target/fuzz/findings").join(name);
    for folder in [&corpus, &findings] {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    step::say(&format!(
        "\n== {name}: {} s from seed {}, inputs of {longest} bytes",
        asked.seconds, asked.seed
    ));
    let mut child = Command::new(binary)
        .arg(&corpus)
        .arg(root.join("fuzz/kept").join(name))
        .arg(format!("-max_total_time={}", asked.seconds))
        .arg(format!("-seed={}", asked.seed))
        .arg(format!("-max_len={longest}"))
        // Short inputs first, as where libFuzzer alone changes them.
        .arg(format!("-len_control={}", if name == OF_FILES { 0 } else { 100 }))
        .arg(format!("-timeout={INPUT_S}"))
        .arg(format!("-rss_limit_mb={MEMORY_MB}"))
        .arg(format!("-dict={}", dictionary.display()))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg("-print_final_stats=1")
        .env("ORTOO_FUZZ_TARGET", name)
        // What is shown of a finding is the rule that it breaks.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("start the fuzzer")?;
    let mut told = Told::default();
    let lines = BufReader::new(child.stderr.take().context("the fuzzer says something")?).split(b'\n');
    for line in lines {
        told.hear(&String::from_utf8_lossy(&line?));
    }
    let status = child.wait()?;
    let Told { runs, coverage, found, why } = told;
    let why = why.join("\n    ");
    match (&found, status.success()) {
        (None, true) => step::say(&format!("== {name}: {runs} inputs, {coverage}: no finding")),
        (Some(found), _) => step::say(&format!("== {name}: {runs} inputs, {coverage}: {found}\n    {why}")),
        (None, false) => bail!("{name}: the fuzzer ended with {status}\n    {why}"),
    }
    Ok(found)
}

/// Lines of the fuzzer that are shown where it found something.
const SHOWN: usize = 12;

/// What the fuzzer said.
#[derive(Debug, Default)]
struct Told {
    /// How many inputs were tried.
    runs: u64,
    /// The coverage it has come to, in its own words.
    coverage: String,
    /// Where the input lies that broke a rule.
    found: Option<String>,
    /// The last lines that are no count.
    why: Vec<String>,
}

impl Told {
    fn hear(&mut self, line: &str) {
        if let Some((number, rest)) = line.strip_prefix('#').and_then(|line| line.split_once('\t')) {
            self.runs = number.parse().unwrap_or(self.runs);
            let words: Vec<&str> = rest.split_whitespace().collect();
            let told = words.iter().position(|word| *word == "cov:").and_then(|at| words.get(at..at + 4));
            if let Some(told) = told {
                self.coverage = told.join(" ");
            }
        } else if let Some(runs) = line.strip_prefix("stat::number_of_executed_units:") {
            self.runs = runs.trim().parse().unwrap_or(self.runs);
        } else if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.found = Some(path.trim().to_owned());
        } else if self.found.is_none() && !line.trim().is_empty() {
            self.why.push(line.chars().take(400).collect());
            let over = self.why.len().saturating_sub(SHOWN);
            self.why.drain(..over);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_the_fuzzer_says_is_understood() {
        let mut told = Told::default();
        for line in [
            "#2048\tpulse  cov: 9201 ft: 30001 corp: 88/12Kb lim: 4096 exec/s: 512 rss: 180Mb",
            "thread 'main' panicked at fuzz/src/http_body.rs:60:9:",
            "a call for help is refused",
            "artifact_prefix='x/'; Test unit written to x/crash-1",
            "stat::number_of_executed_units: 2100",
        ] {
            told.hear(line);
        }
        assert_eq!((told.runs, told.coverage.as_str()), (2_100, "cov: 9201 ft: 30001"));
        assert_eq!(told.found.as_deref(), Some("x/crash-1"));
        assert!(told.why.iter().any(|line| line == "a call for help is refused"), "{:?}", told.why);
    }

    #[test]
    fn what_is_fuzzed_is_what_is_kept() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/kept");
        let kept: BTreeSet<_> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(kept, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    #[test]
    fn words_are_taken_from_a_schema() {
        let mut words = BTreeSet::new();
        let schema = r#"{"a":[{"properties":{"lon":{"enum":["east"]}}}]}"#;
        collect(&serde_json::from_str(schema).unwrap(), &mut words);
        assert_eq!(words.into_iter().collect::<Vec<_>>(), ["east", "lon"]);
    }
}
