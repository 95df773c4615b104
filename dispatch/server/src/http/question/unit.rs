//! Units: what they are and do, their orders, where they went.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State as Shared};
use axum::http::Response;
use dispatch_api::door::DoorRule;
use dispatch_api::question::{Fix, Page, Track, TrackItem, UnitItem, UnitOrders};
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::kind::UnitStatus;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::NO_FIX;
use dispatch_core::state::State;
use dispatch_core::view::{Entity as _, IncidentView, OrderView, UnitView};
use dispatch_store::TrackPoint;

use super::parameters::Parameters;
use super::{at_head, head, list};
use crate::http::path::Id;
use crate::http::reply::{Refused, internal, not_found, query};
use crate::node::Node;

/// The most a question waits for a unit's orders to change.
const WAIT_S_MAX: u64 = 30;
/// The longest track of one answer.
const TRACK_HOURS_MAX: u64 = 24;
const TRACK_US_MAX: i64 = 3_600_000_000 * TRACK_HOURS_MAX.cast_signed();
/// Points of one answer; longer tracks are thinned evenly.
const TRACK_POINTS_MAX: usize = 5_000;

/// `GET /units`: units by code, each with its live fix.
pub async fn units(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, listed(&node, raw).await)
}

async fn listed(node: &Node, raw: RawQuery) -> Result<Page<UnitItem>, Refused> {
    let mut page = {
        let state = node.state();
        let parameters = Parameters::of(raw, &["area", "status", "after", "limit"])?;
        let area = parameters.area();
        let status: Option<UnitStatus> = parameters.word("status")?;
        let after: UnitId = parameters.text("after").unwrap_or_default().into();
        let units = state.units().range(after.clone()..).filter(|(id, _)| **id != after);
        let items = units.filter_map(|(id, _)| item(&state, id));
        let wanted = items.filter(|item| {
            item.view.area.is_within(&area) && status.is_none_or(|status| item.view.status == status)
        });
        list::page(&state, wanted, parameters.limit()?, |item| item.id.to_string())
    };
    let slots: Vec<u32> = page.items.iter().map(|item| item.entry.slot).collect();
    for (item, fix) in page.items.iter_mut().zip(fixes(node, slots).await) {
        item.fix = fix;
    }
    Ok(page)
}

/// `GET /units/{id}`: a unit with its entry in the register and its live fix.
pub async fn unit(Shared(node): Shared<Arc<Node>>, Id(id): Id) -> Response<Body> {
    let (head, found) = {
        let state = node.state();
        (head(&state), item(&state, &id.as_str().into()))
    };
    let Some(mut item) = found else { return at_head::<()>(&head, Err(not_found("unit"))) };
    item.fix = fixes(&node, vec![item.entry.slot]).await.pop().flatten();
    at_head(&head, Ok(item))
}

fn item(state: &State, id: &UnitId) -> Option<UnitItem> {
    Some(UnitItem {
        id: id.clone(),
        view: view(state, id)?,
        entry: state.register().units.get(id)?.clone(),
        fix: None,
    })
}

fn view(state: &State, id: &UnitId) -> Option<UnitView> {
    UnitView::of(state, id)
}

/// Live fixes by slot, from the writer.
async fn fixes(node: &Node, slots: Vec<u32>) -> Vec<Option<Fix>> {
    let count = slots.len();
    let look = move |writer: &dispatch_writer::Writer| {
        let live = &writer.live_map().live;
        let fix = |slot: &u32| {
            let fix = live.get(*slot).filter(|fix| fix.fix_time != NO_FIX)?;
            Some(Fix {
                at: fix.at,
                fix_time: Time(fix.fix_time),
                received_at: None,
                speed_cm_s: Some(fix.speed_cm_s),
                heading_deg: Some(fix.heading_deg),
            })
        };
        slots.iter().map(fix).collect()
    };
    node.gate.ask(look).await.unwrap_or_else(|| vec![None; count])
}

