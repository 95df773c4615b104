//! What a run says of what was asked of the stores.

use super::Both;
use super::ground::Kind;
use crate::figures::Goal;

/// Judges it.
pub fn judge(both: &Both) -> Vec<Goal> {
    let mut goals = Vec::new();
    for figures in &both.stores {
        let kind = figures.store;
        if kind == Kind::Postgres {
            // The lower of the two: a disk that was busy while commits were measured would make the goal easy.
            let commit = figures.raw.map(|raw| raw.commit.p99_us).into_iter().fold(f64::INFINITY, f64::min);
            for (whose, commit) in [("one row's", commit), ("its own", figures.commit.p99_us)] {
                goals.push(Goal::at_most(
                    format!("postgres, alarm to console: p99 / ({whose} commit p99 + echo p99)"),
                    figures.alarm.frame.p99_us / (commit + both.echo.p99_us),
                    2.0,
                ));
            }
        }
        goals.push(Goal::at_most(
            format!("{kind}, ready after kill -9 with {} rows, s", figures.restart.rows),
            figures.restart.ready_s,
            10.0,
        ));
    }
    goals
}
