//! The index of live units beside its peers: goals 1 (nearest), 2 (nearest that qualify), 3 (moves).
//!
//! All contenders hold the same units on the same metric (unit vectors, squared chord) and answer the same
//! questions in alternating rounds. Peers get their vectors ready-made; ours starts from coordinates, as the
//! product does. Every run first compares each contender's answers with the scan's.

pub mod contenders;
mod goals;
mod report;
pub mod workload;

use crate::figures::{Goal, Machine, Rounds, Timing};
use anyhow::{Context, Result};
use contenders::Contender;
use serde::Serialize;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;
use workload::{PREDICATES, Predicate, Spot, Step, World, chord2};

/// How many are asked for.
pub const K: usize = 5;
const ROUNDS: usize = 7;
/// Moves timed together: one alone is shorter than reading the clock.
const MOVES_TOGETHER: u32 = 64;
/// Units standing at one and the same place in the crowded part.
const CROWD: usize = 100;

/// What to run.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Units in the index, one run each.
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 100_000, 1_000_000])]
    pub sizes: Vec<usize>,
    /// Seed of the world.
    #[arg(long, default_value_t = 110)]
    pub seed: u64,
    /// Questions per round, contender and predicate.
    #[arg(long, default_value_t = 3_000)]
    pub questions: usize,
    /// Where the figures go.
    #[arg(long, default_value = "benches/results/index.json")]
    pub out: PathBuf,
}

/// Everything one run measured.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Where it ran.
    pub machine: Machine,
    /// Seed of the world.
    pub seed: u64,
    /// One timing of nothing: what reading the clock adds to each question, nanoseconds.
    pub clock_ns: f64,
    /// Questions and moves by size and contender.
    pub rows: Vec<Row>,
    /// Goals 1-3.
    pub goals: Vec<Goal>,
}

/// One contender at one size.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Units.
    pub units: usize,
    /// Contender.
    pub name: &'static str,
    /// Nearest 5, by [`PREDICATES`]; `None` where it cannot be asked.
    pub nearest: [Option<Timing>; PREDICATES.len()],
    /// A move; `None` where nothing can move.
    pub moves: Option<Timing>,
    /// A move among units of which 100 stand at one place, or millimetres apart where that was refused.
    pub crowded_moves: Option<Timing>,
    /// What it said when it refused.
    pub refusal: Option<String>,
    /// Answers compared with the scan.
    pub compared: usize,
    /// How many of them differed: at the start, after the moves, and with the crowd.
    pub wrong: [usize; 3],
    /// Filling the structure, milliseconds.
    pub build_ms: f64,
}

/// Runs all sizes, prints the table and writes the figures.
pub fn run(options: &Options) -> Result<()> {
    let mut results = Results {
        machine: Machine::here(),
        seed: options.seed,
        clock_ns: clock_ns(),
        rows: Vec::new(),
        goals: Vec::new(),
    };
    for &size in &options.sizes {
        results.rows.extend(run_size(options, size)?);
    }
    results.goals = goals::judge(&results.rows);
    report::print(&results)?;
    let text = serde_json::to_string_pretty(&results)?;
    if let Some(folder) = options.out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&options.out, text + "\n").with_context(|| format!("writing {}", options.out.display()))
}

fn run_size(options: &Options, size: usize) -> Result<Vec<Row>> {
    let mut world = World::new(options.seed, size);
    let mut contenders = Vec::new();
    let mut rows = Vec::new();
    for build in contenders::builders() {
        let start = Instant::now();
        let contender = build(&world.units)?;
        let build_ms = start.elapsed().as_secs_f64() * 1e3;
        rows.push(Row {
            units: size,
            name: contender.name(),
            nearest: Default::default(),
            moves: None,
            crowded_moves: None,
            refusal: None,
            compared: 0,
            wrong: [0; 3],
            build_ms,
        });
        contenders.push(contender);
    }
    compare(&mut world, &contenders, 0, &mut rows);
    for (number, predicate) in PREDICATES.into_iter().enumerate() {
        let timings = time_questions(options, &mut world, &contenders, predicate);
        for (row, timing) in rows.iter_mut().zip(timings) {
            row.nearest[number] = timing;
        }
    }
    for (row, timing) in rows.iter_mut().zip(time_moves(&mut world, &mut contenders, &[], &[])?) {
        row.moves = timing;
    }
    renew(&world, &mut contenders)?;
    compare(&mut world, &contenders, 1, &mut rows);
    let crowd = gather(&mut world, &mut contenders, &mut rows)?;
    let apart: Vec<Step> =
        crowd.iter().map(|step| Step { to: spread(step.slot, step.to), ..*step }).collect();
    for (row, timing) in rows.iter_mut().zip(time_moves(&mut world, &mut contenders, &crowd, &apart)?) {
        row.crowded_moves = timing;
    }
    renew(&world, &mut contenders)?;
    compare(&mut world, &contenders, 2, &mut rows);
    Ok(rows)
}

/// Builds anew what cannot move, so that its answers can be compared again.
fn renew(world: &World, contenders: &mut [Box<dyn Contender>]) -> Result<()> {
    for (contender, build) in contenders.iter_mut().zip(contenders::builders()) {
        if !contender.moves() {
            *contender = build(&world.units)?;
        }
    }
    Ok(())
}

