//! What the response keeps of the centre's state; written by its own events, and where units follow the register.

use std::collections::{BTreeMap, BTreeSet};

use crate::contexts::keeps;
use crate::event::Record;
use crate::kernel::id::{
    AlarmId, DeskId, EntityId, IncidentId, OrderId, RecommendationId, SupportId, UnitId,
};
use crate::kernel::kind::IncidentState;
use crate::kernel::marked::MarkedTable;
use crate::kernel::time::LocalDay;
use crate::response::alarm::presses::Presses;
use crate::response::alarm::{Alarm, AlarmState};
use crate::response::incident::{Earlier, Incident};
use crate::response::order::Order;
use crate::response::recommended::kept::KeptRecommendation;
use crate::response::support::Support;
use crate::response::unit::Unit;
use crate::state::State;

keeps! {
    /// Alarms, incidents, orders and units: one subject, since each changes with the others.
    ResponseState in response, for tests response_mut {
        /// Alarms that are not archived.
        alarms: MarkedTable<AlarmId, Alarm>,
        /// Open presses: repeats find their alarm by it.
        presses: Presses,
        /// Incidents that are not archived.
        incidents: MarkedTable<IncidentId, Incident>,
        /// What those had that were taken up again.
        earlier: BTreeMap<IncidentId, Earlier>,
        /// Orders of those.
        orders: MarkedTable<OrderId, Order>,
        /// Recommendations those refer to.
        recommendations: MarkedTable<RecommendationId, KeptRecommendation>,
        /// Units at run time, by id.
        units: BTreeMap<UnitId, Unit>,
        /// Support requests that are not over.
        supports: MarkedTable<SupportId, Support>,
        /// The last serial each desk gave to an alarm, with the day it belongs to: part of its human number.
        alarm_serials: BTreeMap<DeskId, (LocalDay, u32)>,
        /// The same for incidents.
        incident_serials: BTreeMap<DeskId, (LocalDay, u32)>,
    }
}

impl State {
    /// Holds once with another state all that both say the same of: one of them was read from a store, and stands beside
    /// what there was.
    pub fn share_all(&mut self, other: &Self) {
        let (own, others) = (&mut self.response, &other.response);
        own.alarms.share_all(&others.alarms);
        own.incidents.share_all(&others.incidents);
        own.orders.share_all(&others.orders);
        own.recommendations.share_all(&others.recommendations);
    }

    /// Holds once with another state what some records are about and both say the same of, where it will hardly change
    /// any more: recommendations, alarms that are settled, incidents that ended with their alarms and orders. Neither
    /// state is another than before.
    pub fn share_ended(&mut self, other: &Self, records: &[Record]) {
        let about: BTreeSet<EntityId> =
            records.iter().flat_map(|record| record.event.about().entities).map(|(id, _)| id).collect();
        let incidents: BTreeSet<IncidentId> = about.iter().filter_map(|id| id.incident(self)).collect();
        for id in about.iter().filter_map(EntityId::as_recommendation) {
            self.response.recommendations.share(&other.response.recommendations, &id);
        }
        for id in about.iter().filter_map(EntityId::as_alarm) {
            if self.alarms().get(&id).is_some_and(|alarm| alarm.state == AlarmState::Settled) {
                self.response.alarms.share(&other.response.alarms, &id);
            }
        }
        for id in incidents {
            let Some(incident) = self.incidents().get(&id).filter(|it| it.state != IncidentState::Active)
            else {
                continue;
            };
            let (alarms, orders) = (incident.alarms.clone(), incident.orders.clone());
            self.response.incidents.share(&other.response.incidents, &id);
            for alarm in alarms {
                self.response.alarms.share(&other.response.alarms, &alarm);
            }
            for order in orders {
                self.response.orders.share(&other.response.orders, &order);
            }
        }
    }
}
