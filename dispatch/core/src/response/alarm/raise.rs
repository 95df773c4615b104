//! A call for help comes. Nothing about it is ever refused: what cannot be used is listed among its flaws and the
//! alarm is raised with what can. A flaw names a field and a rule and never what the field held: that is words (D12).

use crate::command::RaiseAlarm;
use crate::decide::{Deciding, Decision};
use crate::event::{
    AlarmRaised, AlarmRepeated, AlarmSaved, AlarmSettled, DuplicatesOffered, IncidentCreated,
};
use crate::kernel::evidence::Located;
use crate::kernel::id::{AlarmId, DeskId, IncidentId, PointId, UnitId, WordsId};
use crate::kernel::kind::{IncidentState, Mode, OutcomeKind, Priority};
use crate::kernel::place::{AreaPath, Place, PlaceKind, PlaceSource};
use crate::kernel::recommendation::Occasion;
use crate::kernel::refusal::Refusal;
use crate::kernel::time::Time;
use crate::register::landing::landing_desk;
use crate::register::speaker::Speaker;
use crate::response::alarm::{Alarm, AlarmSource, Outcome};
use crate::response::number::NO_DESK;

/// An alarm that reaches the centre more than this after it happened is 延迟到达 late, milliseconds.
pub const LATE_MS: u32 = 300_000;

/// A source whose clock is ahead by more than this is wrong, milliseconds.
pub const CLOCK_AHEAD_MAX_MS: u32 = 60_000;
/// A source whose clock is behind by more than this is wrong and not merely late: 7 days, as long as ids are kept.
pub const CLOCK_BEHIND_MAX_MS: u32 = 604_800_000;

/// Whether a source's own time cannot be right.
pub fn is_clock_wrong(occurred_at: Time, now: Time) -> bool {
    occurred_at.ms_since(now) > CLOCK_AHEAD_MAX_MS || now.ms_since(occurred_at) > CLOCK_BEHIND_MAX_MS
}

/// An SOS without a key of its press is the same press as the last one of its sender when no more than this lies
/// between them, milliseconds: devices repeat within seconds, and a person who presses again later means it.
pub const SAME_PRESS_MS: u32 = 120_000;

/// The priority of an incident when neither its type nor its source gives one.
const PRIORITY_UNSAID: Priority = Priority::P2;

/// The most flaws an alarm carries.
const FLAWS_MAX: usize = 32;

impl<'a> Deciding<'a> {
    #[expect(clippy::unnecessary_wraps, reason = "every command is decided by a method of one form")]
    pub(crate) fn raise_alarm(&mut self, raise: &'a RaiseAlarm) -> Decision {
        let press = self.press(raise);
        let open = press.as_ref().and_then(|press| self.state.presses().get(press));
        let open = open.and_then(|alarm| self.state.alarms().get(alarm));
        match open.filter(|alarm| raise.press.is_some() || self.is_same_press(alarm)) {
            Some(alarm) => self.repeat_alarm(raise, alarm),
            None => self.new_alarm(raise, press),
        }
        Ok(())
    }

    /// The key of a press, held to its source, to what it names and to who sends it: another device may count its presses as this
    /// one does, and whoever speaks of a unit is not the unit. An SOS without one is keyed by who pressed: what follows within
    /// [`SAME_PRESS_MS`] repeats it.
    fn press(&self, raise: &RaiseAlarm) -> Option<String> {
        let mut key = format!("{:?}", raise.source).to_lowercase();
        let keyless = raise.press.is_none();
        if keyless && (raise.source != AlarmSource::Sos || raise.unit.is_none() && raise.device.is_none()) {
            return None;
        }
        let point = self.named_point(raise);
        let known = [
            ("unit", raise.unit.as_ref().map(UnitId::as_str)),
            ("device", raise.device.as_deref()),
            ("point", point.map(PointId::as_str)),
        ];
        let mut sender: Vec<(&str, String)> =
            known.into_iter().filter_map(|(what, name)| Some((what, name?.to_owned()))).collect();
        if let Some(number) = raise.number.as_deref().filter(|_| point.is_none()) {
            sender.push(("number", unnamed(number)));
        }
        sender.push(("actor", self.envelope.actor.to_string()));
        sender.extend(self.envelope.seat.iter().map(|seat| ("seat", seat.to_string())));
        for (what, name) in sender {
            // With its length, so that no name can pretend to be two.
            key.extend([";", what, ":", &name.len().to_string(), ":", &name]);
        }
        if let Some(press) = &raise.press {
            key.extend([";press:", press]);
        }
        Some(key)
    }

