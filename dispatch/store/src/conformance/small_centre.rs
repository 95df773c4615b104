//! A small centre that decides real commands: one league, one banner, three units, two points. Its batches are what a
//! writer would send.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::Coord;
use dispatch_core::command::{AdoptRegion, Command, Dispatch, Envelope, RaiseAlarm, Tick};
use dispatch_core::event::{ClockCorrected, Event};
use dispatch_core::kernel::about::Fate;
use dispatch_core::kernel::ground::Over;
use dispatch_core::kernel::id::{CommandId, IncidentId, UnitId, WordsId};
use dispatch_core::kernel::kind::{Channel, Priority, Role};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::recommendation::Need;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::register::speaker::SYSTEM;
use dispatch_core::register::{
    Area, Desk, IncidentType, Kind, Names, PointEntry, Register, RunCard, Seat, Timers, UnitEntry,
};
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::screen::on_screen;
use dispatch_core::seek::live_map::{Geography, LiveMap};
use dispatch_core::state::State;

use crate::batch::{Accepted, Answer, Batch, Content, StoredAnswer};
use crate::words::{Words, WordsClass};

/// When the small centre's day begins: 2024-06-01 00:00 UTC.
pub const DAWN: Time = Time(1_717_200_000_000_000);

/// The day all of it happens on.
pub const DAY: LocalTime = LocalTime::noon(20_240_601);

/// A centre without a store: state, live map, and what was decided since the last batch was taken.
pub struct SmallCentre {
    /// Everything decided.
    pub state: State,
    /// Where things are.
    pub live_map: LiveMap,
    /// The time of the next command; every command takes a second.
    pub now: Time,
    batch: Batch,
    minted: u64,
}

impl SmallCentre {
    /// Goes on from a state.
    pub fn from(state: State) -> Self {
        let mut live_map = LiveMap::new(Geography::default()).expect("the default ground can be travelled");
        live_map.sync_all(&state);
        let now = state.now.max(DAWN);
        Self { state, live_map, now, batch: Batch::default(), minted: 0 }
    }

    /// The next command id, a `UUIDv7` of the centre's own time.
    pub fn mint(&mut self) -> CommandId {
        self.minted += 1;
        command_id(self.now, self.minted)
    }

    /// Decides a command of the dispatcher at the banner, or of whoever may where he may not, applies it, and adds it to
    /// the batch.
    pub fn send(&mut self, command: impl Into<Command>) -> Result<Accepted, Refusal> {
        let id = self.mint();
        self.send_as(of_whoever_may(id, command.into()))
    }

    /// Decides a command as it is, applies it, and adds it to the batch.
    pub fn send_as(&mut self, envelope: Envelope) -> Result<Accepted, Refusal> {
        self.now = self.now.plus_ms(1_000);
        let envelope = Envelope { command: on_screen(&self.state, envelope.command), ..envelope };
        let evidence = dispatch_core::gather(&self.state, &self.live_map, &envelope, self.now, DAY);
        let decided = dispatch_core::decide(&self.state, &evidence, &envelope, self.now);
        let result = decided.map(|events| self.apply(events, &envelope));
        let answer = match &result {
            Ok(accepted) => Answer::Accepted(accepted.clone()),
            Err(refusal) => Answer::Refused(refusal.clone()),
        };
        let (actor, command) = (envelope.actor, envelope.id);
        self.batch.answers.push(StoredAnswer { actor, command, fingerprint: [7; 32], answer, at: self.now });
        result
    }

    fn apply(&mut self, events: Vec<Event>, envelope: &Envelope) -> Accepted {
        let mut accepted = Accepted::default();
        for event in events {
            let about = event.about();
            for (id, _) in about.entities.iter().filter(|(_, role)| *role == Fate::Made) {
                accepted.named.name(id, true);
            }
            self.batch.erase.extend(about.erases);
            let record = dispatch_core::record(&self.state, envelope, event, self.state.seq + 1, self.now);
            dispatch_core::apply(&mut self.state, &record);
            accepted.seq = record.seq;
            self.batch.records.push(record);
        }
        for unit in dispatch_core::changed_units(&self.state, &self.batch.records) {
            self.live_map.sync_unit(&self.state, &unit);
        }
        accepted
    }

    /// Goes by another time from here on, so many microseconds later or earlier.
    pub fn correct(&mut self, us: i64) {
        let corrected = ClockCorrected { from: self.now, to: self.now.moved(us) };
        let envelope = envelope(self.mint(), "system", None, Tick {});
        self.now = corrected.to;
        self.apply(vec![corrected.into()], &envelope);
    }

    /// Adds words to the batch.
    pub fn say(&mut self, text: &str, retention_days: u16) -> WordsId {
        let id = WordsId(self.mint().0);
        self.batch.words.push(Words {
            id,
            incident: None,
            alarm: None,
            class: WordsClass::Note,
            retention_days,
            salt: *id.0.as_bytes(),
            text: text.into(),
            lang: Some("en".into()),
            translation: None,
            at: self.now,
        });
        id
    }

    /// What was decided since the last batch, with its views.
    pub fn take(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        batch.views = dispatch_core::changed_views(&self.state, &batch.records);
        batch
    }

    /// Adopts the small region.
    pub fn adopt(&mut self) {
        let content = package();
        let register = Box::new(register());
        let adopt = AdoptRegion { hash: content.hash.clone(), register, duties: Vec::new() };
        self.batch.contents.push(content);
        self.send(adopt).expect("the small region is in order");
    }

    /// A button is pressed at a point: an alarm and its incident at once.
    pub fn press(&mut self, point: &str) -> (Accepted, IncidentId) {
        let accepted = self.send(button(point)).expect("an alarm is never refused");
        let incident = accepted.named.incident.expect("a button makes an incident at once");
        (accepted, incident)
    }

