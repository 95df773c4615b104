//! The day is the seed's: byte for byte the same however it is cut into steps, with believable bodies and the shares
//! of bad calls that were asked for.

#![expect(clippy::cast_precision_loss, reason = "counts and seconds of a day are small")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use dispatch_core::Coord;
use dispatch_core::command::Command;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_sim::ground::metres;
use dispatch_sim::message::{Body, Message};
use dispatch_sim::{Scene, Settings, Storm, World};
use region::Package;

/// 8 January 2026, 08:00 in the league.
const START: Time = Time(1_767_830_400_000_000);
const SECOND: i64 = 1_000_000;

static SCENE: LazyLock<Arc<Scene>> = LazyLock::new(|| {
    let files = region::embedded("xilingol").expect("it is embedded");
    Arc::new(Scene::of(&Package::read(&files).expect("it has no fault")))
});

/// The same region without units: only what callers do.
fn callers_only() -> Arc<Scene> {
    let mut scene = Scene::clone(&SCENE);
    scene.units.clear();
    Arc::new(scene)
}

fn lived(seed: u64, seconds: i64, step_s: i64) -> Vec<Message> {
    let mut world = World::new(Arc::clone(&SCENE), Settings::default(), seed, START);
    let mut messages = Vec::new();
    let mut at = 0;
    while at < seconds {
        at = (at + step_s).min(seconds);
        messages.append(&mut world.step(Time(START.0 + at * SECOND)));
    }
    messages
}

fn hash(messages: &[Message]) -> blake3::Hash {
    blake3::hash(&serde_json::to_vec(messages).expect("messages are plain"))
}

#[test]
fn the_same_seed_is_the_same_day_in_any_steps() {
    let day = lived(1, 3_600, 1);
    assert!(day.len() > 20_000, "an hour says {} things", day.len());
    assert_eq!(hash(&day), hash(&lived(1, 3_600, 47)));
    assert_ne!(hash(&day), hash(&lived(2, 3_600, 47)));
    assert!(
        day.iter().enumerate().all(|(at, message)| message.serial == at as u64 + 1),
        "serials are gapless"
    );
    assert!(day.windows(2).all(|pair| pair[0].at <= pair[1].at), "time does not run back");
}

#[test]
fn nobody_is_faster_than_his_mover() {
    let fastest: BTreeMap<_, _> =
        SCENE.units.iter().map(|unit| (unit.id.clone(), SCENE.ground.fastest(unit.mover))).collect();
    let mut fixes: BTreeMap<_, Vec<(Time, Coord)>> = BTreeMap::new();
    let (mut moving, mut sum) = (0_u32, 0.0);
    for message in lived(3, 3_600, 60) {
        let Body::Fix(fix) = message.body else { continue };
        let limit = fastest[&fix.unit];
        let speed = f64::from(fix.speed_cm_s) / 100.0;
        assert!(speed <= limit + 0.01, "{} says {speed} of {limit} m/s", fix.unit);
        if speed > 1.0 {
            (moving, sum) = (moving + 1, sum + speed / limit);
        }
        fixes.entry(fix.unit).or_default().push((fix.fix_time, fix.at));
    }
    assert!(moving > 5_000, "{moving} fixes of moving units");
    let mean = sum / f64::from(moving);
    assert!((0.3..0.8).contains(&mean), "patrols drive at {mean} of what they could");
    for (unit, mut fixes) in fixes {
        fixes.sort_unstable();
        for pair in fixes.windows(2) {
            let seconds = (pair[1].0.0 - pair[0].0.0) as f64 / SECOND as f64;
            // A bad fix lies up to some 200 m off, twice.
            let reach = fastest[&unit] * seconds + 400.0;
            let driven = metres(pair[0].1, pair[1].1);
            assert!(driven <= reach, "{unit} went {driven} m in {seconds} s");
        }
    }
}

#[test]
fn most_units_are_silent_between_heartbeats_and_a_minority_patrols() {
    let mut per_unit: BTreeMap<_, u32> = BTreeMap::new();
    for message in lived(4, 3_600, 60) {
        if let Body::Fix(fix) = message.body {
            *per_unit.entry(fix.unit).or_default() += 1;
        }
    }
    assert_eq!(per_unit.len(), SCENE.units.len(), "everybody gives a sign in an hour");
    let silent = per_unit.values().filter(|&&fixes| fixes < 25).count();
    let share = silent as f64 / SCENE.units.len() as f64;
    assert!((0.6..0.97).contains(&share), "{share} of the units are on call");
    let chatty = per_unit.values().filter(|&&fixes| fixes > 150).count();
    assert!(chatty * 20 > SCENE.units.len(), "{chatty} patrol");
}