    /// Whether an SOS without a key is the press its sender is known for, sent again.
    fn is_same_press(&self, alarm: &Alarm) -> bool {
        let (pressed_at, ..) = self.times();
        let last = alarm.repeated_at.unwrap_or(alarm.occurred_at);
        pressed_at.ms_since(last).max(last.ms_since(pressed_at)) <= SAME_PRESS_MS
    }

    fn repeat_alarm(&mut self, raise: &RaiseAlarm, alarm: &Alarm) {
        let better = self.evidence.located.as_ref().filter(|located| is_better(&located.place, &alarm.place));
        let (place, area) = better.map(|located| (located.place.clone(), located.area.clone())).unzip();
        let fix_age_ms = better.and_then(|located| located.fix_age_ms);
        let (pressed_at, ..) = self.times();
        let (silent, at) = (raise.silent && !alarm.silent, Some(pressed_at));
        self.push(AlarmRepeated { alarm: alarm.id, place, area, fix_age_ms, silent, at });
        if raise.words.is_some() || raise.caller.is_some() {
            self.push(AlarmSaved {
                alarm: alarm.id,
                incident_type: None,
                priority: None,
                place: None,
                area: None,
                words: raise.words,
                caller: raise.caller,
            });
        }
        let incident = alarm.outcome.as_ref().and_then(|outcome| outcome.incident);
        let incident = incident.and_then(|incident| self.state.incidents().get(&incident));
        if let Some(incident) = incident.filter(|_| raise.silent) {
            self.silence(incident);
        }
        // An incident with a place keeps it: crews are under way there. One without gets the first that comes.
        if let Some(located) = better
            && let Some(incident) = incident.filter(|incident| !incident.place.is_known())
            && incident.state == IncidentState::Active
        {
            self.relocate(incident, located.clone());
        }
    }

    fn new_alarm(&mut self, raise: &RaiseAlarm, press: Option<String>) {
        let mut flaws = raise.flaws.clone();
        let raised = self.raised(raise, press, &mut flaws);
        let (number, day) = self.alarm_number(&raised.desk);
        flaws.truncate(FLAWS_MAX);
        let raised = AlarmRaised { number, day, flaws, ..raised };
        let alarm = raised.alarm();
        self.push(raised);
        self.offer_duplicates(&alarm);
        if alarm.source.is_immediate() {
            self.bear(&alarm);
        }
    }

    fn raised(&mut self, raise: &RaiseAlarm, press: Option<String>, flaws: &mut Vec<String>) -> AlarmRaised {
        let (occurred_at, late, claimed_at) = self.times();
        let point = self.point_of(raise, flaws);
        let Located { place, area, fix_age_ms } = self.located(raise, point.as_ref());
        let unit = raise.unit.clone().filter(|unit| self.state.register().units.contains_key(unit));
        let mut device = raise.device.clone();
        if let Some(named) = raise.unit.as_ref().filter(|_| unit.is_none()) {
            flaws.push("unit: is not in the register".to_owned());
            device.get_or_insert_with(|| named.as_str().to_owned());
        }
        let incident_type =
            raise.incident_type.clone().filter(|code| self.state.register().types.contains_key(code));
        if raise.incident_type.is_some() && incident_type.is_none() {
            flaws.push("incident_type: is not in the register".to_owned());
        }
        flaws.extend(self.unverified(unit.as_ref(), point.as_ref()));
        AlarmRaised {
            alarm: AlarmId(self.minter.mint()),
            number: String::new(),
            day: self.evidence.local.day,
            mode: self.mode_of(raise, point.as_ref()),
            source: raise.source,
            desk: self.landing(raise, &area, flaws),
            area,
            place,
            incident_type,
            priority: raise.priority,
            point,
            unit,
            device,
            caller: raise.caller,
            words: raise.words,
            silent: raise.silent,
            occurred_at,
            received_at: self.now,
            late,
            fix_age_ms,
            claimed_at,
            flaws: Vec::new(),
            press,
        }
    }

