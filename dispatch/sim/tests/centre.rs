//! The world beside the real rules: what crews, callers and operators ask is decided by the core, in this process and
//! without a clock. Leaves out the writer, the store and the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use dispatch_core::command::{AdoptRegion, Tick};
use dispatch_core::event::{
    AlarmRaised, AlarmRepeated, Event, JournalOpened, Record, TechnicalRaised, TechnicalRepeated,
};
use dispatch_core::kernel::evidence::Evidence;
use dispatch_core::kernel::id::{ActorId, CommandId, DeskId, IncidentId, JournalId};
use dispatch_core::kernel::kind::{Channel, IncidentState, OrderState};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::recommendation::Need;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::register::{
    Area, Desk, IncidentType, Kind, Organisation, PointEntry, Register, RunCard, Seat, UnitEntry,
};
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::state::State;
use dispatch_core::view::View;
use dispatch_core::{
    Geography, LiveMap, UnitFix, apply, changed_units, changed_views, decide, gather, record,
};
use dispatch_sim::message::{Body, Intent, Message, Reply};
use dispatch_sim::{Scene, Settings, World};
use region::Package;
use uuid::Uuid;

const START: Time = Time(1_767_830_400_000_000);
const SECOND: i64 = 1_000_000;
const DAY: LocalTime = LocalTime::noon(20_260_108);

static SCENE: LazyLock<Arc<Scene>> = LazyLock::new(|| {
    let files = region::embedded("xilingol").expect("it is embedded");
    Arc::new(Scene::of(&Package::read(&files).expect("it has no fault")))
});

/// The scene as a register, as far as the rules ask for it: one unit to an incident, of any class.
fn register(scene: &Scene) -> Register {
    let path = |text: &str| AreaPath(text.split('/').map(Into::into).collect());
    let mut register = Register { region: "test".to_owned(), label_level: 1, ..Register::default() };
    for point in &scene.points {
        let at = path(&point.path);
        for depth in 1..=at.0.len() {
            let path = AreaPath(at.0[..depth].to_vec());
            register
                .areas
                .insert(at.0[depth - 1].clone(), Area { path, class: None, names: BTreeMap::new() });
        }
        let entry = PointEntry {
            number: point.number.clone(),
            names: BTreeMap::new(),
            at: point.at,
            area: at,
            kind: "phone".to_owned(),
            keeper: BTreeMap::new(),
            organisation: None,
            neighbours: Vec::new(),
            retired: false,
        };
        register.points.insert(point.id.clone(), entry);
    }
    for (desk, seats) in &scene.seats {
        // Desks of the package are named by their area.
        let area =
            register.areas.get(&desk.as_str().into()).map(|area| area.path.clone()).unwrap_or_default();
        let entry = Desk {
            parent: scene.parents.get(desk).cloned(),
            area,
            code: desk.to_string(),
            names: BTreeMap::new(),
        };
        register.desks.insert(desk.clone(), entry);
        register.trunks.extend(scene.trunks.get(desk).map(|trunk| (trunk.clone(), desk.clone())));
        for (seat, role) in seats {
            let seat_entry = Seat { desk: desk.clone(), role: *role, names: BTreeMap::new() };
            register.seats.insert(seat.clone(), seat_entry);
        }
    }
    for kind in &scene.types {
        let entry = IncidentType {
            names: BTreeMap::new(),
            priority: kind.priority,
            weapon: false,
            sensitive: false,
            automatic: None,
        };
        register.types.insert(kind.code.clone(), entry);
    }
    register.run_cards = vec![RunCard {
        incident_type: None,
        area: AreaPath::default(),
        hours: None,
        level: 1,
        needs: vec![Need { count: 1, capabilities: BTreeSet::new(), classes: BTreeSet::new() }],
        forbidden: BTreeSet::new(),
    }];
    register.organisations.insert("any".into(), Organisation { parent: None, names: BTreeMap::new() });
    register.kinds = vec![Kind { code: "any".into(), class: true, names: BTreeMap::new() }];
    register.movers = vec![BTreeMap::new()];
    for (slot, unit) in scene.units.iter().enumerate() {
        let entry = UnitEntry {
            call_sign: unit.id.to_string(),
            plate: String::new(),
            phone: None,
            crew: 2,
            class: "any".into(),
            capabilities: BTreeSet::new(),
            organisation: "any".into(),
            desk: unit.desk.clone(),
            area: register.desks.get(&unit.desk).map(|desk| desk.area.clone()).unwrap_or_default(),
            beat: None,
            home: unit.home,
            mover: 0,
            // A steppe's readiness makes a long test: crews are called to stand by.
            readiness_ms: 60_000,
            speed_max_cm_s: 2_000,
            slot: u32::try_from(slot).expect("a few thousand"),
            retired: false,
        };
        register.units.insert(unit.id.clone(), entry);
    }
    register
}

