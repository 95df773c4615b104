//! Why a command was not done, typed, and what to do instead. Refusals are answers: they are stored and repeated like
//! acceptances (D6), and screens translate them by code (D17).

use serde::{Deserialize, Serialize};

use crate::kernel::act::Act;
use crate::kernel::id::{DeskId, IncidentId, KindCode, OrderId, SeatId, UnitId};
use crate::kernel::kind::{IncidentState, OrderState, OutcomeKind};
use crate::kernel::place::AreaPath;
pub use crate::kernel::rule::Rule;
use crate::kernel::text::told;
use crate::kernel::time::Time;

/// A typed refusal; `code` and its parameters go over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// A field names something the centre does not know.
    #[error("{field}: there is no {what} {id:?}")]
    Unknown {
        /// Name of the field in the command.
        field: String,
        /// What kind of thing it should name.
        what: String,
        /// The id that was given.
        id: String,
    },
    /// A field breaks a rule.
    #[error("{field}: {rule}")]
    Invalid {
        /// Name of the field in the command.
        field: String,
        /// The rule it breaks, with the rule's parameters.
        #[serde(flatten)]
        rule: Rule,
    },
    /// The command needs a seat.
    #[error("this needs a seat: name yours")]
    SeatRequired,
    /// The seat's desk may not do this here.
    #[error("desk {desk} answers for this, in area {area}; yours is {own}: ask that desk, or its parent")]
    OtherDesk {
        /// The desk that may.
        desk: DeskId,
        /// Where authority is needed.
        #[serde(default, skip_serializing_if = "AreaPath::is_empty")]
        area: AreaPath,
        /// Where the seat's own desk has it.
        #[serde(default, skip_serializing_if = "AreaPath::is_empty")]
        own: AreaPath,
    },
    /// It changed since the sender saw it: somebody was faster.
    #[error("it changed since you saw it (version {expected}, now {actual}): look again")]
    Stale {
        /// The field that names it.
        field: String,
        /// The version on screen.
        expected: u32,
        /// The version it has now.
        actual: u32,
        /// What was done in between and by whom, oldest first.
        between: Vec<Act>,
    },
    /// Another seat answered it.
    #[error("seat {seat} has already answered this alarm")]
    AlreadyAnswered {
        /// The seat that answered it.
        seat: SeatId,
        /// When that seat answered.
        at: Time,
    },
    /// The alarm is settled.
    #[error("this alarm is settled ({outcome:?}); open the incident it belongs to, if any")]
    AlarmSettled {
        /// The outcome it was settled with.
        outcome: OutcomeKind,
        /// The incident it belongs to.
        incident: Option<IncidentId>,
    },
    /// A person's alarm cannot be put aside.
    #[error("a person's alarm is never shelved or suppressed: answer it")]
    NeverShelved,
    /// Another seat owns the incident.
    #[error("seat {seat} has claimed this incident; take it over explicitly if you must")]
    ClaimedByOther {
        /// The seat that holds the claim.
        seat: SeatId,
    },
    /// The incident is over.
    #[error("this incident is {state:?}; reopen it first")]
    IncidentEnded {
        /// The field that names it.
        field: String,
        /// How it ended: cancelled, closed or replaced.
        state: IncidentState,
    },
    /// Another incident has replaced it.
    #[error("incident {by} has replaced this one: go on there")]
    IncidentReplaced {
        /// The incident that goes on in its place.
        by: IncidentId,
    },
    /// The incident is still going on.
    #[error("this incident is active")]
    IncidentActive,
    /// The incident still has open orders.
    #[error("orders are open: clear or recall them first")]
    OrdersOpen {
        /// The orders that are open.
        orders: Vec<OrderId>,
    },
    /// The incident has no accepted result to close on.
    #[error("closing needs a result feedback that the responsible desk accepted")]
    ResultMissing,
    /// The unit has an order.
    #[error("unit {unit} is on another order: divert it, stack the order, or choose another")]
    UnitBusy {
        /// The unit that was to be sent.
        unit: UnitId,
        /// The order it is on.
        order: OrderId,
        /// The incident that order is for.
        incident: IncidentId,
    },
    /// The unit is off duty.
    #[error("unit {unit} is off duty")]
    UnitOffDuty {
        /// The unit that was to be sent.
        unit: UnitId,
    },
    /// The unit is out of service.
    #[error("unit {unit} is out of service")]
    UnitOutOfService {
        /// The unit that was to be sent.
        unit: UnitId,
    },
    /// Another desk commands the unit.
    #[error("unit {unit} is commanded by desk {desk}: ask it for support")]
    UnitOfOtherDesk {
        /// The unit that was to be sent.
        unit: UnitId,
        /// The desk that commands it now.
        desk: DeskId,
    },
    /// The run card forbids the unit's class.
    #[error("class {class} must not be sent to this type")]
    ClassForbidden {
        /// The unit that was to be sent.
        unit: UnitId,
        /// The authority class it has.
        class: KindCode,
    },
    /// What the operator saw is not so any more.
    #[error("the recommendation on screen is out of date: look at the new one")]
    RecommendationOutdated {
        /// Units of it that changed.
        units: Vec<UnitId>,
    },
    /// A second key is asked for.
    #[error("confirm: {because:?}")]
    ConfirmationNeeded {
        /// Why: `etas_overlap`, `place_missing`, `place_uncertain`, `unit_calls_for_help`, `sensitive_type`.
        because: Vec<String>,
    },
    /// The order cannot go there from where it is.
    #[error("an order that is {from:?} cannot become {to:?}")]
    OrderState {
        /// The order that was to change.
        order: OrderId,
        /// The state it is in.
        from: OrderState,
        /// The state it was to come to.
        to: OrderState,
    },
    /// The order has no recall or supplement to sign.
    #[error("there is no recall or supplement to sign on this order")]
    NothingToSign,
    /// Too early for the parent desk.
    #[error("the parent desk may take the unit at {at:?} if it is not answered")]
    TooEarly {
        /// When the parent desk may take the unit, microseconds UTC.
        at: Time,
    },
    /// The support request is answered.
    #[error("this support request is already answered")]
    SupportAnswered,
    /// The region package does not fit what is open.
    #[error("the register refers to what the package does not bring: {missing:?}")]
    StillReferred {
        /// What is in use and not in the package, each as `kind:code`.
        missing: Vec<String>,
    },
    /// Everything is as the command wants it already.
    #[error("nothing would change")]
    NoChange,
    /// The command's id is older than ids are kept (D6).
    #[error("this command is older than ids are kept; look whether it was done, then send a new one")]
    CommandExpired,
}