/// Sends the crowd to its station. Who refuses is built anew with the crowd standing a little apart.
fn gather(world: &mut World, contenders: &mut [Box<dyn Contender>], rows: &mut [Row]) -> Result<Vec<Step>> {
    let crowd = world.crowd(CROWD);
    let mut units = world.units.clone();
    for step in &crowd {
        units[step.slot as usize].spot = spread(step.slot, step.to);
    }
    for ((contender, row), build) in contenders.iter_mut().zip(rows).zip(contenders::builders()) {
        if !contender.moves() {
            continue;
        }
        if let Err(problem) = crowd.iter().try_for_each(|step| contender.step(step)) {
            row.refusal = Some(problem.to_string());
            *contender = build(&units)?;
        }
    }
    Ok(crowd)
}

/// The same place, some millimetres aside in every direction: 1e-9 of the earth's radius for each slot.
fn spread(slot: u32, place: Spot) -> Spot {
    Spot { vector: place.vector.map(|part| part + f64::from(slot) * 1e-9), ..place }
}

/// Compares every answer with the scan's: the same distances in the same order.
fn compare(world: &mut World, contenders: &[Box<dyn Contender>], phase: usize, rows: &mut [Row]) {
    let Some(oracle) = contenders.last() else { return };
    for predicate in PREDICATES {
        for question in world.questions(100) {
            let mut expected = Vec::new();
            oracle.nearest(&question, K, predicate, &mut expected);
            for (contender, row) in contenders.iter().zip(&mut *rows) {
                if predicate.bit != 0 && !contender.filters() {
                    continue;
                }
                let mut found = Vec::new();
                contender.nearest(&question, K, predicate, &mut found);
                let far = |slots: &[u32]| -> Vec<f64> {
                    let unit = |slot: &u32| world.units[*slot as usize].spot.vector;
                    slots.iter().map(|slot| chord2(question.vector, unit(slot))).collect()
                };
                let (found, expected) = (far(&found), far(&expected));
                // Equal but for the last bits, in which our sines and the library's may differ.
                let same = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * b.max(1e-8).sqrt();
                row.compared += 1;
                row.wrong[phase] +=
                    usize::from(found.len() != expected.len() || !found.iter().zip(&expected).all(same));
            }
        }
    }
}

fn time_questions(
    options: &Options,
    world: &mut World,
    contenders: &[Box<dyn Contender>],
    predicate: Predicate,
) -> Vec<Option<Timing>> {
    let mut rounds = vec![Rounds::default(); contenders.len()];
    let mut found = Vec::with_capacity(K);
    for _ in 0..ROUNDS {
        let questions = world.questions(options.questions);
        for (contender, rounds) in contenders.iter().zip(&mut rounds) {
            if predicate.bit != 0 && !contender.filters() {
                continue;
            }
            // What takes a millisecond is timed on fewer questions.
            let budget = Instant::now();
            for question in &questions[..questions.len() / 10] {
                ask(contender.as_ref(), question, predicate, &mut found);
                if budget.elapsed().as_millis() > 50 {
                    break;
                }
            }
            rounds.begin();
            let budget = Instant::now();
            for question in &questions {
                let start = Instant::now();
                ask(contender.as_ref(), question, predicate, &mut found);
                rounds.add(start.elapsed(), 1);
                if budget.elapsed().as_millis() > 300 {
                    break;
                }
            }
        }
    }
    rounds.iter().map(Rounds::timing).collect()
}

fn ask(contender: &dyn Contender, question: &Spot, predicate: Predicate, found: &mut Vec<u32>) {
    found.clear();
    contender.nearest(black_box(question), K, predicate, found);
    black_box(&found);
}

/// The same moves by all that can move. Every sixteenth is a unit of the crowd, if there is one, coming home;
/// who refuses that gets the crowd `apart`.
fn time_moves(
    world: &mut World,
    contenders: &mut [Box<dyn Contender>],
    crowd: &[Step],
    apart: &[Step],
) -> Result<Vec<Option<Timing>>> {
    let mut rounds = vec![Rounds::default(); contenders.len()];
    for _ in 0..ROUNDS {
        let mut steps = world.steps(MOVES_TOGETHER as usize * 400);
        let mut steps_apart = steps.clone();
        let homes = crowd.iter().zip(apart).cycle();
        for ((step, step_apart), (home, home_apart)) in
            steps.iter_mut().zip(&mut steps_apart).step_by(16).zip(homes)
        {
            (*step, *step_apart) = (*home, *home_apart);
        }
        for step in &steps {
            world.units[step.slot as usize].spot = step.to;
        }
        for (contender, rounds) in contenders.iter_mut().zip(&mut rounds) {
            if !contender.moves() {
                continue;
            }
            let steps = if contender.stacks() { &steps } else { &steps_apart };
            rounds.begin();
            for steps in steps.chunks_exact(MOVES_TOGETHER as usize) {
                let start = Instant::now();
                for step in steps {
                    contender.step(step)?;
                }
                rounds.add(start.elapsed(), MOVES_TOGETHER);
            }
        }
    }
    Ok(rounds.iter().map(Rounds::timing).collect())
}

fn clock_ns() -> f64 {
    let mut rounds = Rounds::default();
    rounds.begin();
    for _ in 0..10_000 {
        let start = Instant::now();
        rounds.add(start.elapsed(), 1);
    }
    rounds.timing().map_or(0.0, |timing| timing.p50_ns)
}
