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
    /// Whether something is real. On every alarm, incident, order and warning; fixed at birth, printed first.
    Mode {
        /// 实战: something real; people act on it.
        Actual,
        /// 演练: a drill; kept out of figures unless asked for.
        Exercise,
        /// 测试: equipment is tried out; kept out of figures unless asked for.
        Test,
    }
    /// What is done at a seat.
    Role {
        /// 接警席: answers alarms.
        CallTaker,
        /// 处警席: claims incidents and gives orders.
        Dispatcher,
        /// 班长席: leads the shift; late timers escalate to here first.
        ShiftLead,
        /// 指挥长席: commands the desk.
        Commander,
    }
    /// The way a command came in.
    Channel {
        /// A console, by pointer or form.
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
        /// The mirror that the journal was brought back from did not hold them any more; only the centre says so.
        Lost,
    }
    /// How urgent something is.
    Priority {
        /// Life in danger.
        P1,
        /// Urgent, nobody's life in danger.
        P2,
        /// Ordinary, can wait for the two others.
        P3,
    }
    /// How an alarm ended.
    OutcomeKind {
        /// 生成警情: an incident was made of it.
        Incident,
        /// 并入警情: it tells of an incident already known.
        Duplicate,
        /// 解答: the caller got advice, no unit is needed.
        Advice,
        /// 转出: passed on to an outside agency.
        Transferred,
        /// 误报: a false alarm, made in good faith.
        False,
        /// 谎报: a false alarm, made on purpose.
        Malicious,
        /// 骚扰: a nuisance call.
        Nuisance,
        /// 无声: opens a call-back.
        Silent,
        /// 中断: opens a call-back.
        HungUp,
        /// 测试: a test of the point or line.
        Test,
        /// 设备故障: the device raised it by a fault of its own.
        Fault,
    }
    /// Whether an incident goes on or how it ended; the rest of its status is derived from its orders.
    IncidentState {
        /// 处置中: it is being handled, or waits for somebody to do so.
        Active,
        /// 已撤销: cancelled, without a result.
        Cancelled,
        /// 已办结: closed on an accepted result.
        Closed,
        /// 并入: REPLACED by another.
        Replaced,
    }
    /// How far an order has come: the states of docs/terms.md.
    OrderState {
        /// 待下发: written down, not sent (also: stacked behind the unit's active order).
        Queued,
        /// 已下发: on its way to the target.
        Sent,
        /// 已送达: the target's device has it.
        Delivered,
        /// 已签收: the target accepted it.
        Signed,
        /// 途中: the target is on its way.
        Enroute,
        /// 集结待命: the target waits near the scene.
        Staged,
        /// 已到场: the target is at the scene.
        OnScene,
        /// 处置完毕: the target is done there. Ends the order.
        Cleared,
        /// 无法执行: the target turned it down before signing. Ends the order.
        Declined,
        /// 中断: the target could not carry it through. Ends the order.
        Failed,
        /// 已撤回: called back. Ends the order.
        Recalled,
        /// 未签收超时: nobody signed it in time. Ends the order.
        Expired,
    }
    /// 勤务: how ready a unit stands to be sent.
    Duty {
        /// 下勤: off duty; its positions are not taken.
        Off,
        /// 巡逻中: on patrol, ready to roll.
        Patrolling,
        /// 备勤: on call at home.
        OnCall,
        /// 听召: in reserve, slower to roll than on call.
        Reserve,
    }
    /// What a unit is doing, derived.
    UnitStatus {
        /// 下勤: off duty.
        OffDuty,
        /// 停用: out of service, for a reason given.
        OutOfService,
        /// 听召: free, in reserve.
        Reserve,
        /// 备勤: free, on call at home.
        OnCall,
        /// 巡逻中: free, on patrol.
        Patrolling,
        /// 待签收: has an order that it has not signed.
        Ordered,
        /// 已签收, not rolling yet.
        Signed,
        /// 途中: on its way to a scene.
        Enroute,
        /// 集结待命: staged near a scene.
        Staged,
        /// 已到场: at a scene.
        OnScene,
        /// 返回中: done, on its way back to beat or base.
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
