//! The small closed vocabularies of docs/terms.md that several entities share.

macro_rules! vocabulary {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
    /// How an alarm ended.
    OutcomeKind {
        /// 生成警情: an incident was made of it.
        Incident,
        /// 并入警情: it tells of an incident already known.
        Duplicate,
        /// 解答.
        Advice,
        /// 转出.
        Transferred,
        /// 误报.
        False,
        /// 谎报.
        Malicious,
        /// 骚扰.
        Nuisance,
        /// 无声: opens a call-back.
        Silent,
        /// 中断: opens a call-back.
        HungUp,
        /// 测试.
        Test,
        /// 设备故障.
        Fault,
    }
    /// What an incident's life has come to; the rest of its status is derived from its orders.
    IncidentState {
        /// 处置中.
        Active,
        /// 已撤销.
        Cancelled,
        /// 已办结.
        Closed,
        /// 并入: REPLACED by another.
        Replaced,
    }
    /// States of docs/terms.md.
    OrderState {
        /// 待下发: written down, not sent (also: stacked behind the unit's active order).
        Queued,
        /// 已下发.
        Sent,
        /// 已送达.
        Delivered,
        /// 已签收.
        Signed,
        /// 途中.
        Enroute,
        /// 集结待命.
        Staged,
        /// 已到场.
        OnScene,
        /// 处置完毕.
        Cleared,
        /// 无法执行.
        Declined,
        /// 中断.
        Failed,
        /// 已撤回.
        Recalled,
        /// 未签收超时.
        Expired,
    }
    /// 勤务.
    Duty {
        /// 下勤.
        Off,
        /// 巡逻中.
        Patrolling,
        /// 备勤: on call at home.
        OnCall,
        /// 听召.
        Reserve,
    }
    /// What a unit is doing, derived.
    UnitStatus {
        /// 下勤.
        OffDuty,
        /// 停用.
        OutOfService,
        /// 听召.
        Reserve,
        /// 备勤.
        OnCall,
        /// 巡逻中.
        Patrolling,
        /// 待签收.
        Ordered,
        /// 已签收, not rolling yet.
        Signed,
        /// 途中.
        Enroute,
        /// 集结待命.
        Staged,
        /// 已到场.
        OnScene,
        /// 返回中.
        Returning,
    }
}

impl Priority {
    /// 0, 1 or 2: the index into tables by priority.
    pub fn index(self) -> usize {
        self as usize
    }
}

impl OrderState {
    /// Whether nothing more can come of it.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Cleared | Self::Declined | Self::Failed | Self::Recalled | Self::Expired)
    }

    /// Whether the target has taken it up and is not done.
    pub fn is_signed_open(self) -> bool {
        matches!(self, Self::Signed | Self::Enroute | Self::Staged | Self::OnScene)
    }
}
