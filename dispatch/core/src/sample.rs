//! A small fixed region and a centre that runs on it, for the tests of this crate and of those that stand on it
//! (feature `sample`). The ground, the live map and the evidence are the real ones.
//!
//! | desk | area | code | seats | units |
//! |---|---|---|---|---|
//! | `league` | 15 | ML | `league-call`, `league-dispatch`, `league-lead` | – |
//! | `north` | 15/1501 | NB | `north-call`, `north-dispatch`, `north-second`, `north-lead` | N1 police, N2 police, N3 medical, N4 joint defence |
//! | `south` | 15/1502 | SB | `south-dispatch`, `south-lead` | S1 police, S2 fire |
//! | `steppe` | 15/1501/150101 | ST | `steppe-dispatch` | T1 joint defence |

mod ground;
mod plain;
mod register;

use std::collections::BTreeMap;

use uuid::Uuid;

pub use self::ground::{at, geography};
pub use self::plain::{PLAIN_ACTS, PlainAct};
use crate::apply::apply;
use crate::changed_views::changed_units;
use crate::command::{AdoptRegion, Command, Envelope, Tick};
use crate::decide::decide;
use crate::event::{
    ClockCorrected, Event, IncidentArchived, IncidentReplaced, JournalOpened, LossFound, Record,
};
use crate::invariant::Violation;
use crate::kernel::evidence::{ClockDoubt, Evidence};
use crate::kernel::id::{ActorId, CommandId, IncidentId, JournalId, LossId, SeatId, UnitId, WordsId};
use crate::kernel::kind::{Channel, Duty};
use crate::kernel::place::{Place, PlaceKind, PlaceSource};
use crate::kernel::refusal::Refusal;
use crate::kernel::time::{LocalTime, Time};
use crate::loss::LossKind;
use crate::record::record;
use crate::register::Register;
use crate::register::speaker::of_unit;
use crate::screen::on_screen;
use crate::seek::gather::gather;
use crate::seek::live_map::{LiveMap, UnitFix};
use crate::state::State;
use crate::view::IncidentView;

/// When the sample's time begins: 2026-07-30 00:00:00 UTC.
pub const START: Time = Time(1_785_369_600_000_000);

/// Content hash the sample region is adopted under.
pub const REGION: &str = "5a3b1e";

/// The register of the sample region; units have no slots yet.
pub fn register() -> Register {
    register::sample()
}

/// Duties the sample's units begin with where they are not on call: N2 patrols, T1 is in reserve.
pub fn duties() -> Vec<(UnitId, Duty)> {
    vec![("N2".into(), Duty::Patrolling), ("T1".into(), Duty::Reserve)]
}

/// A place with a coordinate, confirmed by a seat when one is named.
pub fn place(lon_e7: i32, lat_e7: i32, confirmed_by: Option<&str>) -> Place {
    Place {
        kind: PlaceKind::Point,
        coord: Some(at(lon_e7, lat_e7)),
        confirmed_by: confirmed_by.map(SeatId::from),
        ..Place::unknown(PlaceSource::Caller)
    }
}

/// The n-th words record.
pub fn words(n: u32) -> WordsId {
    WordsId(id(0x3333, n))
}