/// `GET /units/{id}/orders`: answers at once, or when something about the unit changed.
pub async fn orders(Shared(node): Shared<Arc<Node>>, Id(id): Id, raw: RawQuery) -> Response<Body> {
    let answer = orders_of(&node, &id.as_str().into(), raw).await;
    let head = head(&node.state());
    at_head(&head, answer)
}

async fn orders_of(node: &Node, unit: &UnitId, raw: RawQuery) -> Result<UnitOrders, Refused> {
    let parameters = Parameters::of(raw, &["after", "wait_s"])?;
    let after: Option<u64> = parameters.parsed("after", &DoorRule::SequenceNumber)?;
    let seconds = DoorRule::NumberWithin { least: 0, most: WAIT_S_MAX };
    let wait_s: u64 = parameters.parsed("wait_s", &seconds)?.unwrap_or(0);
    if wait_s > WAIT_S_MAX {
        return Err(query("wait_s", &seconds));
    }
    if let Some(after) = after
        && wait_s > 0
    {
        // Either way the answer is what holds then.
        let _ = tokio::time::timeout(Duration::from_secs(wait_s), node.changes.after(unit, after)).await;
    }
    let state = node.state();
    if !state.units().contains_key(unit) {
        return Err(not_found("unit"));
    }
    Ok(open_orders(&state, unit))
}

fn open_orders(state: &State, unit: &UnitId) -> UnitOrders {
    let target = Target::Unit(unit.clone());
    let active = state.units().get(unit).and_then(|unit| unit.active);
    let mut open: Vec<_> = state
        .orders()
        .values()
        .filter(|order| order.target == target && (!order.state.is_ended() || order.recall_pending))
        .collect();
    open.sort_by_key(|order| (Some(order.id) != active, order.created_at, order.id));
    let incidents: BTreeSet<_> = open.iter().map(|order| order.incident).collect();
    let orders = open.iter().map(|order| OrderView::new(state, order));
    let incidents = incidents.iter().filter_map(|id| IncidentView::of(state, id));
    UnitOrders { seq: state.seq, orders: orders.collect(), incidents: incidents.collect() }
}

/// `GET /units/{id}/track`: where a unit was, at most 24 hours of it, thinned when it is long.
pub async fn track(Shared(node): Shared<Arc<Node>>, Id(id): Id, raw: RawQuery) -> Response<Body> {
    let head = head(&node.state());
    at_head(&head, track_of(&node, &id.as_str().into(), raw).await)
}

async fn track_of(node: &Node, unit: &UnitId, raw: RawQuery) -> Result<Track, Refused> {
    let parameters = Parameters::of(raw, &["from", "to"])?;
    let to = Time(parameters.parsed("to", &DoorRule::Microseconds)?.unwrap_or(node.now().0));
    let from = Time(
        parameters.parsed("from", &DoorRule::Microseconds)?.unwrap_or(to.0.saturating_sub(TRACK_US_MAX)),
    );
    if from > to || to.0.saturating_sub(from.0) > TRACK_US_MAX {
        return Err(query("from", &DoorRule::StretchOfHours { hours: TRACK_HOURS_MAX }));
    }
    if !node.state().units().contains_key(unit) {
        return Err(not_found("unit"));
    }
    let points = node.tracks.range(unit, from, to).await.map_err(|error| internal(&error))?;
    let step = points.len().div_ceil(TRACK_POINTS_MAX).max(1);
    let thinned = step > 1;
    Ok(Track { points: points.iter().step_by(step).map(track_item).collect(), thinned })
}

fn track_item(point: &TrackPoint) -> TrackItem {
    TrackItem {
        at: point.fix_time,
        lon: point.at.lon,
        lat: point.at.lat,
        speed_cm_s: Some(point.speed_cm_s),
        heading_deg: Some(point.heading_deg),
    }
}