#[test]
fn bad_calls_and_repeats_have_the_shares_asked_for() {
    let settings =
        Settings { technicals_per_hour: 0.0, operators: 0, alarms_per_minute: 20.0, ..Settings::default() };
    let mut world = World::new(callers_only(), settings.clone(), 5, START);
    let messages = world.step(Time(START.0 + 86_400 * SECOND));
    let tally = world.tally();
    let alarms = tally.alarms as f64;
    assert_eq!(messages.len() as u64, tally.alarms);
    let expected = settings.alarms_per_minute * 1_440.0;
    assert!((alarms / expected - 1.0).abs() < 0.05, "{alarms} alarms for {expected}");
    // Idle calls have no second caller, so their share of all alarms is a little below their share of first calls.
    let first = alarms - tally.repeated as f64;
    let near = |count: u64, share: f64| (count as f64 / first - share).abs() < 0.012;
    assert!(near(tally.hung_up, settings.hung_up), "{tally:?}");
    assert!(near(tally.silent, settings.silent), "{tally:?}");
    assert!(near(tally.idle, settings.idle), "{tally:?}");
    let happenings = first - (tally.hung_up + tally.silent + tally.idle) as f64;
    let repeats = tally.repeated as f64 / happenings;
    assert!((repeats - settings.repeated * 2.0).abs() < 0.04, "{repeats} repeats per happening");
    let flaws = |wanted: fn(&dispatch_core::command::RaiseAlarm) -> bool| {
        messages.iter().filter(|message| alarm(message).is_some_and(wanted)).count() as f64
    };
    assert!(
        flaws(|alarm| alarm.place.is_none() && alarm.number.is_none() && alarm.point.is_none()) / alarms
            > 0.05
    );
    assert!(flaws(|alarm| alarm.source == AlarmSource::Point) / alarms > 0.2);
    assert!(flaws(|alarm| alarm.source == AlarmSource::Sms) > 0.0);
}

#[test]
fn evenings_are_busier_than_the_hours_before_dawn() {
    let settings =
        Settings { technicals_per_hour: 0.0, operators: 0, alarms_per_minute: 20.0, ..Settings::default() };
    let mut world = World::new(callers_only(), settings, 6, START);
    let mut by_hour = Vec::new();
    for hour in 1..=24 {
        by_hour.push(world.step(Time(START.0 + hour * 3_600 * SECOND)).len());
    }
    // The day starts at 08:00: 19-21 h is the 12th and 13th hour, 03-05 h the 20th and 21st.
    let (evening, dawn) = (by_hour[11] + by_hour[12], by_hour[19] + by_hour[20]);
    assert!(evening > dawn * 5 / 2, "{evening} in the evening, {dawn} before dawn");
}

#[test]
fn a_storm_is_as_many_alarms_as_asked_for_in_the_time_and_an_sos() {
    let settings = Settings {
        alarms_per_minute: 0.0,
        sos_per_day: 0.0,
        sos_late: 0.0,
        operators: 0,
        ..Settings::default()
    };
    let mut world = World::new(Arc::clone(&SCENE), settings, 7, START);
    world.storm(&Storm { area: Some("152502".to_owned()), alarms: 50, seconds: 10.0, after_s: 5.0 });
    assert_eq!(world.step(Time(START.0 + 5 * SECOND)).iter().filter_map(alarm).count(), 0, "not yet");
    let messages = world.step(Time(START.0 + 60 * SECOND));
    let calls: Vec<&Message> = messages
        .iter()
        .filter(|message| alarm(message).is_some_and(|alarm| alarm.source != AlarmSource::Sos))
        .collect();
    assert_eq!(calls.len(), 50);
    assert!(calls.iter().all(|call| call.at.0 < START.0 + 15 * SECOND), "within ten seconds");
    assert!(world.tally().repeated > 5, "duplicates are among them: {:?}", world.tally());
    let pressed: Vec<_> =
        messages.iter().filter_map(alarm).filter(|alarm| alarm.source == AlarmSource::Sos).collect();
    assert_eq!(world.tally().sos, 1);
    assert_eq!(pressed.len(), 3, "one press, sent three times");
    assert!(pressed.iter().all(|alarm| alarm.press == pressed[0].press && alarm.press.is_some()));
}

fn alarm(message: &Message) -> Option<&dispatch_core::command::RaiseAlarm> {
    match &message.body {
        Body::Intent(intent) => match &intent.command {
            Command::RaiseAlarm(alarm) => Some(alarm),
            _ => None,
        },
        Body::Fix(_) => None,
    }
}
