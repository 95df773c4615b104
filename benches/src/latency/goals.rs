//! Goal 7.

use super::Figures;
use crate::figures::Goal;

/// What a run says of it.
pub fn judge(figures: &Figures) -> Vec<Goal> {
    let mut goals = Vec::new();
    // The cheaper of the two: a disk that was busy while the floor was measured would make the goal easy.
    let [first, last] = figures.floors.map(|floor| floor.commit.p50_us);
    let commit = first.min(last);
    for climb in figures.climbs.iter().filter(|climb| climb.before.posters == 1) {
        let disk = climb.disk(|climb| climb.frame.p50_us);
        let what = format!(
            "7a 1 poster, {}: p50 / (p50 without flush + one commit){}",
            climb.before.source,
            disk.mark()
        );
        goals.push(Goal::at_most(what, disk.mean() / (climb.memory.frame.p50_us + commit), 1.5));
    }
    for (climb, reference) in figures.climbs.iter().zip(&figures.references) {
        let (source, posters) = (reference.source, reference.posters);
        if posters <= 8 {
            let ours = climb.disk(|climb| climb.frame.p50_us);
            let what =
                format!("7b {posters} posters, {source}: p50 of axum + PostGIS over ours{}", ours.mark());
            goals.push(Goal::at_least(what, reference.frame.p50_us / ours.mean(), 4.0));
        } else {
            let ours = climb.disk(|climb| climb.per_s);
            let what = format!("7b {posters} posters, {source}: alarms/s over axum + PostGIS{}", ours.mark());
            goals.push(Goal::at_least(what, ours.mean() / reference.per_s, 5.0));
        }
    }
    goals
}
