//! A few power cuts in every proof; `cargo xtask power-cut` tries as many as one likes.

use dispatch_e2e::power::{Options, run};

/// Of a first start as well as of a mirror and a copy: one of each part of a recording.
const CUTS: u64 = 12;

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_power_goes() -> anyhow::Result<()> {
    let kept = tempfile::tempdir()?;
    let options = Options { cuts: CUTS, seed: 1, ..Options::default() };
    let outcome = run(Options { keep: Some(kept.path().into()), ..options.clone() }, |_| {}).await?;
    let (told, findings) = (outcome.table(), outcome.findings.join("\n"));
    assert!(outcome.findings.is_empty(), "{told}\n{findings}");
    assert_eq!((outcome.cuts, outcome.raised), (CUTS, CUTS), "{told}");
    assert!(outcome.acknowledged > 0 && outcome.refused > 0 && outcome.repeated > 0, "{told}");
    assert!(outcome.recovered > 0 && outcome.restored > 0, "{told}");

    // The same cuts of a disk that does not keep what it flushed of the log.
    let (recording, lying) = (Some(kept.path().join("recording")), Some("journal.sqlite-wal".to_owned()));
    let lied_to = run(Options { cuts: CUTS / 2, recording, lying, ..options }, |_| {}).await?;
    assert!(lied_to.lost > 0 && !lied_to.findings.is_empty(), "{}", lied_to.table());
    Ok(())
}
