//! Names the package does not write because they follow from others: seats by role and number, keepers by post and
//! number. Languages without a word of ours take the English one.

use dispatch_core::register::Names;
use region::staff::SeatRole;

/// The name of the `number`-th seat of a role at its desk, in each of the languages.
pub(super) fn seat(role: SeatRole, number: usize, languages: &[String]) -> Names {
    languages
        .iter()
        .map(|language| (language.clone(), format!("{} {number}", role_name(role, language))))
        .collect()
}

/// A name with a number behind it.
pub(super) fn numbered(names: &region::Names, number: u16) -> Names {
    names.0.iter().map(|(language, name)| (language.clone(), format!("{name} {number}"))).collect()
}

fn role_name(role: SeatRole, language: &str) -> &'static str {
    match (language, role) {
        ("zh", SeatRole::CallTaker) => "接警席",
        ("zh", SeatRole::Dispatcher) => "处警席",
        ("zh", SeatRole::ShiftLead) => "班长席",
        ("zh", SeatRole::Commander) => "指挥长席",
        ("es", SeatRole::CallTaker) => "Recepción",
        ("es", SeatRole::Dispatcher) => "Despacho",
        ("es", SeatRole::ShiftLead) => "Jefatura de turno",
        ("es", SeatRole::Commander) => "Mando",
        (_, SeatRole::CallTaker) => "Call-taker",
        (_, SeatRole::Dispatcher) => "Dispatcher",
        (_, SeatRole::ShiftLead) => "Shift lead",
        (_, SeatRole::Commander) => "Commander",
    }
}
