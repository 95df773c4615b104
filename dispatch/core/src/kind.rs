//! The small closed vocabularies of docs/terms.md that several entities share.

use serde::{Deserialize, Serialize};

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}
pub(crate) use vocabulary;

vocabulary! {
    /// On every alarm, incident, order and warning, fixed at birth, printed first.
    Mode {
        /// 实战.
        Actual,
        /// 演练.
        Exercise,
        /// 测试.
        Test,
    }
    /// What is done at a seat.
    Role {
        /// 接警席.
        CallTaker,
        /// 处警席.
        Dispatcher,
        /// 班长席.
        ShiftLead,
        /// 指挥长席.
        Commander,
    }
    /// By what way a command came.
    Channel {
        /// A console.
        Console,
        /// The command line of a console.
        CommandLine,
        /// The public API.
        Api,
        /// A device or phone of the field.
        Device,
        /// By voice, typed in by an operator.
        Voice,
        /// The node itself: timers and archives.
        System,
    }
    /// Why words were erased (D12).
    ErasureReason {
        /// Kept as long as the rules allow.
        Retention,
        /// Whom they concern asked for it.
        Requested,
        /// A court or an authority ordered it.
        Ordered,
        /// They should not have been written down.
        Mistaken,
    }
    /// How long something takes precedence.
    Priority {
        /// Life in danger.
        P1,
        /// Urgent.
        P2,
        /// Ordinary.
        P3,
    }
}

impl Priority {
    /// 0, 1 or 2: the index into tables by priority.
    pub fn index(self) -> usize {
        self as usize
    }
}
