//! Lists, by cursor: the id of the last item seen, or the read model's own cursor where the archive is asked.

use std::ops::Bound;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State as Shared};
use axum::http::Response;
use dispatch_api::door::DoorRule;
use dispatch_api::question::{Page, PointItem};
use dispatch_core::kernel::id::{AlarmId, IncidentId, PointId};
use dispatch_core::kernel::kind::{IncidentState, Mode, Priority};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::state::State;
use dispatch_core::view::{AlarmView, Entity, IncidentView};
use dispatch_store::{Cursor, EntityQuery, ReadModel as _};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::parameters::Parameters;
use super::{at_head, head, of_truth};
use crate::http::reply::{Refused, internal, query};
use crate::node::Node;

/// A page of what an iterator gives, and the cursor of its last item when there is more.
pub(super) fn page<T>(
    state: &State,
    mut items: impl Iterator<Item = T>,
    limit: usize,
    cursor: impl Fn(&T) -> String,
) -> Page<T> {
    let taken: Vec<T> = items.by_ref().take(limit).collect();
    let next = items.next().and_then(|_| taken.last().map(cursor));
    Page { seq: state.seq, items: taken, next }
}

/// What every list of what is alive, the newest first, can be asked for: where, in which mode, from where on, how many.
struct Wanted {
    area: AreaPath,
    mode: Option<Mode>,
    after: Option<Uuid>,
    limit: usize,
}

impl Wanted {
    fn of(parameters: &Parameters) -> Result<Self, Refused> {
        Ok(Self {
            area: parameters.area(),
            mode: parameters.word("mode")?,
            after: parameters.parsed("after", &DoorRule::NextOfPage)?,
            limit: parameters.limit()?,
        })
    }

    /// The ids that are older than the cursor.
    fn older<I: From<Uuid>>(&self) -> (Bound<I>, Bound<I>) {
        (Bound::Unbounded, self.after.map(I::from).map_or(Bound::Unbounded, Bound::Excluded))
    }

    /// Looked at before a view is made of anything: most are not wanted.
    fn holds(&self, area: &AreaPath, mode: Mode) -> bool {
        area.is_within(&self.area) && self.mode.is_none_or(|wanted| mode == wanted)
    }

    fn page<E: Entity>(&self, state: &State, views: impl Iterator<Item = E>) -> Page<E> {
        page(state, views, self.limit, |view| view.id().id())
    }
}

/// `GET /alarms`: those alive, the newest first.
pub async fn alarms(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    of_truth(&node, |state| alarms_of(state, raw))
}

fn alarms_of(state: &State, raw: RawQuery) -> Result<Page<AlarmView>, Refused> {
    let parameters = Parameters::of(raw, &["state", "area", "mode", "after", "limit"])?;
    let wanted = Wanted::of(&parameters)?;
    let has_come: Box<dyn Fn(AlarmState) -> bool> = match parameters.text("state") {
        None => Box::new(|_| true),
        Some("open") => Box::new(|state| state != AlarmState::Settled),
        Some(_) => {
            let word: Option<AlarmState> = parameters.word("state")?;
            Box::new(move |state| Some(state) == word)
        }
    };
    let alarms = state.alarms().range(wanted.older::<AlarmId>()).rev().map(|(_, alarm)| alarm);
    let matching = alarms.filter(|alarm| has_come(alarm.state) && wanted.holds(&alarm.area, alarm.mode));
    Ok(wanted.page(state, matching.map(|alarm| AlarmView::new(state, alarm))))
}

/// `GET /incidents`: active ones from truth, ended ones from the read model, the newest first.
pub async fn incidents(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    let known = ["state", "area", "mode", "desk", "type", "priority", "after", "limit"];
    let parameters = match Parameters::of(raw, &known) {
        Ok(parameters) => parameters,
        Err(refused) => return at_head::<()>("", Err(refused)),
    };
    let alive = head(&node.state());
    match parameters.text("state") {
        None | Some("active") => of_truth(&node, |state| active(state, &parameters)),
        Some("ended") => {
            at_head(&alive, archive(&node, &parameters, &["cancelled", "closed", "replaced"]).await)
        }
        Some("all") => at_head(&alive, archive(&node, &parameters, &[]).await),
        Some(_) => at_head::<()>(&alive, Err(query("state", &DoorRule::one_of(&["active", "ended", "all"])))),
    }
}

