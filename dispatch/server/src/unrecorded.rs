//! An alarm the journal cannot take at present, as consoles see it until it can (D3).

use dispatch_core::alarm::{Alarm, AlarmState};
use dispatch_core::command::Command;
use dispatch_core::id::{AlarmId, Minter};
use dispatch_core::place::{AreaPath, Place, PlaceKind, PlaceSource};
use dispatch_core::state::State;
use dispatch_core::view::AlarmView;
use dispatch_writer::Unrecorded;

/// Its view. The id is the one it will have in the journal: the first its command mints.
pub fn view(state: &State, unrecorded: &Unrecorded) -> Option<AlarmView> {
    let envelope = &unrecorded.envelope;
    let Command::RaiseAlarm(raise) = &envelope.command else { return None };
    let register = &state.register;
    let by_number = || {
        raise
            .number
            .as_ref()
            .and_then(|number| register.points.iter().find(|(_, point)| point.number == *number))
    };
    let point = raise.point.as_ref().and_then(|id| register.points.get_key_value(id)).or_else(by_number);
    let unit = raise.unit.as_ref().and_then(|id| register.units.get(id));
    let area = point.map(|(_, point)| point.area.clone()).or_else(|| unit.map(|unit| unit.area.clone()));
    let desk = raise.trunk.clone().or_else(|| register.desks.keys().next().cloned())?;
    let place = match point {
        Some((id, point)) => Place {
            kind: PlaceKind::AlarmPoint,
            coord: Some(point.at),
            point: Some(id.clone()),
            ..Place::unknown(PlaceSource::Register)
        },
        None => raise.place.clone().unwrap_or_else(|| Place::unknown(PlaceSource::Caller)),
    };
    let alarm = Alarm {
        id: AlarmId(Minter::new(&envelope.actor, envelope.id).mint()),
        version: 0,
        number: String::new(),
        mode: raise.mode,
        source: raise.source,
        state: AlarmState::Ringing,
        desk,
        // Not knowing where it belongs, everybody sees it.
        area: area.unwrap_or_else(AreaPath::default),
        place,
        incident_type: raise.incident_type.clone(),
        priority: raise.priority,
        point: point.map(|(id, _)| id.clone()).or_else(|| raise.point.clone()),
        unit: raise.unit.clone(),
        device: raise.device.clone(),
        caller: raise.caller,
        words: raise.words.into_iter().collect(),
        silent: raise.silent,
        occurred_at: envelope.occurred_at.unwrap_or(unrecorded.received_at),
        received_at: unrecorded.received_at,
        late: false,
        fix_age_ms: None,
        clock_wrong: false,
        claimed_at: None,
        flaws: raise.flaws.clone(),
        repeats: 0,
        answered: None,
        outcome: None,
        settled_at: None,
        call_back: None,
        offers: Vec::new(),
        acts: Vec::new(),
    };
    Some(AlarmView { alarm, due: None, overdue: Vec::new() })
}
