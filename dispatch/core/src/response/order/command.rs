//! What can be asked about orders.

use crate::contexts::commands;
use crate::kernel::id::{IncidentId, OrderId, RecommendationId, WordsId};
use crate::kernel::kind::OrderState;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::response::order::{EndReason, OverrideReason, StampSource, VoiceWay};

commands! {
    ($) order_commands

    /// Gives it to units, desks or agencies, all or none.
    ///
    /// 派警, 下派, 转出: gives an incident to targets, all or none.
    Dispatch dispatch (post "incidents" {incident} "dispatch" on incident; text May; by Dispatcher over Carried(incident); seen expected_version of incident; seeks units) {
        /// The incident that is given.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The units, desks or agencies it is given to.
        targets: Vec<Target>,
        /// The recommendation on screen.
        #[serde(default, skip_serializing_if = "Option::is_none")] recommendation: Option<RecommendationId>,
        /// Why it is overruled.
        #[serde(default, skip_serializing_if = "Option::is_none")] override_reason: Option<OverrideReason>,
        /// More about why, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
        /// Puts it behind a busy unit's active order instead of refusing the unit.
        #[serde(default)] stack: bool,
        /// 改派: draws a busy unit from the order it has; it stays there until it signs this one.
        #[serde(default)] divert: bool,
        /// The second key: overlapping ETAs, an uncertain place or a sensitive type were seen.
        #[serde(default)] confirmed: bool,
        /// The order given to this desk that this one carries on.
        #[serde(default, skip_serializing_if = "Option::is_none")] parent: Option<OrderId>,
    }
    /// Reports it delivered, or the target's progress.
    ///
    /// The link reports an order delivered to a device, or the target's progress: 签收, 出发, 集结, 到达, 完成.
    AdvanceOrder advance_order (post "orders" {order} "advance" on order; text May; by Patrol over Order(order); seeks units) {
        /// The order that is reported on.
        order: OrderId,
        /// The state the order came to.
        state: OrderState,
        /// When it happened, by the clock of the one who says so; now when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] at: Option<Time>,
        /// What the report comes from: device, voice or operator.
        source: StampSource,
        /// 代签收: how it was heard, when an operator types what was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] voice: Option<VoiceWay>,
        /// Why, for 无法执行 and 中断.
        #[serde(default, skip_serializing_if = "Option::is_none")] reason: Option<EndReason>,
        /// What was said with it, and by whom if the target did not speak itself, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Recalls it; the recall is signed.
    ///
    /// 撤回: a sent order is recalled and the recall is signed.
    RecallOrder recall_order (post "orders" {order} "recall" on order; text May; by Dispatcher over Order(order); seen expected_version of order; seeks units) {
        /// The order that is recalled.
        order: OrderId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// Why it is recalled.
        reason: EndReason,
        /// More about it, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Signs a recall or a supplement.
    ///
    /// Signs a recall or a 补充警情.
    SignNotice sign_notice (post "orders" {order} "sign-notice" on order; text May; by Patrol over Order(order); seeks units) {
        /// The order whose recall or supplement is signed.
        order: OrderId,
        /// What the report comes from: device, voice or operator.
        source: StampSource,
        /// When it happened, by the clock of the one who says so; now when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] at: Option<Time>,
        /// How it was heard, when an operator types what was said, as in `advance_order`.
        #[serde(default, skip_serializing_if = "Option::is_none")] voice: Option<VoiceWay>,
        /// What was said with it, and by whom if the target did not speak itself, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Gives a sign of life.
    ///
    /// 平安确认: the crew says that it is safe.
    ConfirmLife confirm_life (post "orders" {order} "confirm-life" on order; text May; by Patrol over Order(order)) {
        /// The order the crew is on.
        order: OrderId,
        /// What the report comes from: device, voice or operator.
        source: StampSource,
        /// When it happened, by the clock of the one who says so; now when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] at: Option<Time>,
        /// How it was heard, when an operator types what was said, as in `advance_order`.
        #[serde(default, skip_serializing_if = "Option::is_none")] voice: Option<VoiceWay>,
        /// What was said with it, and by whom if the target did not speak itself, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Releases the caller's number or name for this order, to be shown to its unit only.
    ReleaseCaller release_caller (post "orders" {order} "release-caller" on order; text No; by Dispatcher over IncidentOf(order); seen expected_version of order) {
        /// The order whose unit may see it.
        order: OrderId,
        /// The version of the order on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
    }
}