    /// Sends a unit to an incident.
    pub fn dispatch(&mut self, incident: IncidentId, unit: &str) -> Result<Accepted, Refusal> {
        self.send(order(incident, unit))
    }
}

/// A command id minted at a time.
pub fn command_id(at: Time, count: u64) -> CommandId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&count.to_be_bytes());
    let millis = u64::try_from(at.0 / 1_000).unwrap_or_default();
    CommandId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// An envelope of the dispatcher at the banner; of the league where the command holds for all of it, and of the node
/// itself where nobody else may.
pub fn of_whoever_may(id: CommandId, command: Command) -> Envelope {
    match command.row().over {
        [Over::Node] => envelope(id, "system", None, command),
        [Over::Region] => envelope(id, "operator-1", Some("league-1"), command),
        _ => envelope(id, "operator-1", Some("banner-1"), command),
    }
}

/// An envelope of the console, or of the node itself.
pub fn envelope(id: CommandId, actor: &str, seat: Option<&str>, command: impl Into<Command>) -> Envelope {
    Envelope {
        id,
        actor: actor.into(),
        on_behalf_of: None,
        seat: seat.map(Into::into),
        channel: if actor == SYSTEM { Channel::System } else { Channel::Console },
        occurred_at: None,
        command: command.into(),
    }
}

/// A button pressed at a point.
pub fn button(point: &str) -> RaiseAlarm {
    RaiseAlarm { source: AlarmSource::Button, point: Some(point.into()), ..call() }
}

/// A call of which nothing is known.
pub fn call() -> RaiseAlarm {
    RaiseAlarm::of(AlarmSource::Call)
}

/// An order to a unit, confirmed.
pub fn order(incident: IncidentId, unit: &str) -> Dispatch {
    Dispatch {
        incident,
        expected_version: None,
        targets: vec![Target::Unit(UnitId::from(unit))],
        recommendation: None,
        override_reason: None,
        words: None,
        stack: false,
        divert: false,
        confirmed: true,
        parent: None,
    }
}

/// The package of the small region.
pub fn package() -> Content {
    let bytes = b"the small region".to_vec();
    Content { hash: blake3::hash(&bytes).to_hex().to_string(), bytes }
}

/// The register of the small region.
pub fn register() -> Register {
    let league = AreaPath(vec!["15".into()]);
    let banner = AreaPath(vec!["15".into(), "1501".into()]);
    let areas = [("15", &league), ("1501", &banner)];
    let desk = |parent: Option<&str>, area: &AreaPath, code: &str| Desk {
        parent: parent.map(Into::into),
        area: area.clone(),
        code: code.into(),
        names: Names::new(),
    };
    let seat = |desk: &str| Seat { desk: desk.into(), role: Role::Dispatcher, names: Names::new() };
    let kind = |code: &str, class| Kind { code: code.into(), class, names: Names::new() };
    let home = |step: i32| Coord { lon: 1_160_000_000 + step * 100_000, lat: 439_000_000 };
    let unit = |slot: u32| UnitEntry {
        call_sign: format!("Unit {slot}"),
        plate: format!("M-{slot}"),
        phone: None,
        crew: 2,
        class: "police".into(),
        capabilities: BTreeSet::from(["car".into()]),
        organisation: "station".into(),
        desk: "banner".into(),
        area: banner.clone(),
        beat: None,
        home: home(i32::try_from(slot).unwrap_or_default()),
        mover: 0,
        readiness_ms: 60_000,
        speed_max_cm_s: 3_000,
        slot,
        retired: false,
    };
    let point = |step: i32, number: &str| PointEntry {
        number: number.into(),
        names: Names::new(),
        at: home(step),
        area: banner.clone(),
        kind: "button".into(),
        keeper: Names::new(),
        organisation: None,
        neighbours: Vec::new(),
        retired: false,
    };
    Register {
        region: "small".into(),
        version: "1".into(),
        zone: "Asia/Shanghai".into(),
        language: "en".into(),
        label_level: 1,
        areas: areas
            .iter()
            .map(|(code, path)| {
                ((*code).into(), Area { path: (*path).clone(), class: None, names: Names::new() })
            })
            .collect(),
        desks: BTreeMap::from([
            ("league".into(), desk(None, &league, "L")),
            ("banner".into(), desk(Some("league"), &banner, "B")),
        ]),
        seats: BTreeMap::from([
            ("league-1".into(), seat("league")),
            ("banner-1".into(), seat("banner")),
            ("banner-2".into(), seat("banner")),
        ]),
        organisations: BTreeMap::from([(
            "station".into(),
            dispatch_core::register::Organisation { parent: None, names: Names::new() },
        )]),
        kinds: vec![kind("police", true), kind("car", false)],
        types: BTreeMap::from([(
            "help".into(),
            IncidentType {
                names: Names::new(),
                priority: Priority::P2,
                weapon: false,
                sensitive: false,
                automatic: None,
            },
        )]),
        run_cards: vec![RunCard {
            incident_type: None,
            area: AreaPath::default(),
            hours: None,
            level: 1,
            needs: vec![Need {
                count: 1,
                capabilities: BTreeSet::from(["car".into()]),
                classes: BTreeSet::new(),
            }],
            forbidden: BTreeSet::new(),
        }],
        units: (0..3).map(|slot| (UnitId::from(format!("u{slot}").as_str()), unit(slot))).collect(),
        points: BTreeMap::from([("p1".into(), point(5, "100")), ("p2".into(), point(9, "200"))]),
        movers: vec![Names::new()],
        timers: Timers::default(),
        ..Register::default()
    }
}
