//! What an alarm costs the node while something else has grown: nodes that hold more and more of it, side by side, asked
//! in turn for the same.

mod axis;
mod node;

use anyhow::{Context, Result};
use serde::Serialize;

use self::axis::{AXES, Axis};
use self::node::Grown;
use crate::figures::{Goal, Machine};
use crate::node::{self as server, block_on};
use crate::options::Options;
use crate::page::Page;

/// Rounds in which every node is asked once.
const ROUNDS: usize = 7;
/// Alarms of a round: /proc counts processor time in hundredths of a second, which is a fiftieth of what these take.
const ALARMS: usize = 600;

/// One axis: processor time of an alarm at each size.
#[derive(Debug, Serialize)]
struct Figures {
    axis: &'static str,
    points: Vec<Point>,
    /// Cost at the last size over that at the first: the median over rounds, and the range.
    ratio: f64,
    ratio_least: f64,
    ratio_most: f64,
    /// Nanoseconds of processor for an alarm for each one more, from the first size to the last.
    slope_ns: f64,
}

/// Where an axis stood at one size.
#[derive(Debug, Serialize)]
struct Point {
    /// How many there were before the first round.
    size: usize,
    /// Microseconds of processor for an alarm, by round.
    cpu_us: Vec<f64>,
    /// Resident memory after the last round, MB.
    resident_mb: f64,
    /// Warnings and errors in the node's log.
    complaints: usize,
}

/// Runs it.
pub fn run(options: &Options) -> Result<()> {
    let binary = server::binary()?;
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    let mut all = Vec::new();
    for axis in AXES {
        page.line("")?;
        page.line(&format!("{}: microseconds of the node's processor for {}", axis.name, axis.asked))?;
        let sizes: Vec<usize> =
            axis.sizes.iter().map(|size| options.either(*size, size.div_ceil(20))).collect();
        let nodes = sizes.iter().map(|size| Grown::start(&binary, &options.memory, axis, *size));
        let figures = measure(axis, nodes.collect::<Result<_>>()?, options.either(ROUNDS, 2))?;
        for point in &figures.points {
            let rounds: Vec<String> = point.cpu_us.iter().map(|cpu| format!("{cpu:>6.0}")).collect();
            page.line(&format!(
                "{:>9}  {}  {:>7.1} MB, {} warnings",
                point.size,
                rounds.concat(),
                point.resident_mb,
                point.complaints
            ))?;
        }
        let Figures { ratio, ratio_least, ratio_most, slope_ns, .. } = figures;
        page.line(&format!(
            "{ratio:.2}x ({ratio_least:.2} to {ratio_most:.2}), {slope_ns:.1} ns for each one more"
        ))?;
        all.push(figures);
    }
    let goals = AXES.iter().zip(&all).map(|(axis, figures)| {
        Goal::at_most(
            format!("{}: an alarm at the last size over the first", axis.name),
            figures.ratio,
            axis.goal,
        )
    });
    page.finish(&options.to("growth"), &machine, &all, &goals.collect::<Vec<_>>())
}

/// Asks the nodes in turn, so that a machine that is slower for a while is slower for all of them.
fn measure(axis: &Axis, mut nodes: Vec<Grown>, rounds: usize) -> Result<Figures> {
    let mut costs = vec![Vec::new(); nodes.len()];
    for _ in 0..rounds {
        for (node, costs) in nodes.iter_mut().zip(&mut costs) {
            costs.push(block_on(node.raise(axis.source, ALARMS))?? * 1e6);
        }
    }
    let point = |(node, cpu_us): (&Grown, Vec<f64>)| {
        Ok(Point { size: node.size, cpu_us, resident_mb: node.resident_mb()?, complaints: node.complaints() })
    };
    let points: Vec<Point> = nodes.iter().zip(costs).map(point).collect::<Result<_>>()?;
    let (first, last) = (points.first().context("a size")?, points.last().context("a size")?);
    let mut ratios: Vec<f64> =
        first.cpu_us.iter().zip(&last.cpu_us).map(|(first, last)| last / first).collect();
    ratios.sort_by(f64::total_cmp);
    let more = u32::try_from(last.size - first.size).map(f64::from)?;
    let slope_ns = (median(&last.cpu_us) - median(&first.cpu_us)) * 1e3 / more;
    let (ratio_least, ratio_most) =
        (ratios.first().copied().unwrap_or(0.0), ratios.last().copied().unwrap_or(0.0));
    Ok(Figures { axis: axis.name, ratio: median(&ratios), ratio_least, ratio_most, slope_ns, points })
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
