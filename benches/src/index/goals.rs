//! Goals 1-3, each the median over rounds of the ratio of two medians taken side by side.

use super::Row;
use crate::figures::{Goal, Timing};

/// Judges every goal for which the run has both sides.
pub(super) fn judge(rows: &[Row]) -> Vec<Goal> {
    let mut sizes: Vec<usize> = rows.iter().map(|row| row.units).collect();
    sizes.dedup();
    let mut goals = Vec::new();
    for units in sizes {
        let find = |name: &str| rows.iter().find(|row| row.units == units && row.name.starts_with(name));
        let (Some(ours), Some(rstar)) = (find("geo-index"), find("rstar")) else { continue };
        let size = units;
        let ratio = |slow: &Option<Timing>, fast: &Option<Timing>| Some(slow.as_ref()?.over(fast.as_ref()?));
        let mut at_least = |what: String, measured: Option<f64>, demanded: f64| {
            goals.extend(measured.map(|measured| Goal::at_least(what, measured, demanded)));
        };
        let faster = if units >= 1_000_000 { 2.0 } else { 2.5 };
        at_least(
            format!("1  {size}: times faster than rstar"),
            ratio(&rstar.nearest[0], &ours.nearest[0]),
            faster,
        );
        for (number, share, demanded) in [(2, "1.8 %", 15.0), (3, "0.18 %", 50.0)] {
            let measured = ratio(&rstar.nearest[number], &ours.nearest[number]);
            at_least(format!("2  {size}: {share}, times faster than rstar"), measured, demanded);
        }
        at_least(
            format!("3  {size}: moves, times faster than rstar"),
            ratio(&rstar.moves, &ours.moves),
            10.0,
        );
        let crowded = ratio(&rstar.crowded_moves, &ours.crowded_moves);
        at_least(format!("3  {size}: moves with a crowd, times faster than rstar"), crowded, 10.0);
        if let Some(moving) = find("kiddo mutable") {
            let what = format!("3  {size}: moves, times faster than kiddo mutable");
            at_least(what, ratio(&moving.moves, &ours.moves), 3.0);
            let what = format!("3  {size}: moves with a crowd, times faster than kiddo with it spread");
            at_least(what, ratio(&moving.crowded_moves, &ours.crowded_moves), 3.0);
        }
        let mut at_most = |what: String, measured: Option<f64>, demanded: f64| {
            goals.extend(measured.map(|measured| Goal::at_most(what, measured, demanded)));
        };
        if let Some(still) = find("kiddo immutable") {
            let measured = ratio(&ours.nearest[0], &still.nearest[0]);
            at_most(format!("1  {size}: time over kiddo immutable"), measured, 1.5);
        }
        if let Some(single) = find("kiddo immut. f32") {
            let measured = ratio(&ours.nearest[0], &single.nearest[0]);
            at_most(format!("1  {size}: time over kiddo immutable in f32 (0.4 m coarse)"), measured, 1.5);
        }
        if units <= 2_000 {
            let scan = find("scan").and_then(|scan| ratio(&ours.nearest[2], &scan.nearest[2]));
            at_most(format!("2  {size}: 1.8 %, time over the scan"), scan, 1.0);
        }
        if units >= 1_000_000 {
            for (number, share) in [(2, "1.8 %"), (3, "0.18 %")] {
                let p99 = ours.nearest[number].as_ref().map(|timing| timing.p99_ns / 1e3);
                at_most(format!("2  {size}: {share}, p99 in microseconds"), p99, 15.0);
            }
        }
        goals.push(Goal::at_most(
            format!("   {size}: wrong answers of {}", ours.compared),
            if ours.wrong == [0; 3] { 0.0 } else { 1.0 },
            0.0,
        ));
    }
    goals
}
