//! What a caller would say if the call were answered: the truth behind an alarm. Automatic operators are told it when
//! they answer; the centre is never told.

use dispatch_core::kernel::id::TypeCode;
use dispatch_core::kernel::kind::OutcomeKind;
use dispatch_core::kernel::place::Place;

/// The truth behind one alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// The happening it is about, when it is about one; several callers share it.
    pub happening: Option<u32>,
    /// How a call-taker would settle it; `incident` when help is needed.
    pub outcome: OutcomeKind,
    /// The kind, as the caller describes it.
    pub incident_type: Option<TypeCode>,
    /// The place, as far as the caller can describe it.
    pub place: Option<Place>,
    /// What is said.
    pub told: String,
}
