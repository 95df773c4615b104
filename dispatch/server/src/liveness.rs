//! Point liveness: when each alarm point was last heard, by heartbeat or alarm, and the technical alarms of those that
//! fell silent.
//!
//! A heartbeat is a receipt, not a journal entry: what was heard is in memory and begins anew with the process. So only a
//! point heard since then can fall silent, and none does before the node has listened for as long as silence takes. How
//! long that is, the region says (`thresholds.point_silent_s`). Raising and clearing go the way of every command.
//!
//! Times here are since the machine was started: a clock that is corrected makes nobody silent, and nobody heard.
//!
//! Leaves out: shelving and suppression, which are an operator's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dispatch_core::command::{ClearTechnical, Command, RaiseTechnical};
use dispatch_core::event::{AlarmRaised, AlarmRepeated, Record};
use dispatch_core::kernel::id::{PointId, TechnicalId};
use dispatch_core::kernel::time::Time;
use dispatch_core::register::speaker::is_not;
use dispatch_core::state::State;
use dispatch_core::technical::TechnicalKind;
use tokio::sync::watch;

use crate::gate::Gate;
use crate::logs;
use crate::metrics::Metrics;
use crate::region::InForce;
use crate::truth::Truth;

/// The cause of the technical alarm; screens translate it.
pub const SILENT: &str = "point_silent";
/// Raised and cleared in one round; the others have their turn in the next. When the line to all points breaks, the
/// list fills at a pace people can read and commands of people do not wait.
const ROUND_MAX: usize = 64;
/// Rounds within the time silence takes.
const ROUNDS: u32 = 10;
/// Between two rounds at least and at most.
const ROUND_REAL: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(10));

/// Last heard, by alarm point.
#[derive(Debug)]
pub struct Liveness {
    /// Since when the node has listened.
    since: Time,
    heard: Mutex<BTreeMap<PointId, Time>>,
}

impl Liveness {
    /// Nothing heard yet.
    pub fn new(since: Time) -> Self {
        Self { since, heard: Mutex::default() }
    }

    /// These were heard. An earlier time changes nothing.
    pub fn hear(&self, points: impl IntoIterator<Item = PointId>, at: Time) {
        let mut heard = self.held();
        for point in points {
            let last = heard.entry(point).or_insert(at);
            *last = at.max(*last);
        }
    }

    /// The points whose alarms were recorded were heard: a press says as much as a heartbeat, unless another speaks of it.
    pub fn hear_alarms(&self, records: &[Record], state: &State, at: Time) {
        let alarms = records.iter().filter_map(|record| {
            let raised = record.event.get::<AlarmRaised>().and_then(|raised| raised.point.clone());
            let repeated = record.event.get::<AlarmRepeated>();
            let of_known = || state.alarms().get(&repeated?.alarm)?.point.clone();
            raised.or_else(of_known).filter(|point| !is_not(point, &record.actor))
        });
        self.hear(alarms, at);
    }

    /// When a point was last heard, if it was since the node began to listen.
    pub fn last(&self, point: &PointId) -> Option<Time> {
        self.held().get(point).copied()
    }

    /// How many were ever heard, and how many of those are silent.
    pub fn count(&self, now: Time, silent_ms: u32) -> (usize, usize) {
        let heard = self.held();
        (heard.len(), heard.values().filter(|at| now.ms_since(**at) > silent_ms).count())
    }

