//! The printed table.

use super::{Results, Row};
use crate::figures::Timing;
use std::io::{self, Write};

pub(super) fn print(results: &Results) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let machine = &results.machine;
    writeln!(
        out,
        "{} ({} processors, load {}), seed {}; reading the clock adds {:.0} ns to each question",
        machine.processor, machine.processors, machine.load, results.seed, results.clock_ns
    )?;
    writeln!(
        out,
        "nearest 5: p50 / p99 ns by share of units that qualify; moves: p50 / p99 ns over 64 together"
    )?;
    let mut units = 0;
    for row in &results.rows {
        if row.units != units {
            units = row.units;
            writeln!(out, "\n{units} units")?;
            writeln!(
                out,
                "{:<20} {:>17} {:>17} {:>17} {:>17} {:>15} {:>15} {:>9} {:>12} {:>6}",
                "", "all", "18 %", "1.8 %", "0.18 %", "move", "crowded move", "build ms", "wrong", "drift"
            )?;
        }
        writeln!(out, "{}", line(row))?;
        if let Some(refusal) = &row.refusal {
            writeln!(out, "    refuses the crowd ({refusal}); timed with its units a few millimetres apart")?;
        }
    }
    writeln!(out)?;
    for goal in &results.goals {
        writeln!(out, "{}", goal.line())?;
    }
    Ok(())
}

fn line(row: &Row) -> String {
    let [all, eighteen, two, fifth] = row.nearest.each_ref().map(|timing| cell(timing.as_ref()));
    let drift = row.nearest.iter().flatten().map(|timing| timing.drift).fold(0.0, f64::max);
    format!(
        "{:<20} {all:>17} {eighteen:>17} {two:>17} {fifth:>17} {:>15} {:>15} {:>9.1} {:>12} {:>5.0}%",
        row.name,
        cell(row.moves.as_ref()),
        cell(row.crowded_moves.as_ref()),
        row.build_ms,
        format!("{}+{}+{}/{}", row.wrong[0], row.wrong[1], row.wrong[2], row.compared),
        drift * 100.0
    )
}

fn cell(timing: Option<&Timing>) -> String {
    timing.map_or_else(|| "-".into(), |timing| format!("{:.0} / {:.0}", timing.p50_ns, timing.p99_ns))
}
