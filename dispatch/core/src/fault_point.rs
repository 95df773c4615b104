//! Points at which a running server can be made to fail, to prove that nothing acknowledged is lost and no order stays
//! behind. The list stands here because the server that strikes them and the trial that judges the outcome share it.
//!
//! Leaves out: how a point is struck (the server's, in builds with the feature `planted` only).

/// A place on the way of a command, in the order in which the command passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before a command is decided.
    Decide,
    /// Before its batch goes to the store.
    Append,
    /// The store has the batch, nobody was told.
    Commit,
    /// Before the answer goes to whoever sent it.
    Answer,
    /// Committed and true, before anybody is shown.
    Publish,
    /// A sink's receiver has confirmed, nothing was noted.
    Deliver,
    /// Before a snapshot is kept.
    Snapshot,
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// It does not work, and says so.
    Error,
    /// It takes seconds.
    Stall,
    /// The process is gone.
    Crash,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Decide,
        Self::Append,
        Self::Commit,
        Self::Answer,
        Self::Publish,
        Self::Deliver,
        Self::Snapshot,
    ];

    /// Its name, as it is chosen by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Append => "append",
            Self::Commit => "commit",
            Self::Answer => "answer",
            Self::Publish => "publish",
            Self::Deliver => "deliver",
            Self::Snapshot => "snapshot",
        }
    }
}

impl Strike {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Error, Self::Stall, Self::Crash];

    /// Its name, as it is chosen by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Stall => "stall",
            Self::Crash => "crash",
        }
    }
}

/// Reads a choice: `publish:crash:3` is a crash the third time a command passes publishing.
pub fn choice(text: &str) -> Option<(Point, Strike, u32)> {
    let mut parts = text.split(':');
    let (point, strike, time) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    let point = Point::ALL.into_iter().find(|it| it.name() == point)?;
    let strike = Strike::ALL.into_iter().find(|it| it.name() == strike)?;
    (parts.next().is_none() && time > 0).then_some((point, strike, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_names_point_strike_and_time() {
        for point in Point::ALL {
            for strike in Strike::ALL {
                let text = format!("{}:{}:3", point.name(), strike.name());
                assert_eq!(choice(&text), Some((point, strike, 3)));
            }
        }
        for wrong in [
            "",
            "publish",
            "publish:crash",
            "publish:crash:0",
            "publish:crash:x",
            "publish:crash:1:2",
            "x:crash:1",
        ] {
            assert_eq!(choice(wrong), None, "{wrong}");
        }
    }
}
