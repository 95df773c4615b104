//! Reminders: set within limits, heard, done or cleared by those concerned, and never lost on the way.

use super::ReminderEnd;
use super::decide::{AHEAD_MAX_MS, REMINDERS_MAX};
use crate::changed_views::changed_views;
use crate::command::{
    AdoptRegion, AnswerShift, CancelIncident, ClearReminder, FinishReminder, HandOverShift, MergeIncident,
    PostponeReminder, SetReminder,
};
use crate::event::{Event, Record, ReminderEnded, TimerExpired};
use crate::kernel::id::{IncidentId, ReminderId, TimerKey};
use crate::kernel::refusal::{Refusal, Rule};
use crate::reminder::Reminder;
use crate::response::incident::CancelReason;
use crate::sample::{Centre, register, words};
use crate::tests::scene::names;
use crate::view::{IncidentView, View};

const SEAT: Option<&str> = Some("north-dispatch");
const MINUTE_MS: u32 = 60_000;

fn remind(centre: &Centre, incident: IncidentId, ms: u32) -> SetReminder {
    SetReminder { incident, due: centre.now.plus_ms(ms), to: None, words: Some(words(1)) }
}

fn set(centre: &mut Centre, incident: IncidentId) -> ReminderId {
    let records = centre.send(SEAT, remind(centre, incident, 20 * MINUTE_MS)).unwrap();
    let Event::ReminderSet(set) = &records[0].event else { panic!("{records:?}") };
    set.reminder
}

fn the(centre: &Centre, id: ReminderId) -> &Reminder {
    &centre.state.reminders()[&id]
}

fn ends(records: &[Record]) -> Vec<ReminderEnd> {
    records.iter().filter_map(|record| Some(record.event.get::<ReminderEnded>()?.how)).collect()
}

#[test]
fn it_comes_up_at_its_seat_on_its_incident_and_escalates_until_it_is_done() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let version = centre.the_incident(incident).version;
    let reminder = set(&mut centre, incident);
    let shown = changed_views(&centre.state, &centre.records[centre.records.len() - 1..]);
    assert_eq!(shown.iter().map(View::kind).collect::<Vec<_>>(), ["incident", "reminder"]);
    assert_eq!(centre.the_incident(incident).version, version, "nobody's act goes stale by it");
    let records = centre.run(25 * MINUTE_MS);
    let told = |record: &&Record| record.event.about().named().any(|id| *id == incident.into());
    let ran_out = records.iter().filter(|record| record.event.get::<TimerExpired>().is_some());
    assert!(
        ran_out.clone().count() > 0 && ran_out.clone().all(|record| told(&record)),
        "its timeline has them"
    );
    let due = the(&centre, reminder).due;
    let overdue = IncidentView::new(&centre.state, centre.the_incident(incident)).overdue;
    let overdue = overdue.iter().find(|overdue| overdue.timer == TimerKey::Reminder(reminder)).unwrap();
    assert_eq!((overdue.since, overdue.escalation.desk.as_str()), (due, "league"));
    let steps = records.iter().filter_map(|record| match &record.event {
        Event::TimerExpired(step) if step.timer == TimerKey::Reminder(reminder) => Some(&step.escalation),
        _ => None,
    });
    let seats: Vec<_> = steps.filter_map(|to| Some(to.seat.as_ref()?.to_string())).collect();
    assert_eq!(seats, ["north-dispatch", "north-lead", "league-lead"]);
    centre.sound();
    let done = centre.send(Some("north-second"), FinishReminder { reminder }).unwrap();
    assert_eq!(ends(&done), [ReminderEnd::Done]);
    let left = changed_views(&centre.state, &done);
    assert_eq!(left.iter().map(View::kind).collect::<Vec<_>>(), ["incident", "gone"]);
    assert!(centre.state.timers.get(TimerKey::Reminder(reminder)).is_none());
    let again = centre.send(SEAT, ClearReminder { reminder });
    assert_eq!(again, Err(Refusal::unknown("reminder", "reminder", reminder)));
    centre.sound();
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let good = remind(&centre, incident, MINUTE_MS);
    for (command, refusal) in [
        (remind(&centre, incident, 0), Refusal::invalid("due", Rule::LiesBehind)),
        (remind(&centre, incident, AHEAD_MAX_MS + 1), Refusal::invalid("due", Rule::WithinADay)),
        (SetReminder { to: Some("nobody".into()), ..good.clone() }, Refusal::unknown("to", "seat", "nobody")),
        (
            SetReminder { to: Some("south-dispatch".into()), ..good.clone() },
            Refusal::invalid("to", Rule::SeatOverIncident),
        ),
    ] {
        assert_eq!(centre.send(SEAT, command), Err(refusal));
    }
    assert_eq!(centre.send(None, good.clone()), Err(Refusal::SeatRequired));
    let other = Refusal::OtherDesk {
        desk: "north".into(),
        area: centre.the_incident(incident).area.clone(),
        own: centre.state.register().desks[&"south".into()].area.clone(),
    };
    assert_eq!(centre.send(Some("south-dispatch"), good.clone()), Err(other.clone()));
    let last = remind(&centre, incident, AHEAD_MAX_MS);
    for _ in 0..REMINDERS_MAX {
        centre.send(SEAT, last.clone()).unwrap();
    }
    assert_eq!(centre.send(SEAT, last), Err(Refusal::invalid("incident", Rule::AtMost { max: 16 })));
    let reminder = *centre.state.reminders().keys().next().unwrap();
    assert_eq!(centre.send(Some("south-dispatch"), ClearReminder { reminder }), Err(other));
    assert_eq!(centre.state.reminders().len(), REMINDERS_MAX);
    let records = centre.send(Some("league-lead"), ClearReminder { reminder }).unwrap();
    assert_eq!(ends(&records), [ReminderEnd::Cleared]);
    centre.sound();
}