    /// What is not so about who sends it.
    fn unverified(&self, unit: Option<&UnitId>, point: Option<&PointId>) -> Option<String> {
        Some(match self.speaker() {
            Err(Refusal::Unknown { field, .. }) => format!("{field}: is not in the register"),
            Err(_) => "actor: does not sit at a seat".to_owned(),
            Ok(Speaker::Program | Speaker::Point(_)) if unit.is_some() => "actor: is not the unit".to_owned(),
            Ok(Speaker::Unit(own)) if unit.is_some_and(|unit| unit != own) => {
                "actor: is not the unit".to_owned()
            }
            Ok(Speaker::Point(own)) if point.is_some_and(|point| point != own) => {
                "actor: is not the alarm point".to_owned()
            }
            Ok(_) => return None,
        })
    }

    /// When it happened, whether it is late, and the claimed time where that cannot be right.
    fn times(&self) -> (Time, bool, Option<Time>) {
        match self.envelope.occurred_at {
            Some(at) if is_clock_wrong(at, self.now) => (self.now, false, Some(at)),
            Some(at) => (at, self.now.ms_since(at) > LATE_MS, None),
            None => (self.now, false, None),
        }
    }

    fn point_of(&self, raise: &RaiseAlarm, flaws: &mut Vec<String>) -> Option<PointId> {
        let points = &self.state.register().points;
        if raise.point.as_ref().is_some_and(|named| !points.contains_key(named)) {
            flaws.push("point: is not in the register".to_owned());
        }
        let is_registered = |number: &&String| points.values().any(|entry| entry.number == **number);
        if raise.number.as_ref().is_some_and(|number| !number.is_empty() && !is_registered(&number)) {
            flaws.push("number: is no alarm point's".to_owned());
        }
        let by_evidence = || self.evidence.located.as_ref().and_then(|located| located.place.point.as_ref());
        let by_evidence = || by_evidence().filter(|point| points.contains_key(point));
        self.named_point(raise).or_else(by_evidence).cloned()
    }

