//! Random sequences of commands: every invariant holds after each, an independent model agrees, what a console keeps
//! from deltas is what a snapshot shows, and a replay of the journal ends in the same state.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::model::Model;
use super::random::{KINDS, Step, steps};
use crate::event::{AutomaticOrderEnded, Event, Record};
use crate::response::automatic::AutomaticEnd;
use crate::sample::Centre;
use crate::state::State;
use crate::view::View;
use crate::{apply, changed_views, decode, encode, state_hash};

/// A console: a map by kind and id, and nothing more.
type Screen = BTreeMap<(String, String), View>;

fn key(view: &View) -> (String, String) {
    match view {
        View::Gone(gone) => (gone.of.clone(), gone.id.clone()),
        _ => (view.kind().to_owned(), view.id()),
    }
}

fn show(screen: &mut Screen, state: &State, records: &[Record]) {
    for view in changed_views(state, records).into_iter().filter(View::is_streamed) {
        let gone = matches!(view, View::Gone(_));
        let key = key(&view);
        if gone {
            screen.remove(&key);
        } else {
            screen.insert(key, view);
        }
    }
}

/// Runs a sequence with every check, and gives the centre as it is left.
fn run(sequence: &[Step], codes: &mut BTreeSet<String>) -> Centre {
    let mut centre = Centre::new();
    let (mut model, mut screen) = (Model::default(), Screen::new());
    for view in View::all(&centre.state) {
        screen.insert(key(&view), view);
    }
    for step in sequence {
        let before = centre.state.clone();
        let answer = step.send(&mut centre);
        match &answer {
            Ok(records) => {
                for record in records {
                    model.learn(record);
                }
                show(&mut screen, &centre.state, records);
            }
            Err(refusal) => {
                assert_eq!(before, centre.state, "a refusal changes nothing");
                let code = serde_json::to_value(refusal).unwrap()["code"].as_str().unwrap().to_owned();
                codes.insert(code);
            }
        }
        assert_eq!(centre.violations(), Vec::new(), "after {step:?}: {answer:?}");
        model.compare(&centre.state);
    }
    let snapshot: Screen = View::all(&centre.state).map(|view| (key(&view), view)).collect();
    assert!(screen.keys().eq(snapshot.keys()), "deltas add up to a snapshot");
    for (key, view) in &snapshot {
        assert_eq!(&screen[key], view, "deltas add up to a snapshot");
    }
    centre
}

/// The journal read back as bytes, applied from the beginning.
fn replay(records: &[Record]) -> State {
    let mut state = State::default();
    for record in records {
        let (name, v, payload) = encode(&record.event);
        let event = decode(name, v, &payload).expect("what was written is read");
        assert_eq!(event, record.event);
        let row = serde_json::to_vec(record).expect("a record is JSON");
        assert_eq!(serde_json::from_slice::<Record>(&row).expect("a record is read"), *record);
        apply(&mut state, &Record { event, ..record.clone() });
    }
    state
}

fn step() -> impl Strategy<Value = Step> {
    let pass = prop_oneof![8 => 0_u32..5_000, 3 => Just(60_000), 1 => Just(40_000_000)];
    (0..KINDS, any::<u8>(), any::<u8>(), any::<u8>(), pass).prop_map(|(kind, a, b, c, pass_ms)| Step {
        kind,
        a,
        b,
        c,
        pass_ms,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_keeps_every_rule(sequence in prop::collection::vec(step(), 1..120)) {
        let centre = run(&sequence, &mut BTreeSet::new());
        let replayed = replay(&centre.records);
        prop_assert_eq!(state_hash(&replayed), state_hash(&centre.state));
    }
}

#[test]
fn every_event_happens_and_survives_the_journal() {
    let (mut happened, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..32 {
        let centre = run(&steps(seed, 300), &mut codes);
        let replayed = replay(&centre.records);
        assert_eq!(replayed, centre.state);
        assert_eq!(state_hash(&replayed), state_hash(&centre.state));
        happened.extend(centre.records.iter().map(|record| record.event.name()));
    }
    let never: Vec<_> = Event::NAMES.iter().filter(|name| !happened.contains(*name)).collect();
    assert!(never.is_empty(), "these never happened: {never:?}");
    assert!(codes.len() >= 20, "refusals met: {codes:?}");
}

#[test]
fn countdowns_among_people_who_act() {
    // Calls, saved where it is clear who is nearest; ticks; what is allowed, stopped, claimed, changed, dispatched; and
    // crews that get done.
    const KINDS: [u8; 24] =
        [0, 1, 50, 50, 50, 50, 44, 44, 44, 44, 44, 44, 47, 48, 8, 9, 10, 20, 24, 25, 26, 24, 25, 36];
    let mut endings = BTreeSet::new();
    for seed in 0..24 {
        let narrow = |step: Step| Step {
            kind: KINDS[usize::from(step.kind) % KINDS.len()],
            pass_ms: step.pass_ms % 7_000,
            ..step
        };
        let sequence: Vec<Step> = steps(seed, 300).into_iter().map(narrow).collect();
        let centre = run(&sequence, &mut BTreeSet::new());
        assert_eq!(replay(&centre.records), centre.state);
        endings.extend(centre.records.iter().filter_map(|record| match &record.event {
            Event::AutomaticOrderEnded(AutomaticOrderEnded { why, .. }) => Some(*why),
            _ => None,
        }));
    }
    for why in [
        AutomaticEnd::Given,
        AutomaticEnd::Stopped,
        AutomaticEnd::Claimed,
        AutomaticEnd::Reclassified,
        AutomaticEnd::Dispatched,
    ] {
        assert!(endings.contains(&why), "no automatic order ended as {why:?}: {endings:?}");
    }
}