#[test]
fn it_goes_where_its_incident_is_merged_into_and_ends_with_that() {
    let mut centre = Centre::new();
    let (incident, into) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let reminder = set(&mut centre, incident);
    let merge = MergeIncident { incident, expected_version: None, into, into_version: None };
    let records = centre.send(SEAT, merge).unwrap();
    assert_eq!(names(&records), ["incident_merged", "reminder_moved"]);
    assert_eq!((the(&centre, reminder).incident, the(&centre, reminder).version), (into, 2));
    centre.sound();
    let cancel =
        CancelIncident { incident: into, expected_version: None, reason: CancelReason::NothingFound };
    assert_eq!(ends(&centre.send(SEAT, cancel).unwrap()), [ReminderEnd::IncidentEnded]);
    assert_eq!(centre.state.reminders().len(), 0);
    centre.run(AHEAD_MAX_MS);
    centre.sound();
}

#[test]
fn it_goes_over_with_the_shift_of_its_seat_and_of_no_other() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let reminder = set(&mut centre, incident);
    let elsewhere = SetReminder { to: Some("north-lead".into()), ..remind(&centre, incident, MINUTE_MS) };
    centre.send(SEAT, elsewhere).unwrap();
    centre.now = the(&centre, reminder).due;
    centre.pass(0);
    let (from, to) = ("north-dispatch", "north-second");
    centre.send(Some(from), HandOverShift { from: from.into(), to: to.into() }).unwrap();
    let records = centre.send(Some(to), AnswerShift { from: from.into(), accept: true }).unwrap();
    assert_eq!(names(&records), ["shift_handover_accepted", "reminder_moved"]);
    assert_eq!(the(&centre, reminder).seat.as_str(), to);
    let up = centre.state.timers.get(TimerKey::Reminder(reminder)).and_then(|row| row.escalation.clone());
    assert_eq!(up.and_then(|escalation| escalation.seat), Some(to.into()), "who signed must act");
    centre.sound();
}

#[test]
fn no_region_is_adopted_without_its_seat_and_one_that_moves_the_seat_moves_it() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let reminder = set(&mut centre, incident);
    let adopt = |register| AdoptRegion { hash: "2".into(), register: Box::new(register), duties: Vec::new() };
    let mut next = register();
    next.seats.remove(&"north-dispatch".into());
    let missing = vec!["seat:north-dispatch".to_owned()];
    assert_eq!(centre.send(None, adopt(next)), Err(Refusal::StillReferred { missing }));
    let mut next = register();
    next.seats.get_mut(&"north-dispatch".into()).unwrap().desk = "south".into();
    centre.send(None, adopt(next)).unwrap();
    let records = centre.run(22 * MINUTE_MS);
    let steps = records.iter().filter_map(|record| record.event.get::<TimerExpired>());
    let steps = steps.filter(|step| step.timer == TimerKey::Reminder(reminder));
    let leads: Vec<_> = steps.filter_map(|step| Some(step.escalation.seat.as_ref()?.to_string())).collect();
    assert_eq!(leads, ["north-dispatch", "south-lead", "league-lead"]);
    centre.send(SEAT, FinishReminder { reminder }).unwrap();
    centre.sound();
}

#[test]
fn one_that_is_put_off_comes_up_once_more() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let reminder = set(&mut centre, incident);
    centre.run(21 * MINUTE_MS);
    let overdue = |centre: &Centre| {
        let view = IncidentView::new(&centre.state, centre.the_incident(incident));
        view.overdue.iter().any(|overdue| overdue.timer == TimerKey::Reminder(reminder))
    };
    assert!(overdue(&centre));
    let due = centre.now.plus_ms(10 * MINUTE_MS);
    let records = centre.send(Some("north-second"), PostponeReminder { reminder, due }).unwrap();
    assert_eq!((names(&records), overdue(&centre)), (vec!["reminder_moved"], false));
    assert_eq!(centre.send(SEAT, PostponeReminder { reminder, due }), Err(Refusal::NoChange));
    let behind = PostponeReminder { reminder, due: centre.now };
    assert_eq!(centre.send(SEAT, behind), Err(Refusal::invalid("due", Rule::LiesBehind)));
    centre.run(10 * MINUTE_MS);
    assert!(overdue(&centre));
    assert_eq!(the(&centre, reminder).due, due);
    centre.sound();
}