fn active(state: &State, parameters: &Parameters) -> Result<Page<IncidentView>, Refused> {
    let wanted = Wanted::of(parameters)?;
    let priority: Option<Priority> = parameters.word("priority")?;
    let (desk, incident_type) = (parameters.text("desk"), parameters.text("type"));
    let incidents = state.incidents().range(wanted.older::<IncidentId>()).rev().map(|(_, incident)| incident);
    let matching = incidents.filter(|incident| {
        incident.state == IncidentState::Active
            && wanted.holds(&incident.area, incident.mode)
            && priority.is_none_or(|priority| incident.priority == priority)
            && desk.is_none_or(|desk| incident.desk.as_str() == desk)
            && incident_type
                .is_none_or(|code| incident.incident_type.as_ref().is_some_and(|it| it.as_str() == code))
    });
    Ok(wanted.page(state, matching.map(|incident| IncidentView::new(state, incident))))
}

async fn archive(
    node: &Node,
    parameters: &Parameters,
    states: &[&str],
) -> Result<Page<IncidentView>, Refused> {
    for field in ["type", "priority"] {
        if parameters.text(field).is_some() {
            return Err(query(field, &DoorRule::ActiveOnly));
        }
    }
    let seq = node.state().seq;
    let asked = EntityQuery {
        area: parameters.area(),
        states: states.iter().map(|state| (*state).to_owned()).collect(),
        modes: parameters.word("mode")?.into_iter().collect(),
        desk: parameters.text("desk").map(Into::into),
        after: parameters.parsed::<Cursor>("after", &DoorRule::NextOfPage)?,
        limit: u32::try_from(parameters.limit()?).unwrap_or(u32::MAX),
        ..EntityQuery::of("incident")
    };
    let found = node.store.entities(&asked).await.map_err(|error| internal(&error))?;
    let items = found.rows.iter().map(|row| shown(&row.doc)).collect::<Result<_, _>>()?;
    Ok(Page { seq, items, next: found.next.map(|cursor| cursor.to_string()) })
}

/// A view out of a document of the read model.
pub(super) fn shown<T: DeserializeOwned>(doc: &str) -> Result<T, Refused> {
    let read = || {
        let mut doc: Value = serde_json::from_str(doc)?;
        serde_json::from_value(doc["view"].take())
    };
    read().map_err(|error: serde_json::Error| internal(&error))
}

/// All of one kind that are alive, by id: as `GET /technicals`.
pub async fn alive<E: Entity>(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    of_truth(&node, |state| {
        let parameters = Parameters::of(raw, &["after", "limit"])?;
        let after: Option<Uuid> = parameters.parsed("after", &DoorRule::NextOfPage)?;
        let after = after.map(|after| after.to_string());
        let items = E::all(state).filter(|item| after.as_ref().is_none_or(|after| item.id().id() > *after));
        Ok(page(state, items, parameters.limit()?, |item| item.id().id()))
    })
}

/// `GET /points`: alarm points of the register, by code.
pub async fn points(Shared(node): Shared<Arc<Node>>, raw: RawQuery) -> Response<Body> {
    of_truth(&node, |state| {
        let parameters = Parameters::of(raw, &["area", "after", "limit"])?;
        let area = parameters.area();
        let after: PointId = parameters.text("after").unwrap_or_default().into();
        let items = state.register().points.range(after.clone()..).filter(|(id, _)| **id != after);
        let items =
            items.filter(|(_, entry)| entry.area.is_within(&area)).map(|(id, _)| point(&node, state, id));
        Ok(page(state, items.flatten(), parameters.limit()?, |item: &PointItem| item.id.to_string()))
    })
}

/// A point with its test window and when it was last heard.
pub(super) fn point(node: &Node, state: &State, id: &PointId) -> Option<PointItem> {
    let entry = state.register().points.get(id)?.clone();
    let heard_at = node.liveness.last(id).map(|elapsed| node.truth.clock().at(elapsed.0));
    let test_until = state.test_windows().get(id).copied();
    Some(PointItem { id: id.clone(), entry, heard_at, test_until })
}
