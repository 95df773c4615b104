//! Whom to send: the map of live units, the exact search around a place, and the evidence gathered for a decision.

pub mod examine;
pub mod gather;
pub mod live_map;
pub mod mask;
