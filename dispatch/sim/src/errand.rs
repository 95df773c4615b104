//! What a unit owes beside its order: result feedback, a notice to sign, an SOS that is pressed until it is heard.

use dispatch_core::Coord;
use dispatch_core::command::{ConfirmLife, GiveFeedback, RaiseAlarm, ReportBack, SignNotice};
use dispatch_core::kernel::id::{IncidentId, OrderId, UnitId};
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::time::Time;
use dispatch_core::register::speaker::of_unit;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::response::feedback::{Disposition, FeedbackKind};
use dispatch_core::response::order::StampSource;

use crate::chance::Chance;
use crate::message::{Body, Intent};
use crate::scene::totals;

/// How a crew's work mostly ends, by weight.
const ENDINGS: [(Disposition, f64, &str, &str); 6] = [
    (Disposition::Resolved, 45.0, "现场处置完毕。", "Dealt with on the spot."),
    (Disposition::Assisted, 20.0, "已给予帮助。", "Help was given."),
    (Disposition::Mediated, 15.0, "双方已调解。", "Settled between the parties."),
    (Disposition::CaseOpened, 10.0, "已受案调查。", "A case was opened."),
    (Disposition::NothingFound, 7.0, "到场未发现情况。", "Nothing found."),
    (Disposition::FalseAlarm, 3.0, "系误报。", "A false alarm."),
];

/// A result a crew still has to write.
#[derive(Debug, Clone)]
pub struct Report {
    /// The incident it is about.
    pub incident: IncidentId,
    /// The order it is about.
    pub order: OrderId,
    /// When it gets round to it.
    pub due: Time,
}

/// A press of the button, repeated by the device.
#[derive(Debug, Clone)]
pub struct Sos {
    /// Key of the press.
    pub press: String,
    /// When it was pressed.
    pub pressed_at: Time,
    /// How many more times it is sent.
    pub left: u8,
    /// When it is sent next.
    pub due: Time,
}

/// 结果反馈: what the crew's work came to.
pub fn result(unit: &UnitId, report: &Report, now: Time, chinese: bool, chance: &mut Chance) -> Body {
    let ending = ENDINGS[chance.weighted(&totals(ENDINGS.iter().map(|ending| ending.1)))];
    let command = GiveFeedback {
        incident: report.incident,
        order: Some(report.order),
        kind: FeedbackKind::Result,
        disposition: Some(ending.0),
        words: None,
    };
    let mut intent = Intent::of_device(of_unit(unit).as_str(), now, command);
    intent.text = Some(if chinese { ending.2 } else { ending.3 }.to_owned());
    Body::Intent(Box::new(intent))
}

/// 到场反馈: what the crew finds on arrival.
pub fn arrival(unit: &UnitId, incident: IncidentId, order: OrderId, now: Time) -> Body {
    let command = GiveFeedback {
        incident,
        order: Some(order),
        kind: FeedbackKind::Arrival,
        disposition: None,
        words: None,
    };
    Body::Intent(Box::new(Intent::of_device(of_unit(unit).as_str(), now, command)))
}

/// Signs a recall or a supplement.
pub fn notice(unit: &UnitId, order: OrderId, now: Time) -> Body {
    Body::Intent(Box::new(Intent::of_device(
        of_unit(unit).as_str(),
        now,
        SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None },
    )))
}

/// 平安确认: the crew says that it is safe.
pub fn life(unit: &UnitId, order: OrderId, now: Time) -> Body {
    Body::Intent(Box::new(Intent::of_device(
        of_unit(unit).as_str(),
        now,
        ConfirmLife { order, source: StampSource::Device, at: None, voice: None, words: None },
    )))
}

/// Back at beat or base.
pub fn back(unit: &UnitId, now: Time) -> Body {
    Body::Intent(Box::new(Intent::of_device(of_unit(unit).as_str(), now, ReportBack { unit: unit.clone() })))
}

/// 紧急求助: the unit calls for help itself.
pub fn sos(unit: &UnitId, sos: &Sos, at: Coord) -> Body {
    let place =
        Place { kind: PlaceKind::Point, coord: Some(at), radius_m: 15, ..Place::unknown(PlaceSource::Fix) };
    let command = RaiseAlarm {
        unit: Some(unit.clone()),
        device: Some(format!("terminal-{unit}")),
        press: Some(sos.press.clone()),
        place: Some(place),
        ..RaiseAlarm::of(AlarmSource::Sos)
    };
    Body::Intent(Box::new(Intent::of_device(of_unit(unit).as_str(), sos.pressed_at, command)))
}
