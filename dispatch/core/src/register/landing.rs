//! At which desk an alarm lands.

use crate::kernel::id::DeskId;
use crate::kernel::place::AreaPath;
use crate::register::Register;

/// The desk where an alarm from an area lands: the lowest desk around it that is not below the level of calls
/// (`Register::label_level`: banner in Xilingol). Without an area it is the desk its trunk leads to, else the topmost
/// desk; `None` only in a register without desks.
pub fn landing_desk(register: &Register, area: &AreaPath, trunk: Option<&DeskId>) -> Option<DeskId> {
    let depth_max = usize::from(register.label_level) + 1;
    let around = register
        .desks
        .iter()
        .filter(|(_, desk)| desk.area.0.len() <= depth_max && area.is_within(&desk.area));
    let topmost = || register.desks.iter().min_by_key(|(_, desk)| (desk.parent.is_some(), desk.area.0.len()));
    let found = if area.0.is_empty() {
        trunk.and_then(|trunk| register.desks.get_key_value(trunk)).or_else(topmost)
    } else {
        // The first of equally low ones: `max_by_key` keeps the last.
        around.rev().max_by_key(|(_, desk)| desk.area.0.len()).or_else(topmost)
    };
    found.map(|(id, _)| id.clone())
}
