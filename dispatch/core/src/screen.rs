//! The versions that would be on the screen of somebody who sees everything at once: what a replayed log, which never
//! had a screen, and tests send. A console sends what it really shows.

use crate::command::Command;
use crate::kernel::id::{AlarmId, IncidentId, OrderId};
use crate::state::State;

/// The command with every version it leaves out as it is now.
#[must_use]
pub fn on_screen(state: &State, mut command: Command) -> Command {
    let alarm = |id: AlarmId| state.alarms.get(&id).map(|alarm| alarm.version);
    let incident = |id: IncidentId| state.incidents.get(&id).map(|incident| incident.version);
    let order = |id: OrderId| state.orders.get(&id).map(|order| order.version);
    let (seen, now) = match &mut command {
        Command::SaveAlarm(of) => (&mut of.expected_version, alarm(of.alarm)),
        Command::SettleAlarm(of) => (&mut of.expected_version, alarm(of.alarm)),
        Command::ClaimIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::ClassifyIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::MoveIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::LinkIncidents(of) => (&mut of.expected_version, incident(of.incident)),
        Command::MergeIncident(of) => {
            of.into_version = of.into_version.or(incident(of.into));
            (&mut of.expected_version, incident(of.incident))
        }
        Command::SplitIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::CancelIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::CloseIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::HandOverIncident(of) => (&mut of.expected_version, incident(of.incident)),
        Command::Dispatch(of) => (&mut of.expected_version, incident(of.incident)),
        Command::ReviewFeedback(of) => (&mut of.expected_version, incident(of.incident)),
        Command::RecallOrder(of) => (&mut of.expected_version, order(of.order)),
        Command::ReleaseCaller(of) => (&mut of.expected_version, order(of.order)),
        _ => return command,
    };
    *seen = seen.or(now);
    command
}