    /// What is to be said now: of each point that fell silent once, and of each that is heard again.
    fn due(&self, state: &State, now: Time, silent_ms: u32) -> Vec<Command> {
        if now.ms_since(self.since) <= silent_ms {
            return Vec::new();
        }
        let open: BTreeMap<&PointId, TechnicalId> = state
            .technicals()
            .values()
            .filter(|known| known.kind == TechnicalKind::Link && known.cause == SILENT)
            .filter_map(|known| Some((known.point.as_ref()?, known.id)))
            .collect();
        let known = |point: &PointId| state.register().points.get(point).is_some_and(|entry| !entry.retired);
        let said = |(point, at): (&PointId, &Time)| match (now.ms_since(*at) > silent_ms, open.get(point)) {
            (true, None) if known(point) => Some(
                RaiseTechnical {
                    kind: TechnicalKind::Link,
                    cause: SILENT.to_owned(),
                    point: Some(point.clone()),
                    unit: None,
                }
                .into(),
            ),
            (false, Some(technical)) => Some(ClearTechnical { technical: *technical }.into()),
            _ => None,
        };
        self.held().iter().filter_map(said).take(ROUND_MAX).collect()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<PointId, Time>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What of the node [`watch()`] works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// When each point was last heard.
    pub liveness: Arc<Liveness>,
    /// Which points there are and which are said to be silent, and the time.
    pub truth: Truth,
    /// The region package in force: how long silence takes.
    pub region: InForce,
    /// The way of raising and clearing.
    pub gate: Arc<Gate>,
    /// Points heard and silent are counted here.
    pub metrics: Arc<Metrics>,
}

/// Looks for points that fell silent or are heard again, until the node stops. One command after the other, each
/// committed before the next look: no point gets two alarms.
pub async fn watch(parts: Parts, mut stop: watch::Receiver<bool>) {
    let Parts { liveness, truth, region, gate, metrics } = parts;
    loop {
        let silent_ms = region.get().package().register.thresholds.point_silent_ms;
        let pause = truth.clock().until(truth.clock().now().plus_ms(silent_ms / ROUNDS));
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(pause.clamp(ROUND_REAL.0, ROUND_REAL.1)) => {}
        }
        let now = truth.clock().elapsed();
        let due = liveness.due(&truth.state(), now, silent_ms);
        for command in due {
            if let Err(error) = gate.own(command).await {
                // The journal is closed or a lane is full: the next round says it again.
                tracing::debug!(error = logs::told(&error), "a silent point waits");
                break;
            }
        }
        let (heard, silent) = liveness.count(now, silent_ms);
        for (state, count) in [("heard", heard), ("silent", silent)] {
            metrics.set("ortoo_points", &[("state", state)], i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::sample::Centre;

    const SILENT_MS: u32 = 300_000;

    fn said(centre: &mut Centre, liveness: &Liveness) -> Vec<&'static str> {
        let due = liveness.due(&centre.state, centre.now, SILENT_MS);
        let names = due.iter().map(Command::name).collect();
        for command in due {
            centre.send(None, command).unwrap();
        }
        names
    }

    #[test]
    fn a_point_that_was_heard_and_fell_silent_raises_one_alarm_until_it_is_heard_again() {
        let mut centre = Centre::new();
        let liveness = Liveness::new(centre.now);
        liveness.hear(["P1".into(), "P2".into(), "stranger".into()], centre.now);
        centre.now = centre.now.plus_ms(SILENT_MS);
        assert!(said(&mut centre, &liveness).is_empty(), "not yet");
        liveness.hear(["P2".into()], centre.now);
        centre.now = centre.now.plus_ms(1);
        assert_eq!(said(&mut centre, &liveness), ["raise_technical"]);
        let raised = centre.state.technicals().values().next().unwrap();
        assert_eq!((raised.cause.as_str(), raised.point.clone()), (SILENT, Some("P1".into())));
        assert!(said(&mut centre, &liveness).is_empty(), "never two for one point");
        assert_eq!(liveness.count(centre.now, SILENT_MS), (3, 2));
        liveness.hear(["P1".into()], centre.now);
        assert_eq!(said(&mut centre, &liveness), ["clear_technical"]);
        assert!(centre.state.technicals().is_empty());
    }

    #[test]
    fn an_alarm_counts_as_heard_and_a_point_never_heard_is_not_judged() {
        let mut centre = Centre::new();
        let liveness = Liveness::new(centre.now);
        let press = dispatch_core::command::RaiseAlarm {
            point: Some("P2".into()),
            ..dispatch_core::command::RaiseAlarm::of(dispatch_core::response::alarm::AlarmSource::Button)
        };
        let mut of_another = centre.device("N1", press.clone());
        for another in ["unit:N1", "point:P1"] {
            of_another.actor = another.into();
            let records = centre.decide(&of_another).unwrap();
            liveness.hear_alarms(&records, &centre.state, centre.now);
            assert_eq!(liveness.last(&"P2".into()), None, "{another} is not P2");
        }
        let records = centre.send(None, press).unwrap();
        liveness.hear_alarms(&records, &centre.state, centre.now);
        assert_eq!(liveness.last(&"P2".into()), Some(centre.now));
        centre.now = centre.now.plus_ms(SILENT_MS + 1);
        assert_eq!(said(&mut centre, &liveness), ["raise_technical"], "P2 alone");
    }

    #[test]
    fn after_a_start_nobody_is_silent_before_the_node_has_listened_long_enough() {
        let mut centre = Centre::new();
        let long_ago = centre.now;
        centre.now = centre.now.plus_ms(2 * SILENT_MS);
        let liveness = Liveness::new(centre.now);
        liveness.hear(["P1".into()], long_ago);
        assert!(said(&mut centre, &liveness).is_empty());
        centre.now = centre.now.plus_ms(SILENT_MS + 1);
        assert_eq!(said(&mut centre, &liveness), ["raise_technical"]);
    }

    #[test]
    fn when_everything_falls_silent_a_round_says_a_bounded_number() {
        let mut centre = Centre::new();
        let entry = centre.state.register().points[&"P1".into()].clone();
        let names: Vec<PointId> = (0..200).map(|n| format!("X{n:03}").as_str().into()).collect();
        centre
            .state
            .register_mut()
            .register()
            .points
            .extend(names.iter().map(|name| (name.clone(), entry.clone())));
        let liveness = Liveness::new(centre.now);
        liveness.hear(names, centre.now);
        centre.now = centre.now.plus_ms(SILENT_MS + 1);
        let rounds: Vec<usize> = (0..5).map(|_| said(&mut centre, &liveness).len()).collect();
        assert_eq!(rounds, [64, 64, 64, 8, 0]);
    }
}
