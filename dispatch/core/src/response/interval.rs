//! Intervals of docs/terms.md, measured from stamps, and their summary. An interval that would be negative is none; zero is
//! zero. The device's stamp is preferred to the operator's within the skew limit.

use serde::{Deserialize, Serialize};

use crate::kernel::kind::OrderState;
use crate::kernel::time::Time;
use crate::response::alarm::Alarm;
use crate::response::feedback::FeedbackKind;
use crate::response::incident::Incident;
use crate::response::order::{Order, Stamp, StampSource};

/// Milliseconds from `from` to `to`; none if either is missing or the interval is negative.
fn between(from: Option<Time>, to: Option<Time>) -> Option<u32> {
    let (from, to) = (from?, to?);
    (to >= from).then(|| to.ms_since(from))
}

/// When an order reached a state, of what was heard until it ended. The device's own stamp is preferred to one typed
/// by an operator while the two are no more than `skew_ms` apart; a device whose clock cannot be right counts from when
/// it was heard.
pub fn reached(order: &Order, state: OrderState, skew_ms: u32) -> Option<Time> {
    let end = order.stamps.iter().position(|stamp| !stamp.beside && stamp.state.is_ended());
    let heard = &order.stamps[..end.map_or(order.stamps.len(), |end| end + 1)];
    let mut stamps = heard.iter().filter(|stamp| stamp.state == state);
    let first = stamps.clone().find(|stamp| !stamp.beside).map(|stamp| believed(order, stamp, skew_ms));
    let device = stamps.find(|stamp| stamp.source == StampSource::Device);
    let device = device.map(|stamp| believed(order, stamp, skew_ms));
    match (first, device) {
        (Some(first), Some(device)) if !is_near(first, device, skew_ms) => Some(first),
        (first, device) => device.or(first),
    }
}

/// A device's time before the order was made, or after the report was heard, is a fault of its clock.
fn believed(order: &Order, stamp: &Stamp, skew_ms: u32) -> Time {
    let early = stamp.at < order.created_at && !is_near(stamp.at, order.created_at, skew_ms);
    let ahead = stamp.at > stamp.received_at && !is_near(stamp.at, stamp.received_at, skew_ms);
    if stamp.source == StampSource::Device && (early || ahead) { stamp.received_at } else { stamp.at }
}

fn is_near(one: Time, other: Time, skew_ms: u32) -> bool {
    one.0.abs_diff(other.0) <= u64::from(skew_ms) * 1_000
}

/// Intervals of one order of an incident, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderIntervals {
    /// 签收: sent to signed.
    pub sign_ms: Option<u32>,
    /// 出警: signed (or sent, where nobody signed) to under way.
    pub turnout_ms: Option<u32>,
    /// 途中: under way to on scene.
    pub travel_ms: Option<u32>,
    /// 处置: on scene to clear.
    pub on_scene_ms: Option<u32>,
}

impl OrderIntervals {
    /// Measures one order; `skew_ms` as in [`reached`].
    pub fn of(order: &Order, skew_ms: u32) -> Self {
        let at = |state| reached(order, state, skew_ms);
        let sent = at(OrderState::Sent);
        let signed = at(OrderState::Signed);
        Self {
            sign_ms: between(sent, signed),
            turnout_ms: between(signed.or(sent), at(OrderState::Enroute)),
            travel_ms: between(at(OrderState::Enroute), at(OrderState::OnScene)),
            on_scene_ms: between(at(OrderState::OnScene), at(OrderState::Cleared)),
        }
    }
}

/// Intervals of a whole incident, milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentIntervals {
    /// 接听: alarm received to answered.
    pub answer_ms: Option<u32>,
    /// 派警: received to the first order sent.
    pub processing_ms: Option<u32>,
    /// 到场(总响应): received to the first unit on scene.
    pub response_ms: Option<u32>,
    /// 反馈: the last clear to the first result.
    pub feedback_ms: Option<u32>,
    /// 全程: received to the end of the incident.
    pub total_ms: Option<u32>,
}

impl IncidentIntervals {
    /// Measures an incident from its first alarm and its orders; `skew_ms` as in [`reached`].
    pub fn of(incident: &Incident, alarm: Option<&Alarm>, orders: &[&Order], skew_ms: u32) -> Self {
        let first = |state| orders.iter().filter_map(|order| reached(order, state, skew_ms)).min();
        let last_clear = orders.iter().filter_map(|order| reached(order, OrderState::Cleared, skew_ms)).max();
        let result = incident.feedback.iter().find(|feedback| feedback.kind == FeedbackKind::Result);
        let received = Some(incident.received_at);
        Self {
            answer_ms: between(received, alarm.and_then(|alarm| alarm.answered.as_ref()).map(|(at, _)| *at)),
            processing_ms: between(received, first(OrderState::Sent)),
            response_ms: between(received, first(OrderState::OnScene)),
            feedback_ms: between(last_clear, result.map(|result| result.at)),
            total_ms: between(received, incident.ended_at),
        }
    }
}

/// Mean and nearest-rank percentiles of a set of intervals, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many intervals the figures rest on.
    pub count: u32,
    /// Mean, rounded down.
    pub mean_ms: u32,
    /// Median, by nearest rank.
    pub p50_ms: u32,
    /// 90th percentile, by nearest rank.
    pub p90_ms: u32,
    /// 95th percentile, by nearest rank.
    pub p95_ms: u32,
}

impl Summary {
    /// Summarises; none for no values. The p-th percentile is the value at rank ceil(p/100 x n) (nearest rank).
    ///
    /// ```
    /// use dispatch_core::response::interval::Summary;
    /// let summary = Summary::of((1..=10).collect()).expect("ten values");
    /// assert_eq!((summary.p50_ms, summary.p90_ms, summary.p95_ms, summary.mean_ms), (5, 9, 10, 5));
    /// assert!(Summary::of(Vec::new()).is_none());
    /// ```
    pub fn of(mut values: Vec<u32>) -> Option<Self> {
        values.sort_unstable();
        let rank = |percent: usize| values.get((values.len() * percent).div_ceil(100).max(1) - 1).copied();
        let sum: u64 = values.iter().copied().map(u64::from).sum();
        let count = u32::try_from(values.len()).ok()?;
        Some(Self {
            count,
            mean_ms: u32::try_from(sum.checked_div(u64::from(count))?).ok()?,
            p50_ms: rank(50)?,
            p90_ms: rank(90)?,
            p95_ms: rank(95)?,
        })
    }
}
