//! What a row of the journal has to be, whatever command it comes of: it says who did what and where (D2), holds nothing
//! that is not exact (D5), and does nothing that is settled never to be done (D8, D10 to D14).

use std::collections::BTreeSet;

use dispatch_core::command::Command;
use dispatch_core::event::{
    AlarmArchived, AlarmSettled, AutomaticOrderAnnounced, AutomaticOrderEnded, Event, IncidentArchived,
    OrderAdvanced, RecommendationRecorded, Record, RegionAdopted, UnitRegistered, WordsErased,
};
use dispatch_core::kernel::about::Fate;
use dispatch_core::kernel::id::{DeskId, EntityId, IncidentId, WordsId};
use dispatch_core::kernel::kind::{Channel, Duty, Mode, OrderState};
use dispatch_core::kernel::time::{LocalDay, Time};
use dispatch_core::response::alarm::{Alarm, AlarmSource};
use dispatch_core::response::automatic::AutomaticEnd;
use dispatch_core::response::order::{Order, Stamp};
use dispatch_store::Batch;
use dispatch_writer::Request;
use serde_json::Value;

use super::tables::{Countdown, Guess, Task};
use crate::trial::people::SAID;

/// An alarm that takes longer is late; a clock that differs by more is wrong. Milliseconds.
const LATE_MS: i64 = 5 * 60_000;
const AHEAD_MS: i64 = 60_000;
const BEHIND_MS: i64 = 7 * 24 * 3_600_000;

type Found = Result<(), String>;

fn must(holds: bool, what: impl FnOnce() -> String) -> Found {
    if holds { Ok(()) } else { Err(what()) }
}

/// A batch brings what its rows refer to, and no word of anybody in them.
pub(super) fn is_whole(batch: &Batch, accepted: &[&Request]) -> Found {
    let answers: Vec<_> = batch.answers.iter().map(|stored| &stored.answer).collect();
    let shown = (&batch.records, &batch.views, answers);
    let shown = serde_json::to_string(&shown).map_err(|error| format!("D5: {error}"))?;
    must(!shown.contains(SAID), || "D12: what somebody said is in rows, views or answers".into())?;
    let brought: BTreeSet<WordsId> = batch.words.iter().map(|words| words.id).collect();
    let said = accepted.iter().flat_map(|request| &request.words).map(|words| words.id);
    must(brought == said.collect(), || "D12: the words of a batch are those of what it accepts".into())?;
    let erased = batch.records.iter().filter_map(|row| match &row.event {
        Event::WordsErased(WordsErased { words, .. }) => Some(words),
        _ => None,
    });
    let erased: BTreeSet<WordsId> = erased.flatten().copied().collect();
    must(erased == batch.erase.iter().copied().collect(), || {
        "D12: what a row says is erased is erased with it".into()
    })?;
    for row in &batch.records {
        if let Event::RegionAdopted(RegionAdopted { hash, .. }) = &row.event {
            let comes = batch.contents.iter().any(|content| content.hash == *hash);
            must(comes, || format!("D10: the package of row {} does not commit with it", row.seq))?;
        }
    }
    Ok(())
}

/// The rows of one command say what was asked: a call for help raises an alarm or repeats one, and whatever else was
/// accepted did something.
pub(super) fn is_meant(block: &[Record], request: Option<&Request>) -> Found {
    let raises = block.iter().filter(|row| matches!(row.event, Event::AlarmRaised { .. })).count();
    let repeats = block.iter().filter(|row| matches!(row.event, Event::AlarmRepeated { .. })).count();
    let asked = request.is_some_and(|request| matches!(request.envelope.command, Command::RaiseAlarm(_)));
    must(raises + repeats == usize::from(asked), || {
        format!("D8: a call for help is one alarm: {raises} raised, {repeats} repeated")
    })?;
    for row in block {
        let Event::OrderCreated(created) = &row.event else { continue };
        let order = created.order(row.recorded_at);
        let given = |row: &Record| {
            matches!(&row.event, Event::AutomaticOrderEnded(AutomaticOrderEnded { incident, why: AutomaticEnd::Given, .. })
                if *incident == order.incident)
        };
        must(order.seat.is_some() || block.iter().any(given), || {
            format!("D14: order {} was given by nobody", order.id)
        })?;
        must(order.seat == row.seat, || format!("D2: order {} is another seat's", order.id))?;
    }
    for row in block {
        let Event::IncidentCreated(created) = &row.event else { continue };
        let incident = created.incident(row.recorded_at);
        let recommended = block.iter().any(|other| {
            other.event.get::<RecommendationRecorded>().is_some_and(|known| known.incident == incident.id)
        });
        must(recommended, || format!("D1: incident {} was made and nobody recommended", incident.id))?;
    }
    Ok(())
}