impl Refusal {
    /// A field naming something unknown.
    pub fn unknown(field: &str, what: &str, id: impl std::fmt::Display) -> Self {
        Self::Unknown { field: field.into(), what: what.into(), id: told(&id.to_string()) }
    }

    /// A field breaking a rule.
    pub fn invalid(field: &str, rule: Rule) -> Self {
        Self::Invalid { field: field.into(), rule }
    }

    /// The field of the command that is at fault; none when the command is not. `subject` is the field that names what
    /// the command is about: if that is a unit or a support request, it is blamed instead of `targets`.
    pub fn field<'a>(&'a self, subject: Option<&'a str>) -> Option<&'a str> {
        let unit = subject.filter(|subject| matches!(*subject, "unit" | "support")).unwrap_or("targets");
        Some(match self {
            Self::Unknown { field, .. }
            | Self::Invalid { field, .. }
            | Self::Stale { field, .. }
            | Self::IncidentEnded { field, .. } => field,
            Self::SeatRequired | Self::OtherDesk { .. } => "seat",
            Self::AlreadyAnswered { .. } | Self::AlarmSettled { .. } => "alarm",
            Self::NeverShelved => "technical",
            Self::ClaimedByOther { .. } => "take_over",
            Self::IncidentActive
            | Self::IncidentReplaced { .. }
            | Self::OrdersOpen { .. }
            | Self::ResultMissing => "incident",
            Self::UnitBusy { .. }
            | Self::UnitOffDuty { .. }
            | Self::UnitOutOfService { .. }
            | Self::UnitOfOtherDesk { .. }
            | Self::ClassForbidden { .. } => unit,
            Self::RecommendationOutdated { .. } => "recommendation",
            Self::ConfirmationNeeded { .. } => "confirmed",
            Self::OrderState { .. } => "state",
            Self::NothingToSign => "order",
            Self::TooEarly { .. } => "grant",
            Self::SupportAnswered => "support",
            Self::StillReferred { .. } => "register",
            Self::NoChange | Self::CommandExpired => return None,
        })
    }
}
