//! Random inputs and outcomes against an oracle that knows only what was sent and what was answered.

use std::collections::BTreeMap;

use dispatch_core::command::{AnswerAlarm, CancelIncident, ClaimIncident, Command, SetDuty};
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, UnitId};
use dispatch_core::kernel::kind::Duty;
use dispatch_core::response::incident::CancelReason;
use dispatch_store::Answer;
use dispatch_store::conformance::small_centre::{button, order};
use dispatch_store::memory::Fault;
use dispatch_writer::{Limits, Reply, Request};
use proptest::prelude::*;

use crate::driver::{Driver, call, renamed};

#[derive(Clone, Debug)]
enum Step {
    Call,
    Button(bool),
    Order(usize, u8),
    Claim(usize),
    Cancel(usize),
    Answer(usize),
    Duty(u8, bool),
    /// An earlier request once more.
    Repeat(usize),
    /// The same id with another body.
    Forge(usize),
    Tick(u32),
    Drain,
    Land(u8),
    Recover,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Call),
        3 => any::<bool>().prop_map(Step::Button),
        5 => (any::<usize>(), 0..3u8).prop_map(|(incident, unit)| Step::Order(incident, unit)),
        2 => any::<usize>().prop_map(Step::Claim),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => any::<usize>().prop_map(Step::Answer),
        2 => (0..3u8, any::<bool>()).prop_map(|(unit, on)| Step::Duty(unit, on)),
        4 => any::<usize>().prop_map(Step::Repeat),
        1 => any::<usize>().prop_map(Step::Forge),
        3 => (1..120_000u32).prop_map(Step::Tick),
        6 => Just(Step::Drain),
        8 => any::<u8>().prop_map(Step::Land),
        4 => Just(Step::Recover),
    ]
}

fn pick<T: Copy>(from: impl ExactSizeIterator<Item = T>, at: usize) -> Option<T> {
    let count = from.len();
    from.into_iter().nth(at.checked_rem(count)?)
}

/// The command of a step, if what it needs is there.
fn command(driver: &Driver, step: &Step) -> Option<Command> {
    let state = driver.writer.speculative();
    let incident =
        |at: usize| pick(state.incidents().keys().copied(), at).unwrap_or(IncidentId(uuid::Uuid::nil()));
    let unit = |unit: u8| UnitId::from(format!("u{unit}").as_str());
    Some(match step {
        Step::Call => call().into(),
        Step::Button(first) => button(if *first { "p1" } else { "p2" }).into(),
        Step::Order(at, to) => order(incident(*at), unit(*to).as_str()).into(),
        Step::Claim(at) => {
            ClaimIncident { incident: incident(*at), expected_version: None, take_over: false }.into()
        }
        Step::Cancel(at) => {
            let (incident, reason) = (incident(*at), CancelReason::Mistake);
            CancelIncident { incident, expected_version: None, reason }.into()
        }
        Step::Answer(at) => AnswerAlarm { alarm: pick(state.alarms().keys().copied(), *at)? }.into(),
        Step::Duty(at, on) => {
            SetDuty { unit: unit(*at), duty: if *on { Duty::Patrolling } else { Duty::Off } }.into()
        }
        _ => return None,
    })
}

struct Run {
    driver: Driver,
    requests: Vec<Request>,
}

impl Run {
    fn step(&mut self, step: &Step) {
        let driver = &mut self.driver;
        driver.now = driver.now.plus_ms(37);
        match step {
            Step::Repeat(at) | Step::Forge(at) => {
                let Some(first) = at.checked_rem(self.requests.len()).map(|at| self.requests[at].clone())
                else {
                    return;
                };
                let mut again = driver.again(&first);
                if matches!(step, Step::Forge(_)) {
                    again.fingerprint = [9; 32];
                }
                self.requests.push(again.clone());
                driver.send(again);
            }
            Step::Tick(ms) => driver.tick(*ms),
            Step::Drain => driver.drain(),
            Step::Land(fault) => {
                if !driver.airborne.is_empty() {
                    let fault = match fault % 8 {
                        0 => Fault::NotCommitted,
                        1 => Fault::UnknownLost,
                        2 => Fault::UnknownCommitted,
                        _ => Fault::None,
                    };
                    driver.land_with(fault);
                }
            }
            Step::Recover => drop(driver.recover()),
            step => {
                if let Some(command) = command(driver, step) {
                    let request = driver.request(command);
                    self.requests.push(request.clone());
                    driver.send(request);
                }
            }
        }
    }

    /// What every command came to, by what was answered to it and by nothing else.
    fn check(&self) {
        let records = self.driver.store.records_now().unwrap();
        let mut blocks: BTreeMap<(ActorId, CommandId), Vec<(u64, u64)>> = BTreeMap::new();
        for record in &records {
            let of_command = blocks.entry((record.actor.clone(), record.command)).or_default();
            match of_command.last_mut() {
                Some((_, last)) if *last + 1 == record.seq => *last = record.seq,
                _ => of_command.push((record.seq, record.seq)),
            }
        }
        for request in &self.requests {
            let reply = self.driver.replies.get(&request.token).expect("every request is answered");
            let forged = request.fingerprint == [9; 32];
            let own = renamed(&request.key(), request.fingerprint);
            let block = blocks.get(&own).or_else(|| blocks.get(&request.key()));
            let block = block.map_or(&[][..], Vec::as_slice);
            assert!(block.len() <= 1, "a command is in the journal once: {block:?}");
            match reply {
                Reply::Answer(Answer::Accepted(accepted)) | Reply::Repeated(Answer::Accepted(accepted)) => {
                    assert_eq!(
                        block.first().map_or(0, |(_, last)| *last),
                        accepted.seq,
                        "an acknowledged command is there"
                    );
                    assert!(!forged || request.is_alarm() || self.was_first(request));
                }
                Reply::Answer(Answer::Refused(_)) | Reply::Repeated(Answer::Refused(_)) => {
                    assert_eq!(block, [], "a refused command is not");
                }
                Reply::NotRecorded | Reply::Conflict => {}
                Reply::Busy { .. } | Reply::Expired | Reply::Halted => {
                    panic!("nothing is full, old or lost here")
                }
            }
            if request.is_alarm() && !forged {
                assert_eq!(block.len(), 1, "an alarm is journalled whatever its sender was told");
            }
        }
    }

    /// A forged request may be the first of its id that was ever decided: its twin was turned away before.
    fn was_first(&self, request: &Request) -> bool {
        self.requests.iter().any(|other| {
            other.key() == request.key()
                && other.fingerprint != request.fingerprint
                && matches!(self.driver.replies[&other.token], Reply::NotRecorded | Reply::Conflict)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn acknowledged_is_there_once_and_refused_is_not(steps in proptest::collection::vec(step(), 1..120), small in any::<bool>()) {
        let limits = if small {
            Limits { batch_commands_max: 2, snapshot_rows: 7, ..Limits::default() }
        } else {
            Limits { snapshot_rows: 20, ..Limits::default() }
        };
        let mut run = Run { driver: Driver::new(limits), requests: Vec::new() };
        for step in &steps {
            run.step(step);
        }
        run.driver.settle();
        run.check();
    }
}