impl Guess {
    pub(super) fn is_row(&self, row: &Record, request: Option<&Request>) -> Found {
        self.is_signed(row, request)?;
        is_exact(row)?;
        let mode = self.mode_of(&row.event);
        must(row.mode == mode, || format!("D2: row {} is {:?} and its matter {mode:?}", row.seq, row.mode))?;
        let now = row.recorded_at;
        self.is_fresh(&row.event)?;
        match &row.event {
            Event::AlarmRaised(raised) => {
                let (alarm, press, day) = (&raised.alarm(), &raised.press, &raised.day);
                self.is_numbered(true, &alarm.desk, &alarm.number, *day)?;
                self.is_landed(alarm)?;
                let again = press.as_ref().filter(|press| press.contains(";press:"));
                let open = again.and_then(|press| self.presses.get(press));
                must(open.is_none(), || format!("D8: {press:?} is one press, and alarm {open:?} has it"))?;
                request.map_or(Ok(()), |request| self.is_timed(alarm, request, now))
            }
            Event::AlarmSettled(AlarmSettled { alarm, call_back, .. }) => {
                let silent = self.alarms.get(alarm).is_some_and(|call| call.silent);
                must(!(silent && *call_back), || format!("D13: silent alarm {alarm} is called back"))
            }
            Event::IncidentCreated(created) => {
                let (incident, day) = (created.incident(now), &created.day);
                self.is_numbered(false, &incident.desk, &incident.number, *day)?;
                let calls = incident.alarms.iter().filter_map(|alarm| self.alarms.get(alarm));
                let one = calls.into_iter().all(|call| call.mode == incident.mode);
                must(one, || format!("D2: incident {} mixes modes", incident.id))
            }
            Event::OrderCreated(created) => self.is_order(&created.order(now)),
            Event::OrderAdvanced(OrderAdvanced { order, stamp, .. }) => {
                is_step(&order.to_string(), self.orders.get(order), stamp)
            }
            Event::AutomaticOrderAnnounced(AutomaticOrderAnnounced { incident, due_at, .. }) => {
                must(!self.is_halted(), || {
                    format!("D5: nothing is automatic for {incident} while a loss stands")
                })?;
                let life = self.incidents.get(incident);
                let allowed = life.and_then(|life| self.allows(life));
                let untold = life.is_some_and(|life| life.countdown != Countdown::Over);
                let due = allowed.map(|ms| now.plus_ms(ms));
                must(untold && due == Some(*due_at), || {
                    format!("D14: an automatic order for {incident} is announced and not allowed")
                })
            }
            Event::AutomaticOrderEnded(AutomaticOrderEnded {
                incident, why: AutomaticEnd::Given, ..
            }) => {
                must(!self.is_halted(), || {
                    format!("D5: nothing is automatic for {incident} while a loss stands")
                })?;
                let life = self.incidents.get(incident);
                let allowed = life.and_then(|life| self.allows(life)).is_some();
                let counted = life.is_some_and(
                    |life| matches!(life.countdown, Countdown::Counting(due_at) if due_at <= now),
                );
                must(allowed && counted && row.actor.as_str() == "system", || {
                    format!(
                        "D14: an automatic order for {incident} is given before its time, or to nobody's leave"
                    )
                })
            }
            Event::IncidentArchived(IncidentArchived { incident, orders, alarms, .. }) => {
                let Some(life) = self.incidents.get(incident) else {
                    return Err(format!("D11: incident {incident} is archived twice"));
                };
                let due = life.ended_at.map(|at| at.plus_ms(self.timers.archive_ms));
                must(!life.is_active() && due.is_some_and(|due| due <= now), || {
                    format!("D11: incident {incident} is archived before its time")
                })?;
                let own: BTreeSet<_> = orders.iter().copied().collect();
                let whole = own == life.orders && alarms.iter().all(|alarm| life.alarms.contains(alarm));
                must(whole, || format!("D11: incident {incident} leaves with what is not its own"))
            }
            Event::AlarmArchived(AlarmArchived { alarm, .. }) => {
                let call = self.alarms.get(alarm);
                let due = call.and_then(|call| call.settled_at).map(|at| at.plus_ms(self.timers.archive_ms));
                let alone = call.is_some_and(|call| call.incident.is_none());
                must(alone && due.is_some_and(|due| due <= now), || {
                    format!("D11: alarm {alarm} is archived before its time")
                })
            }
            Event::UnitRegistered(UnitRegistered { unit, entry }) => {
                let known = self.units.get(unit).map(|car| &car.entry).or_else(|| self.retired.get(unit));
                let others = self.units.values().map(|car| car.entry.slot);
                let mut others = others.chain(self.retired.values().map(|entry| entry.slot));
                let kept = known
                    .map_or_else(|| others.all(|slot| slot != entry.slot), |known| known.slot == entry.slot);
                must(kept, || format!("D10: unit {unit} is given a slot that is another's"))
            }
            _ => Ok(()),
        }
    }

