//! What views say beside the rows: versions, and what an incident is called.

use dispatch_core::kernel::id::IncidentId;
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::response::incident::IncidentStatus;
use dispatch_core::view::View;

use super::super::tables::{Guess, Task};

impl Guess {
    /// What views say of what a commit changed: versions, and what an incident is called until somebody has taken
    /// it up.
    pub(in crate::trial::auditor) fn look(&mut self, views: &[View]) -> Result<(), String> {
        for view in views {
            match view {
                View::Incident(view) => {
                    let id = view.incident.id;
                    if let Some(life) = self.incidents.get_mut(&id) {
                        life.version.tell(view.incident.version);
                    }
                    self.is_in_queue(id, &view.status)?;
                }
                View::Alarm(view) => {
                    if let Some(call) = self.alarms.get_mut(&view.alarm.id) {
                        call.version.tell(view.alarm.version);
                    }
                }
                View::Order(view) => {
                    if let Some(task) = self.orders.get_mut(&view.order.id) {
                        task.version.tell(view.order.version);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// An incident waits in the queue until one order of its present life is signed (D14).
    fn is_in_queue(&self, id: IncidentId, status: &[IncidentStatus]) -> Result<(), String> {
        let Some(life) = self.incidents.get(&id) else { return Ok(()) };
        let present = |task: &&Task| {
            task.incident == id && (task.is_open() || life.reopened_seq.is_none_or(|seq| task.seq > seq))
        };
        let mut taken = self.orders.values().filter(present);
        let taken = taken.any(|task| task.is_taken_up() || task.state == OrderState::Cleared);
        let waits = status.contains(&IncidentStatus::AwaitingResponse);
        if waits == (life.is_active() && !taken) {
            return Ok(());
        }
        Err(format!(
            "D14: incident {id} is {status:?} while it is {}",
            if taken { "taken up" } else { "not" }
        ))
    }
}
