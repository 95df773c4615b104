//! `units.csv`: what can be sent.

use super::{
    kinds::{Kinds, READINESS_S_MAX},
    table::{Form, Naming, Row, Scope, by_code, has},
};
use crate::{
    fault::Rule,
    forces::{Duty, Mover, Readiness, Unit},
    places::Beat,
    staff::{Desk, Organisation},
};

const FORM: Form = Form {
    file: "units.csv",
    required: &[
        "code",
        "call_sign",
        "mover",
        "crew",
        "class",
        "organisation",
        "desk",
        "home_lon",
        "home_lat",
        "duty",
    ],
    optional: &["plate", "phone", "capabilities", "beat", "readiness_s"],
    names: Naming::None,
};
/// The words of a unit's usual duty.
const DUTIES: [(&str, Duty); 3] =
    [("patrolling", Duty::Patrolling), ("on-call", Duty::OnCall), ("reserve", Duty::Reserve)];

/// What a unit may refer to.
pub(super) struct Known<'a> {
    pub(super) kinds: &'a Kinds,
    pub(super) movers: &'a [Mover],
    pub(super) readiness: Readiness,
    pub(super) organisations: &'a [Organisation],
    pub(super) desks: &'a [Desk],
    pub(super) beats: &'a [Beat],
}

/// Reads the units, sorted by code.
pub(super) fn read(scope: &mut Scope<'_>, known: &Known<'_>) -> Vec<Unit> {
    let generated = scope.manifest.generated.iter().any(|part| part == "units");
    let rows = scope.table(&FORM, |row| unit(row, known, generated));
    scope.unique(FORM.file, "code", &rows, |unit| Some(&unit.code));
    scope.unique(FORM.file, "call_sign", &rows, |unit| Some(&unit.call_sign));
    scope.unique(FORM.file, "phone", &rows, |unit| unit.phone.as_deref());
    scope.unique(FORM.file, "plate", &rows, |unit| unit.plate.as_deref());
    by_code(rows, |unit| &unit.code)
}

fn unit(row: &mut Row<'_>, known: &Known<'_>, generated: bool) -> Option<Unit> {
    let code = row.code("code");
    let call_sign = row.text("call_sign");
    let plate = row.optional("plate");
    let phone = row.optional("phone");
    let mover = row.reference("mover", "mover", |code| known.movers.iter().any(|mover| mover.code == code));
    let crew = row.integer("crew", 1..=60);
    let class = row.reference("class", "authority class", |code| known.kinds.has_class(code));
    let mut capabilities = row.list("capabilities");
    capabilities.sort_unstable();
    for pair in capabilities.windows(2).filter(|pair| pair[0] == pair[1]) {
        row.fault("capabilities", Rule::Duplicate, format!("`{}` is given twice", pair[0]));
    }
    for code in capabilities.iter().filter(|code| !known.kinds.has_capability(code)) {
        row.fault("capabilities", Rule::Reference, format!("there is no capability `{code}`"));
    }
    let organisation = row.reference("organisation", "organisation", |code| {
        has(known.organisations, code, |entry| &entry.code)
    });
    let desk = row.reference("desk", "desk", |code| has(known.desks, code, |entry| &entry.code));
    let beat = row.optional_reference("beat", "beat", |code| has(known.beats, code, |entry| &entry.code));
    let home = row.coord("home_lon", "home_lat");
    let duty = row.word("duty", &DUTIES);
    let readiness = row.optional_integer("readiness_s", 0..=READINESS_S_MAX);
    Some(Unit {
        code: code?,
        call_sign: call_sign?,
        plate,
        phone,
        mover: mover?,
        crew: u8::try_from(crew?).ok()?,
        class: class?,
        capabilities,
        organisation: organisation?,
        desk: desk?,
        beat,
        home: home?,
        duty: duty?,
        readiness_ms: readiness.map_or(known.readiness.on_call_ms, |seconds| seconds * 1000),
        generated,
    })
}