    /// A row names the seat, its desk, the actor and the way of its command, and when that happened (D2).
    fn is_signed(&self, row: &Record, request: Option<&Request>) -> Found {
        let said = request.map(|request| &request.envelope);
        let seat = said.and_then(|said| said.seat.as_ref()).and_then(|seat| self.seats.get_key_value(seat));
        let expected = (
            seat.map(|(_, desk)| desk),
            seat.map(|(seat, _)| seat),
            said.map_or("system", |said| said.actor.as_str()),
            said.and_then(|said| said.on_behalf_of.as_ref()),
            said.map_or(Channel::System, |said| said.channel),
            said.and_then(|said| said.occurred_at).unwrap_or(row.recorded_at),
        );
        let actual = (
            row.desk.as_ref(),
            row.seat.as_ref(),
            row.actor.as_str(),
            row.on_behalf_of.as_ref(),
            row.channel,
            row.occurred_at,
        );
        must(actual == expected, || format!("D2: row {} is {actual:?}, its command {expected:?}", row.seq))
    }

    /// The mode of what an event is about: which entities those are the event says, their modes stand in the books.
    fn mode_of(&self, event: &Event) -> Mode {
        let life = |id: &IncidentId| self.incidents.get(id).map(|life| life.mode);
        let born = match event {
            Event::AlarmRaised(raised) => Some(raised.mode),
            Event::IncidentCreated(created) => Some(created.mode),
            Event::IncidentReplaced(replaced) => Some(replaced.mode),
            _ => None,
        };
        let known = || {
            event.about().named().find_map(|id| match id {
                EntityId::Alarm(id) => self.alarms.get(id).map(|call| call.mode),
                EntityId::Incident(id) => life(id),
                EntityId::Order(id) => self.orders.get(id).map(|task| task.mode),
                EntityId::Support(id) => self.supports.get(id).and_then(|support| life(&support.incident)),
                other => self.born.get(other).and_then(|born| {
                    born.about().named().find_map(EntityId::as_incident).and_then(|id| life(&id))
                }),
            })
        };
        born.or_else(known).unwrap_or(Mode::Actual)
    }

    /// Every entity born at run time gets an id nobody had; units and points keep the code of their register.
    fn is_fresh(&self, event: &Event) -> Found {
        let about = event.about();
        let made = about.entities.iter().filter(|(_, fate)| *fate == Fate::Made).map(|(id, _)| id);
        let coded = |id: &EntityId| id.as_unit().is_some() || id.as_point().is_some();
        let known = made.filter(|id| !coded(id)).find(|id| self.ids.contains(id));
        known.map_or(Ok(()), |id| Err(format!("D5: {} {} was another's id", id.kind(), id.id())))
    }

    /// Numbers count each desk's day without a gap, and no day comes back.
    fn is_numbered(&self, alarm: bool, desk: &DeskId, number: &str, day: LocalDay) -> Found {
        let last = self.numbers.get(&(alarm, desk.clone()));
        let serial = last.filter(|(last, _)| *last == day).map_or(1, |(_, serial)| serial + 1);
        let code = self.desks.get(desk).map_or(desk.as_str(), |desk| desk.code.as_str());
        let expected = format!("{code}{:08}-{serial:03}", day.0);
        let forward = last.is_none_or(|(last, _)| *last <= day);
        must(number == expected && forward, || format!("D5: {number} where {expected} is next"))
    }

