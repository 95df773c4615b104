//! The response: alarms, incidents, the orders given for them, the units that carry them out, support between desks.
//! One subject, not to be torn apart.

pub mod acts;
pub mod alarm;
pub(crate) mod authority;
pub mod automatic;
pub(crate) mod deadline;
pub mod duplicate;
pub mod feedback;
pub mod incident;
pub mod interval;
pub(crate) mod number;
pub mod order;
pub mod recommended;
pub(crate) mod state;
pub mod status;
pub mod support;
pub mod unit;
