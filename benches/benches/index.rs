//! The same contenders and world as `benches -- index`, for criterion's statistics and comparisons over time.

use benches::index::K;
use benches::index::contenders::builders;
use benches::index::workload::{PREDICATES, World};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const SEED: u64 = 110;

fn nearest(criterion: &mut Criterion) {
    for size in [2_000, 100_000, 1_000_000] {
        let mut world = World::new(SEED, size);
        let questions = world.questions(1_024);
        for build in builders() {
            let contender = build(&world.units).expect("the world suits every contender");
            for predicate in PREDICATES.into_iter().filter(|one| one.bit == 0 || contender.filters()) {
                let mut group = criterion.benchmark_group(format!("nearest/{size}/{}", predicate.name));
                let mut found = Vec::with_capacity(K);
                let mut next = questions.iter().cycle();
                group.bench_function(BenchmarkId::from_parameter(contender.name()), |bencher| {
                    bencher.iter(|| {
                        found.clear();
                        let question = next.next().expect("a cycle has no end");
                        contender.nearest(black_box(question), K, predicate, &mut found);
                        black_box(&found);
                    });
                });
                group.finish();
            }
        }
    }
}

fn moves(criterion: &mut Criterion) {
    for size in [2_000, 100_000, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("move/{size}"));
        for build in builders() {
            let mut world = World::new(SEED, size);
            let mut contender = build(&world.units).expect("the world suits every contender");
            if !contender.moves() {
                continue;
            }
            // Long enough that a unit's next step is rarely still in the cache when the cycle begins anew.
            let steps = world.steps(200_000);
            let mut next = steps.iter().cycle();
            group.bench_function(BenchmarkId::from_parameter(contender.name()), |bencher| {
                bencher.iter(|| {
                    let step = next.next().expect("a cycle has no end");
                    contender.step(black_box(step)).expect("no two units stand at one place");
                });
            });
        }
        group.finish();
    }
}

criterion_group!(index, nearest, moves);
criterion_main!(index);
