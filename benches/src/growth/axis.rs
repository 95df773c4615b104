//! What grows, how far, and what is asked of the node meanwhile.

/// One axis of growth.
#[derive(Debug)]
pub struct Axis {
    /// What there is more and more of.
    pub name: &'static str,
    /// Source of the alarms it is grown by.
    pub grown_by: &'static str,
    /// How many there are, fewest first.
    pub sizes: [usize; 3],
    /// What is asked.
    pub asked: &'static str,
    /// Source of the alarms that are asked.
    pub source: &'static str,
    /// The cost at the last size may be so many times that at the first.
    pub goal: f64,
}

/// All of them. A timer or more stands for each alarm and incident.
pub const AXES: &[Axis] = &[
    Axis {
        name: "active incidents",
        grown_by: "button",
        sizes: [10, 2_500, 20_000],
        asked: "a button alarm: an incident with a recommendation",
        source: "button",
        goal: 1.1,
    },
    Axis {
        name: "ringing alarms",
        grown_by: "app",
        sizes: [10, 2_500, 20_000],
        asked: "a button alarm: an incident with a recommendation",
        source: "button",
        goal: 1.1,
    },
    Axis {
        name: "ringing alarms",
        grown_by: "app",
        sizes: [10, 2_500, 20_000],
        asked: "a ringing alarm",
        source: "app",
        goal: 1.1,
    },
];