    /// The point an alarm names, by id or by the number that rings; among points of one number, one not retired.
    fn named_point(&self, raise: &RaiseAlarm) -> Option<&'a PointId> {
        let points = &self.state.register().points;
        let by_id = raise.point.as_ref().and_then(|named| points.get_key_value(named));
        let found = by_id.or_else(|| {
            let number = raise.number.as_deref().filter(|number| !number.is_empty())?;
            points.iter().filter(|(_, entry)| entry.number == number).min_by_key(|(_, entry)| entry.retired)
        });
        found.map(|(point, _)| point)
    }

    /// The place as the evidence resolved it; without evidence the point's own, else what the source sent.
    fn located(&self, raise: &RaiseAlarm, point: Option<&PointId>) -> Located {
        if let Some(located) = &self.evidence.located {
            return Located { place: self.confirmed(located.place.clone()), ..located.clone() };
        }
        let entry = point.and_then(|point| self.state.register().points.get(point));
        if let Some(entry) = entry {
            let place = Place {
                kind: PlaceKind::AlarmPoint,
                coord: Some(entry.at),
                point: point.cloned(),
                ..Place::unknown(PlaceSource::Register)
            };
            return Located { place, area: entry.area.clone(), fix_age_ms: None };
        }
        let place = raise.place.clone().unwrap_or_else(|| Place::unknown(PlaceSource::Caller));
        let area = place.area.as_ref().and_then(|code| self.state.register().areas.get(code));
        let area = area.map(|area| area.path.clone()).unwrap_or_default();
        Located { place: self.confirmed(place), area, fix_age_ms: None }
    }

    /// A place is confirmed by the seat that acts and by no other.
    pub(crate) fn confirmed(&self, place: Place) -> Place {
        let seat = self.acting().ok().map(|acting| acting.seat.clone());
        Place { confirmed_by: place.confirmed_by.as_ref().and(seat), ..place }
    }

    /// An SOS is always actual; a point under test raises tests until its window ends.
    fn mode_of(&self, raise: &RaiseAlarm, point: Option<&PointId>) -> Mode {
        let window = point.and_then(|point| self.state.test_windows().get(point));
        if raise.source == AlarmSource::Sos {
            Mode::Actual
        } else if raise.mode == Mode::Actual && window.is_some_and(|until| *until > self.now) {
            Mode::Test
        } else {
            raise.mode
        }
    }

    fn landing(&self, raise: &RaiseAlarm, area: &AreaPath, flaws: &mut Vec<String>) -> DeskId {
        let register = &self.state.register();
        let trunk = raise.trunk.as_ref().and_then(|trunk| register.trunks.get(trunk));
        if raise.trunk.is_some() && trunk.is_none() {
            flaws.push("trunk: is not in the register".to_owned());
        }
        let own = self.acting().ok().map(|acting| acting.desk);
        landing_desk(register, area, trunk.or(own)).unwrap_or_else(|| NO_DESK.into())
    }

    /// Offers incidents that may be the same, where there are any and they were not offered already.
    pub(crate) fn offer_duplicates(&mut self, alarm: &Alarm) {
        let offers = crate::response::duplicate::offers(self.state, alarm);
        if offers != alarm.offers {
            self.push(DuplicatesOffered { alarm: alarm.id, offers });
        }
    }

    /// An alarm becomes an incident: made, recommended for, the alarm settled.
    pub(crate) fn bear(&mut self, alarm: &Alarm) {
        self.bear_as(alarm, OutcomeKind::Incident, None);
    }

    /// An incident is made of an alarm that keeps an outcome of its own, as 无声 does.
    pub(crate) fn bear_as(&mut self, alarm: &Alarm, kind: OutcomeKind, words: Option<WordsId>) {
        let sos = alarm.source == AlarmSource::Sos;
        let of_type = alarm.incident_type.as_ref().and_then(|code| self.state.register().types.get(code));
        let said = alarm.priority.or(of_type.map(|known| known.priority)).unwrap_or(PRIORITY_UNSAID);
        // A call that came without a place may have been given one: whoever answers for that place answers for it.
        let desk = landing_desk(self.state.register(), &alarm.area, Some(&alarm.desk));
        let desk = desk.unwrap_or_else(|| alarm.desk.clone());
        let (number, day) = self.incident_number(&desk);
        let incident = IncidentId(self.minter.mint());
        self.create(IncidentCreated {
            incident,
            number,
            day,
            alarms: vec![alarm.id],
            mode: alarm.mode,
            desk,
            area: alarm.area.clone(),
            place: alarm.place.clone(),
            incident_type: alarm.incident_type.clone(),
            priority: if sos { Priority::P1 } else { said },
            received_at: alarm.received_at,
            sos,
            silent: alarm.silent,
            replacing: None,
            words: None,
        });
        let outcome = Outcome { kind, incident: Some(incident), agency: None };
        self.push(AlarmSettled { alarm: alarm.id, outcome, words, call_back: false });
    }

    /// Makes an incident and its first recommendation.
    pub(crate) fn create(&mut self, born: IncidentCreated) {
        let (id, place) = (born.incident, born.place.clone());
        let examination =
            self.evidence.examination.as_ref().map(|examined| examined.clone().for_desk(&born.desk));
        self.push(born);
        self.recommend(id, Occasion::Created, examination.as_ref(), &place);
    }
}

/// Sixteen bits of a number's hash: enough to tell two callers of one source apart, far too few to tell from the
/// journal who called (D12).
fn unnamed(number: &str) -> String {
    blake3::hash(number.as_bytes()).to_hex()[..4].to_owned()
}

/// Whether a repeat's place replaces what is known: a live fix does, anything does where nothing is known; nothing
/// replaces what a seat has confirmed.
fn is_better(new: &Place, known: &Place) -> bool {
    let fresh = new.source == PlaceSource::Fix && new.coord.is_some();
    known.confirmed_by.is_none() && new != known && (fresh || (!known.is_known() && new.is_known()))
}