/// The rules with a state, and who was refused what.
struct RulesCentre {
    state: State,
    live_map: LiveMap,
    seq: u64,
    commands: u128,
    refused: BTreeMap<(&'static str, String), u32>,
}

impl RulesCentre {
    fn open(scene: &Scene) -> Self {
        let live_map = LiveMap::new(Geography::default()).expect("the default region has paces");
        let mut centre =
            Self { state: State::default(), live_map, seq: 0, commands: 0, refused: BTreeMap::new() };
        let opened = Event::JournalOpened(JournalOpened {
            journal: JournalId(Uuid::from_u128(1)),
            clock: "wall".to_owned(),
        });
        let system = centre.envelope(&Intent::of_device("system", START, Tick {}));
        centre.commit(&system, vec![opened], START);
        let duties = scene.units.iter().map(|unit| (unit.id.clone(), unit.duty)).collect();
        let adopt = AdoptRegion { hash: "test".to_owned(), register: Box::new(register(scene)), duties };
        let adopt = Intent { channel: Channel::System, ..Intent::of_device("system", START, adopt) };
        centre.ask(&adopt, START).expect("the register is whole");
        let state = &centre.state;
        centre.live_map.sync_all(state);
        centre
    }

    fn envelope(&mut self, intent: &Intent) -> dispatch_core::command::Envelope {
        self.commands += 1;
        // A v7 id of this very moment; the random part counts.
        let millis = u128::try_from(intent.occurred_at.0 / 1_000).expect("after 1970");
        let id = Uuid::from_u128((millis << 80) | (0x7 << 76) | (0x2 << 62) | self.commands);
        dispatch_core::command::Envelope {
            id: CommandId(id),
            actor: intent.actor.clone(),
            on_behalf_of: None,
            seat: intent.seat.clone(),
            channel: intent.channel,
            occurred_at: Some(intent.occurred_at),
            command: intent.command.clone(),
        }
    }

    fn ask(&mut self, intent: &Intent, now: Time) -> Result<Vec<Record>, Refusal> {
        let envelope = self.envelope(intent);
        let evidence: Evidence = gather(&self.state, &self.live_map, &envelope, now, DAY);
        let events = decide(&self.state, &evidence, &envelope, now)?;
        Ok(self.commit(&envelope, events, now))
    }

    fn commit(
        &mut self,
        envelope: &dispatch_core::command::Envelope,
        events: Vec<Event>,
        now: Time,
    ) -> Vec<Record> {
        let mut records = Vec::new();
        for event in events {
            self.seq += 1;
            let row = record(&self.state, envelope, event, self.seq, now);
            apply(&mut self.state, &row);
            records.push(row);
        }
        for unit in changed_units(&self.state, &records) {
            self.live_map.sync_unit(&self.state, &unit);
        }
        records
    }

    /// Takes a message of the world and tells the world what came of it.
    fn take(&mut self, message: &Message, world: &mut World) {
        match &message.body {
            Body::Fix(fix) => {
                let fix = UnitFix {
                    unit: fix.unit.clone(),
                    at: fix.at,
                    fix_time: fix.fix_time,
                    device_time: None,
                    received_at: message.at,
                    speed_cm_s: u16::try_from(fix.speed_cm_s).expect("nobody is that fast"),
                    heading_deg: fix.heading_deg,
                    accuracy_m: None,
                };
                self.live_map.positions(&self.state, &mut [fix], message.at, |_, _| ());
            }
            Body::Intent(intent) => match self.ask(intent, message.at) {
                Ok(records) => {
                    world.answered(message.serial, &accepted(&records));
                    world.hear(&changed_views(&self.state, &records));
                }
                Err(refusal) => {
                    let code = code(&refusal);
                    *self.refused.entry((intent.command.name(), code)).or_default() += 1;
                    world.answered(message.serial, &Reply::Refused(Box::new(refusal)));
                }
            },
        }
    }

    fn tick(&mut self, now: Time, world: &mut World) {
        let tick = Intent { channel: Channel::System, ..Intent::of_device("system", now, Tick {}) };
        if let Ok(records) = self.ask(&Intent { actor: ActorId::from("system"), ..tick }, now)
            && !records.is_empty()
        {
            world.hear(&changed_views(&self.state, &records));
        }
    }