    /// An alarm lands where its area is answered for, and one of a point in that point's area.
    fn is_landed(&self, alarm: &Alarm) -> Found {
        let here = self.landing(&alarm.area).filter(|_| !alarm.area.0.is_empty());
        must(here.is_none_or(|desk| *desk == alarm.desk), || {
            format!("D2: alarm {} of {here:?} lands at {}", alarm.id, alarm.desk)
        })?;
        let entry = alarm.point.as_ref().and_then(|point| self.points.get(point));
        must(entry.is_none_or(|entry| entry.area == alarm.area), || {
            format!("D2: alarm {} is not in the area of its point", alarm.id)
        })
    }

    /// A late call is called late, a wrong clock is not believed, an SOS is always meant.
    fn is_timed(&self, alarm: &Alarm, request: &Request, now: Time) -> Found {
        let Command::RaiseAlarm(raise) = &request.envelope.command else { return Ok(()) };
        let said = request.envelope.occurred_at;
        let behind_ms = said.map_or(0, |at| (alarm.received_at.0 - at.0) / 1_000);
        let wrong = !(-AHEAD_MS..=BEHIND_MS).contains(&behind_ms);
        let believed = said.filter(|_| !wrong).unwrap_or(alarm.received_at);
        let expected = (believed, !wrong && behind_ms > LATE_MS, wrong, said.filter(|_| wrong));
        let actual = (alarm.occurred_at, alarm.late, alarm.clock_wrong, alarm.claimed_at);
        must(actual == expected && alarm.received_at <= now, || {
            format!("D8: alarm {} is {actual:?}, it came {expected:?}", alarm.id)
        })?;
        let window = alarm.point.as_ref().and_then(|point| self.windows.get(point));
        let tested = window.is_some_and(|until| *until > alarm.received_at);
        let mode = match raise.mode {
            _ if raise.source == AlarmSource::Sos => Mode::Actual,
            Mode::Actual if tested => Mode::Test,
            mode => mode,
        };
        must(alarm.mode == mode, || format!("D8: alarm {} is {:?}, it is {mode:?}", alarm.id, alarm.mode))
    }

    /// An order goes to whom its desk commands and who may go, and names nobody who called.
    fn is_order(&self, order: &Order) -> Found {
        must(order.caller.is_empty(), || format!("D13: order {} names its caller", order.id))?;
        let Some(life) = self.incidents.get(&order.incident) else {
            return Err(format!("D14: order {} is of no incident", order.id));
        };
        must(order.area == life.area, || format!("D2: order {} is not where its incident is", order.id))?;
        let dispatch_core::kernel::target::Target::Unit(unit) = &order.target else { return Ok(()) };
        let Some(car) = self.units.get(unit) else {
            return Err(format!("D10: order {} is of a unit that is not there", order.id));
        };
        must(car.desk == order.desk, || format!("D14: order {} is of another desk's unit", order.id))?;
        must(!self.is_forbidden(life, unit), || format!("D14: order {} is of a forbidden class", order.id))?;
        let held = self.held(unit);
        let free = held.active.is_none() || order.stacked || order.diverted_from == held.active;
        must(free && car.duty != Duty::Off && car.broken.is_none(), || {
            format!("D8: order {} is of a unit that cannot go", order.id)
        })
    }
}

/// Nothing that ended is revived, and what nobody signed is ended by the centre alone.
fn is_step(id: &str, task: Option<&Task>, stamp: &Stamp) -> Found {
    let Some(task) = task else { return Err(format!("D14: order {id} is advanced and not there")) };
    must(stamp.beside || task.is_open(), || format!("D14: order {id} is revived"))?;
    let unsigned = matches!(task.state, OrderState::Sent | OrderState::Delivered);
    must(stamp.state != OrderState::Expired || unsigned, || format!("D14: order {id} was signed"))
}

/// No floating point anywhere, and read again it is what it was (D5).
fn is_exact(row: &Record) -> Found {
    let fail = |error: serde_json::Error| format!("D5: row {}: {error}", row.seq);
    let bytes = serde_json::to_vec(&row.event).map_err(fail)?;
    let value: Value = serde_json::from_slice(&bytes).map_err(fail)?;
    must(!has_float(&value), || format!("D5: row {} holds a fraction: {value}", row.seq))?;
    let again: Event = serde_json::from_slice(&bytes).map_err(fail)?;
    must(again == row.event, || format!("D5: row {} read again is another", row.seq))
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_float),
        Value::Object(fields) => fields.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
