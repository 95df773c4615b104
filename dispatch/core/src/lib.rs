//! What the centre decides: ids, commands, events, [`decide`] and [`apply`], and the policy that recommends units.
//!
//! **Absent on purpose**: no clock, no randomness, no I/O, no async, no unordered iteration, no floating point in
//! events and state (D1, D5). Time, ids and evidence come from outside. Nothing here knows HTTP, SQL or a file.

/// The contexts, one row each, in the order of the schema: where it is, its commands and events, what it keeps of the
/// state, and the entities it shows. The sums over contexts ([`command`], [`event`], [`state`], [`view`]) are made of it.
macro_rules! contexts {
    ($then:ident $($first:tt)*) => {
        $then! {
            $($first)*
            [crate::clock] clock_commands clock_events keeps {} shows {}
            [crate::register] register_commands register_events
                keeps { register: crate::register::state::RegisterState }
                shows {
                    /// A fixed alarm point; the stream does not carry it.
                    Point(crate::register::view::PointView) as_point
                }
            [crate::response::alarm] alarm_commands alarm_events
                keeps { response: crate::response::state::ResponseState }
                shows {
                    /// An alarm and its timers.
                    Alarm(crate::response::alarm::view::AlarmView) as_alarm
                }
            [crate::response::incident] incident_commands incident_events
                keeps {}
                shows {
                    /// An incident, its derived status and its timers.
                    Incident(crate::response::incident::view::IncidentView) as_incident
                    /// A recommendation and where its incident lies.
                    Recommendation(crate::response::recommended::RecommendationView) as_recommendation
                }
            [crate::response::order] order_commands order_events
                keeps {}
                shows {
                    /// An order and its timers.
                    Order(crate::response::order::view::OrderView) as_order
                }
            [crate::response::automatic] automatic_commands automatic_events keeps {} shows {}
            [crate::response::feedback] feedback_commands feedback_events keeps {} shows {}
            [crate::response::unit] unit_commands unit_events
                keeps {}
                shows {
                    /// A unit, its derived status and its slot in position frames.
                    Unit(crate::response::unit::view::UnitView) as_unit
                }
            [crate::response::support] support_commands support_events
                keeps {}
                shows {
                    /// A support request.
                    Support(crate::response::support::Support) as_support
                }
            [crate::technical] technical_commands technical_events
                keeps { technical: crate::technical::state::TechnicalState }
                shows {
                    /// A technical alarm.
                    Technical(crate::technical::view::TechnicalView) as_technical
                    /// A suppressed source.
                    Suppression(crate::technical::Suppression) as_suppression
                }
            [crate::shift] shift_commands shift_events
                keeps { shift: crate::shift::state::ShiftState }
                shows {
                    /// A shift offered to another seat.
                    Handover(crate::shift::ShiftHandover) as_handover
                }
            [crate::reminder] reminder_commands reminder_events
                keeps { reminder: crate::reminder::state::ReminderState }
                shows {
                    /// A reminder on an incident.
                    Reminder(crate::reminder::Reminder) as_reminder
                }
            [crate::loss] loss_commands loss_events
                keeps { loss: crate::loss::state::LossState }
                shows {
                    /// What the journal has lost.
                    Loss(crate::loss::Loss) as_loss
                }
            [crate::words] words_commands words_events keeps {} shows {}
        }
    };
}

mod adoption;
pub mod apply;
pub mod changed_views;
pub mod clock;
pub mod command;
mod contexts;
pub mod decide;
pub mod event;
pub mod hash;
pub mod invariant;
pub mod kernel;
pub mod loss;
mod permission;
mod reactions;
pub mod record;
pub mod register;
pub mod reminder;
pub mod response;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
pub mod screen;
pub mod seek;
pub mod shift;
pub mod state;
pub mod technical;
#[cfg(test)]
mod tests;
pub mod upcast;
pub mod view;
pub mod words;

pub use apply::apply;
pub use changed_views::{changed_units, changed_views};
pub use decide::decide;
pub use geo_index::Coord;
pub use hash::state_hash;
pub use kernel::recommend::recommend;
pub use record::record;
pub use response::duplicate::offers;
pub use response::status::{incident_status, unit_status};
pub use seek::examine::{Question, examine};
pub use seek::gather::gather;
pub use seek::live_map::{Geography, LiveMap, PositionVerdict, UnitFix};
pub use seek::mask::mask;
pub use upcast::{UpcastError, decode, encode};