    fn live(&mut self, world: &mut World, seconds: i64) {
        let end = world.now().0 + seconds * SECOND;
        while world.now().0 < end {
            let messages = world.step(Time(world.now().0 + SECOND));
            for message in messages {
                self.take(&message, world);
            }
            let now = world.now();
            self.tick(now, world);
        }
    }
}

/// The code a refusal goes by on the wire.
fn code(refusal: &Refusal) -> String {
    let value = serde_json::to_value(refusal).expect("refusals are plain");
    value["code"].as_str().expect("they are tagged by it").to_owned()
}

fn accepted(records: &[Record]) -> Reply {
    let mut reply = (None, None);
    for record in records {
        match &record.event {
            Event::AlarmRaised(AlarmRaised { alarm, .. })
            | Event::AlarmRepeated(AlarmRepeated { alarm, .. }) => {
                reply.0 = Some(*alarm);
            }
            Event::TechnicalRaised(TechnicalRaised { technical, .. })
            | Event::TechnicalRepeated(TechnicalRepeated { technical }) => reply.1 = Some(*technical),
            _ => {}
        }
    }
    Reply::Accepted { alarm: reply.0, technical: reply.1 }
}

fn settings() -> Settings {
    Settings { operators: 14, ..Settings::default() }
}

fn open_incidents(state: &State) -> BTreeSet<IncidentId> {
    let active = state.incidents().values().filter(|incident| incident.state == IncidentState::Active);
    active.map(|incident| incident.id).collect()
}

#[test]
fn a_desk_where_somebody_sits_is_left_to_whoever_that_is() {
    let mut centre = RulesCentre::open(&SCENE);
    let mut world = World::new(Arc::clone(&SCENE), settings(), 21, START);
    world.hear_all(&View::all(&centre.state).collect::<Vec<View>>());
    let desk = DeskId::from("152502");
    world.attend(SCENE.seats[&desk].iter().take(1).map(|(seat, _)| seat.clone()));
    centre.live(&mut world, 600);
    let answered = |ours: bool| {
        let alarms = centre.state.alarms().values().filter(|alarm| (alarm.desk == desk) == ours);
        let waits = alarms.filter_map(|alarm| Some(alarm.answered.as_ref()?.0.0 - alarm.received_at.0));
        waits.min().unwrap() / SECOND
    };
    assert!(
        answered(true) >= 60,
        "what rings here rings for whoever sits here, and is not left to ring for ever"
    );
    assert!(answered(false) < 10, "others are answered");
}

#[test]
fn a_morning_goes_its_course_by_the_real_rules() {
    let mut centre = RulesCentre::open(&SCENE);
    let mut world = World::new(Arc::clone(&SCENE), settings(), 21, START);
    world.hear_all(&View::all(&centre.state).collect::<Vec<View>>());
    centre.live(&mut world, 3 * 3_600);
    let state = &centre.state;
    let ringing = state.alarms().values().filter(|alarm| alarm.state == AlarmState::Ringing).count();
    let answered = state.alarms().values().filter(|alarm| alarm.state == AlarmState::Answered).count();
    assert!(state.alarms().len() > 400, "{} alarms came", state.alarms().len());
    assert!(ringing < 12 && answered < 20, "{ringing} ring and {answered} are talked to: the centre drowns");
    let by_state = |wanted| state.incidents().values().filter(|incident| incident.state == wanted).count();
    let (active, closed) = (by_state(IncidentState::Active), by_state(IncidentState::Closed));
    assert!(closed > 150, "{closed} closed, {active} active");
    let cleared = state.orders().values().filter(|order| order.state == OrderState::Cleared).count();
    assert!(cleared >= closed, "{cleared} orders cleared for {closed} incidents closed");
    let unattended = open_incidents(state)
        .into_iter()
        .filter(|id| state.incidents()[id].orders.is_empty())
        .filter(|id| state.incidents()[id].created_at.0 < world.now().0 - 900 * SECOND)
        .count();
    assert!(
        unattended * 20 < state.incidents().len(),
        "{unattended} incidents of {active} nobody was sent to"
    );
    assert!(!centre.refused.keys().any(|(name, _)| *name == "raise_alarm"), "an alarm is never refused");
    let asked = u32::try_from(world.tally().operator_acts + world.tally().reports).expect("a morning's");
    let refused: u32 = centre.refused.values().sum();
    assert!(refused * 4 < asked, "{refused} of {asked} refused: {:?}", centre.refused);
    assert!(
        !centre.refused.keys().any(|(_, code)| matches!(code.as_str(), "unknown" | "seat_required")),
        "{:?}",
        centre.refused
    );
}

#[test]
fn a_simulator_started_again_goes_on_with_what_is_open() {
    let mut centre = RulesCentre::open(&SCENE);
    let mut world = World::new(Arc::clone(&SCENE), settings(), 22, START);
    world.hear_all(&View::all(&centre.state).collect::<Vec<View>>());
    centre.live(&mut world, 1_800);
    let open = open_incidents(&centre.state);
    assert!(open.len() > 20, "{}", open.len());
    // Another seed, nothing remembered, no new calls: only the centre's truth.
    let quiet = Settings { alarms_per_minute: 0.0, sos_per_day: 0.0, technicals_per_hour: 0.0, ..settings() };
    let mut again = World::new(Arc::clone(&SCENE), quiet, 23, world.now());
    again.hear_all(&View::all(&centre.state).collect::<Vec<View>>());
    centre.live(&mut again, 5 * 3_600);
    let still = open_incidents(&centre.state);
    let left = open.intersection(&still).count();
    eprintln!("{left} of {} still open; refused {:?}", open.len(), centre.refused);
    assert!(left * 5 < open.len(), "{left} of {} are still open", open.len());
    let orders = centre.state.orders().values().filter(|order| !order.state.is_ended()).count();
    assert!(orders * 5 < open.len(), "{orders} orders are still open");
}
