//! Typed ids. Things born at run time carry a UUIDv7 minted from the command that made them, so that a repeated
//! command names the same thing; things of the register carry the code their region gave them. Below them the kinds of
//! entity, what an event can be about and a view can show, and the timers that may wait for one.

mod forms;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::forms::{born, coded, kinds, timers};

born! {
    /// A command, minted by the client; unique per (node, actor).
    CommandId,
    /// One message or call for help.
    AlarmId,
    /// What happened and must be answered.
    IncidentId,
    /// An incident given to one target.
    OrderId,
    /// A ranked list that an order may refer to.
    RecommendationId,
    /// A technical alarm: device, link, geofence or rule.
    TechnicalId,
    /// A shift that is offered.
    HandoverId,
    /// A source of technical alarms that is suppressed.
    SuppressionId,
    /// A request for a unit of another desk.
    SupportId,
    /// A reminder on an incident.
    ReminderId,
    /// What a journal has lost.
    LossId,
    /// A piece of feedback on an order.
    FeedbackId,
    /// A record of what a person said or typed, kept apart from the journal (D12).
    WordsId,
    /// The journal itself; renewed by a restore and by a loss (D15).
    JournalId,
}

coded! {
    /// An area of the jurisdiction tree (GB/T 2260 or NBS code, or what the region uses).
    AreaCode,
    /// An authority over an area.
    DeskId,
    /// A class of area, as town or open country.
    AreaClassCode,
    /// A place at a desk with a role.
    SeatId,
    /// What can be sent.
    UnitId,
    /// A fixed place that can raise an alarm.
    PointId,
    /// A patrol beat.
    BeatId,
    /// Who employs and answers for units and keepers.
    OrganisationId,
    /// A kind of incident.
    TypeCode,
    /// A capability kind or an authority class.
    KindCode,
    /// Who acts: an operator's or a source's name, or `system`.
    ActorId,
    /// An outside agency an incident can be transferred to.
    AgencyCode,
    /// A line calls come in by, as the exchange names it.
    TrunkCode,
}

kinds! {
    /// An alarm 报警.
    Alarm(AlarmId) "alarm" as_alarm, told alarms, answered alarm
    /// An incident 警情.
    Incident(IncidentId) "incident" as_incident, told incidents, answered incident
    /// An order 处警指令.
    Order(OrderId) "order" as_order, told orders, answered [orders]
    /// A unit 处警力量.
    Unit(UnitId) "unit" as_unit
    /// A technical alarm 告警.
    Technical(TechnicalId) "technical" as_technical, answered technical
    /// A suppressed source of technical alarms 抑制.
    Suppression(SuppressionId) "suppression" as_suppression, answered suppression
    /// A shift offered to another seat 交接班.
    Handover(HandoverId) "handover" as_handover, answered handover
    /// A recommendation 推荐力量.
    Recommendation(RecommendationId) "recommendation" as_recommendation, answered recommendation
    /// A support request 支援.
    Support(SupportId) "support" as_support, answered support
    /// A reminder on an incident 提醒.
    Reminder(ReminderId) "reminder" as_reminder, told reminders, answered reminder
    /// What the journal has lost 丢失.
    Loss(LossId) "loss" as_loss, answered loss
    /// A fixed alarm point 报警点.
    Point(PointId) "point" as_point
}

timers! {
    ($) timer_rows

    /// Alarm not answered.
    Answer(Alarm, AlarmId) while rings, then escalate
    /// Alarm answered and not settled.
    Settle(Alarm, AlarmId) while is_answered, then escalate
    /// A call-back not made.
    CallBack(Alarm, AlarmId) while is_owed, then escalate
    /// Incident not claimed.
    Claim(Incident, IncidentId) while goes_on, then escalate
    /// No order sent.
    FirstOrder(Incident, IncidentId) while has_no_order, then escalate
    /// Order not delivered: phone.
    Delivered(Order, OrderId) while is_sent, then escalate
    /// Order not signed.
    Signed(Order, OrderId) while is_unsigned, then escalate_or_expire
    /// Unit has not departed.
    Departed(Order, OrderId) while is_signed, then escalate
    /// Unit has not arrived.
    Arrival(Order, OrderId) while is_on_its_way, then escalate
    /// No sign of life.
    SignOfLife(Order, OrderId) while is_in_hand, then escalate
    /// No result feedback after clear.
    Feedback(Order, OrderId) while lacks_result, then escalate
    /// Recall or 补充警情 not signed.
    Notice(Order, OrderId) while has_notice, then escalate
    /// Support request not answered.
    Support(Support, SupportId) while is_open, then escalate
    /// An automatic order is due: to be announced, then to be given.
    Automatic(Incident, IncidentId) while goes_on, then automatic_order
    /// A shelved technical alarm comes back.
    Shelf(Technical, TechnicalId) while is_shelved, then unshelve
    /// A suppressed source comes back.
    Suppression(Suppression, SuppressionId) while is_alive, then unsuppress
    /// A reminder has come up.
    Reminder(Reminder, ReminderId) while is_alive, then escalate
    /// A closed incident leaves state.
    Archive(Incident, IncidentId) while is_ended, then archive
    /// A settled alarm that belongs to no incident leaves state.
    AlarmArchive(Alarm, AlarmId) while is_settled, then archive_alarm
}

impl TimerKey {
    /// Every timer an order can have.
    pub fn of_order(id: OrderId) -> [Self; 7] {
        [
            Self::Delivered(id),
            Self::Signed(id),
            Self::Departed(id),
            Self::Arrival(id),
            Self::SignOfLife(id),
            Self::Feedback(id),
            Self::Notice(id),
        ]
    }
}

/// Mints the ids of the things one command makes.
///
/// The n-th id keeps the command's UUIDv7 time and replaces its random bits by a hash of actor, command and n: the
/// same command names the same things however often it is decided, without a random number in the core.
#[derive(Debug)]
pub struct Minter<'a> {
    actor: &'a ActorId,
    command: CommandId,
    next: u32,
}

impl<'a> Minter<'a> {
    /// Starts minting for one command of one actor.
    pub fn new(actor: &'a ActorId, command: CommandId) -> Self {
        Self { actor, command, next: 0 }
    }

    /// The next id, a valid UUIDv7.
    pub fn mint(&mut self) -> Uuid {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.actor.as_str().as_bytes());
        hasher.update(self.command.0.as_bytes());
        hasher.update(&self.next.to_le_bytes());
        self.next += 1;
        let hash = hasher.finalize();
        let mut bytes = *self.command.0.as_bytes();
        bytes[6..16].copy_from_slice(&hash.as_bytes()[..10]);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Uuid::from_bytes(bytes)
    }
}