/// The n-th id of a kind: a valid UUIDv7 of the sample's time.
fn id(kind: u16, n: u32) -> Uuid {
    let millis = u64::try_from(START.0 / 1_000).expect("the sample's time is after 1970") + u64::from(n);
    let mut random = [0_u8; 10];
    random[..2].copy_from_slice(&kind.to_be_bytes());
    random[6..].copy_from_slice(&n.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A centre that decides and applies, one command after another, without a store.
pub struct Centre {
    /// Everything alive.
    pub state: State,
    /// Where things are.
    pub live_map: LiveMap,
    /// The centre's time.
    pub now: Time,
    /// How far the machine's clock is ahead, milliseconds, while it is in doubt.
    pub clock_ahead_ms: Option<i64>,
    /// What a clock in the region shows.
    pub local: LocalTime,
    /// Every record so far.
    pub records: Vec<Record>,
    /// Incidents that left live state, as a read model keeps them.
    pub archive: BTreeMap<IncidentId, IncidentView>,
    commands: u32,
}

impl Default for Centre {
    fn default() -> Self {
        Self::new()
    }
}

impl Centre {
    /// A centre with the sample region adopted.
    pub fn new() -> Self {
        let mut centre = Self::empty();
        let adopt = AdoptRegion { hash: REGION.into(), register: Box::new(register()), duties: duties() };
        centre.send(None, adopt).expect("the sample region is whole");
        centre
    }

    /// A centre before any region, its journal just opened.
    pub fn empty() -> Self {
        let live_map = LiveMap::new(geography()).expect("every mover has a pace");
        let mut centre = Self {
            state: State::default(),
            live_map,
            now: START,
            clock_ahead_ms: None,
            local: LocalTime::noon(20_260_730),
            records: Vec::new(),
            archive: BTreeMap::new(),
            commands: 0,
        };
        let opened =
            Event::JournalOpened(JournalOpened { journal: JournalId(id(0x1111, 0)), clock: "wall".into() });
        centre.happens(opened);
        centre
    }

    /// The next command of a seat, or of the node itself.
    pub fn envelope(&mut self, seat: Option<&str>, command: impl Into<Command>) -> Envelope {
        self.commands += 1;
        Envelope {
            id: CommandId(id(0x2222, self.commands)),
            actor: seat
                .map_or_else(|| ActorId::from("system"), |seat| ActorId::from(format!("at-{seat}").as_str())),
            on_behalf_of: None,
            seat: seat.map(SeatId::from),
            channel: if seat.is_some() { Channel::Console } else { Channel::System },
            occurred_at: None,
            command: command.into(),
        }
    }

    /// The next command of a unit's own device.
    pub fn device(&mut self, unit: &str, command: impl Into<Command>) -> Envelope {
        Envelope { actor: of_unit(&unit.into()), channel: Channel::Device, ..self.envelope(None, command) }
    }

    /// Sends a command of a seat, or of the node itself.
    pub fn send(&mut self, seat: Option<&str>, command: impl Into<Command>) -> Result<Vec<Record>, Refusal> {
        let envelope = self.envelope(seat, command);
        self.decide(&envelope)
    }

    /// Sends a command of a unit's own device.
    pub fn say(&mut self, unit: &str, command: impl Into<Command>) -> Result<Vec<Record>, Refusal> {
        let envelope = self.device(unit, command);
        self.decide(&envelope)
    }

    /// What is gathered for a command now.
    pub fn evidence(&self, envelope: &Envelope) -> Evidence {
        let gathered = gather(&self.state, &self.live_map, envelope, self.now, self.local);
        let shows = self.clock_ahead_ms.map(|ahead_ms| self.now.moved(ahead_ms * 1_000));
        let doubt = shows.map(|shows| ClockDoubt { shows, is_credible: false });
        let evidence = Evidence { doubt, ..gathered };
        let archived = match &envelope.command {
            Command::ReopenIncident(reopen) => self.archive.get(&reopen.incident),
            _ => None,
        };
        match archived {
            Some(archived) => evidence.with_archived(&self.state, &self.live_map, archived, self.now),
            None => evidence,
        }
    }

    /// Decides a command and applies its events; a version it leaves out is the one a console would show.
    pub fn decide(&mut self, envelope: &Envelope) -> Result<Vec<Record>, Refusal> {
        let command = on_screen(&self.state, envelope.command.clone());
        let envelope = &Envelope { command, ..envelope.clone() };
        let evidence = self.evidence(envelope);
        let events = decide(&self.state, &evidence, envelope, self.now)?;
        Ok(self.commit(envelope, events))
    }

    /// Lets milliseconds pass and ticks once.
    pub fn pass(&mut self, ms: u32) -> Vec<Record> {
        self.now = self.now.plus_ms(ms);
        self.send(None, Tick {}).expect("a tick is never refused")
    }

    /// Has something happen that no command brings about.
    pub fn happens(&mut self, event: Event) -> Vec<Record> {
        let envelope = self.envelope(None, Tick {});
        self.commit(&envelope, vec![event])
    }

    /// Has the store find that the journal lacks what was witnessed of it.
    pub fn loses(&mut self) -> Vec<Record> {
        let loss = LossId(id(0x3333, u32::try_from(self.records.len()).unwrap_or(0)));
        let journal = self.state.journal.unwrap_or(JournalId(id(0x1111, 0)));
        let (found, found_at, witnessed_at) = (self.state.seq, self.state.now, self.now);
        let (kind, witnessed) = (LossKind::Shorter, found + 9);
        self.happens(LossFound { loss, kind, journal, witnessed, witnessed_at, found, found_at }.into())
    }

    /// Ticks until every timer due within this many milliseconds has had its turn, each at its own time.
    pub fn run(&mut self, ms: u32) -> Vec<Record> {
        let end = self.now.plus_ms(ms);
        let mut records = Vec::new();
        while let Some(due) = self.state.timers.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let ticked = self.pass(0);
            assert!(!ticked.is_empty(), "what is due makes an event, or a tick would find it for ever");
            records.extend(ticked);
        }
        self.now = end;
        records
    }

    /// Every unit reports that it stands at home.
    pub fn report_home(&mut self) {
        for id in self.state.units().keys() {
            let fix = UnitFix {
                unit: id.clone(),
                at: self.state.register().units[id].home,
                fix_time: self.now,
                device_time: None,
                received_at: self.now,
                speed_cm_s: 0,
                heading_deg: 0,
                accuracy_m: None,
            };
            self.live_map.positions(&self.state, &mut [fix], self.now, |_, _| ());
        }
    }

    /// What is not as it must be.
    pub fn violations(&self) -> Vec<Violation> {
        crate::invariant::violations(&self.state)
    }

    /// Keeps what a read model keeps of incidents that leave.
    fn keep(&mut self, event: &Event) {
        match event {
            Event::IncidentArchived(IncidentArchived { incident, .. }) => {
                let leaving = &self.state.incidents()[incident];
                self.archive.insert(*incident, IncidentView::new(&self.state, leaving));
            }
            Event::IncidentReplaced(IncidentReplaced { incident, by, .. }) => {
                let archived = self.archive.remove(incident).expect("what is replaced was archived");
                self.archive.insert(*incident, archived.replaced_by(*by));
            }
            _ => {}
        }
    }

    fn commit(&mut self, envelope: &Envelope, events: Vec<Event>) -> Vec<Record> {
        let first = self.records.len();
        for event in events {
            let row = record(&self.state, envelope, event, self.state.seq + 1, self.now);
            self.keep(&row.event);
            apply(&mut self.state, &row);
            if let Some(corrected) = row.event.get::<ClockCorrected>() {
                (self.now, self.clock_ahead_ms) = (corrected.to, None);
            }
            self.records.push(row);
        }
        let made = self.records[first..].to_vec();
        for unit in changed_units(&self.state, &made) {
            self.live_map.sync_unit(&self.state, &unit);
        }
        made
    }
}
