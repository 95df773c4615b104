//! Who brings a request, as far as the node can tell, and what each may take of it: requests, and time of a processor.
//!
//! Behind one proxy all have one address, so whoever names a seat, a unit or a point of the register has a budget of their
//! own; those who name nobody, or somebody nobody knows, share the one of their address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use dispatch_api::header;
use dispatch_core::kernel::id::{PointId, SeatId, UnitId};
use dispatch_core::state::State;

/// Of each second of one processor, so much is one peer's.
const PROCESSOR: Duration = Duration::from_millis(250);

/// Whoever brings a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    address: IpAddr,
    name: Option<Box<str>>,
}

impl Peer {
    /// By the address and the headers; `state` knows which names there are.
    pub fn of(address: IpAddr, headers: &HeaderMap, state: Option<&State>) -> Self {
        let named = |which: &str| headers.get(which).and_then(|name| name.to_str().ok());
        let name = state.and_then(|state| {
            let register = state.register();
            let is_device = |name: &&str| {
                register.units.contains_key(&UnitId::from(*name))
                    || register.points.contains_key(&PointId::from(*name))
            };
            let seat = named(header::SEAT).filter(|name| register.seats.contains_key(&SeatId::from(*name)));
            seat.or_else(|| named(header::ACTOR).filter(is_device))
        });
        Self { address, name: name.map(Into::into) }
    }

    /// Whoever listens at this seat.
    pub fn at_seat(address: IpAddr, seat: Option<&SeatId>, state: &State) -> Self {
        let known = seat.filter(|seat| state.register().seats.contains_key(*seat));
        Self { address, name: known.map(|seat| seat.as_str().into()) }
    }

    /// Where the request came from.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

/// What each peer has taken in this second.
#[derive(Debug)]
pub struct Budgets {
    requests_per_s: u32,
    second: Mutex<Second>,
}

#[derive(Debug, Default)]
struct Second {
    began: Option<Instant>,
    taken: BTreeMap<Peer, Taken>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    requests: u32,
    processor: Duration,
}

impl Budgets {
    /// Budgets of so many requests.
    pub fn of(requests_per_s: u32) -> Self {
        Self { requests_per_s, second: Mutex::default() }
    }

    /// Counts a request; false where the peer has taken all that is its own.
    pub fn take(&self, peer: &Peer) -> bool {
        let mut second = self.second();
        let taken = second.taken.entry(peer.clone()).or_default();
        taken.requests += 1;
        taken.requests <= self.requests_per_s && taken.processor < PROCESSOR
    }

    /// So much of a processor went into a peer's request. Who takes more than there is in a second pays in those after it.
    pub fn charge(&self, peer: &Peer, processor: Duration) {
        self.second().taken.entry(peer.clone()).or_default().processor += processor;
    }

    fn second(&self) -> MutexGuard<'_, Second> {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = second.began.map_or(u64::MAX, |began| began.elapsed().as_secs());
        if passed > 0 {
            let paid = PROCESSOR.saturating_mul(u32::try_from(passed).unwrap_or(u32::MAX));
            second.began = Some(Instant::now());
            second.taken.retain(|_, taken| {
                *taken = Taken { requests: 0, processor: taken.processor.saturating_sub(paid) };
                !taken.processor.is_zero()
            });
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(last: u8, name: Option<&str>) -> Peer {
        Peer { address: IpAddr::from([127, 0, 0, last]), name: name.map(Into::into) }
    }

    #[test]
    fn a_budget_is_of_one_peer() {
        let budgets = Budgets::of(2);
        let greedy = peer(1, None);
        assert!(budgets.take(&greedy) && budgets.take(&greedy));
        assert!(!budgets.take(&greedy));
        for other in [peer(2, None), peer(1, Some("seat"))] {
            assert!(budgets.take(&other), "{other:?}");
        }
    }

    #[test]
    fn who_takes_more_of_a_processor_than_there_is_pays_later() {
        let budgets = Budgets::of(100);
        let greedy = peer(1, None);
        budgets.charge(&greedy, PROCESSOR * 3);
        assert!(!budgets.take(&greedy));
        let later = |seconds| {
            let began = Instant::now().checked_sub(Duration::from_secs(seconds));
            budgets.second.lock().unwrap().began = began;
        };
        later(2);
        assert!(!budgets.take(&greedy));
        later(1);
        assert!(budgets.take(&greedy));
    }

    #[test]
    fn only_names_of_the_register_have_budgets_of_their_own() {
        let state = dispatch_core::sample::Centre::new().state;
        let seat = state.register().seats.keys().next().unwrap();
        let unit = state.register().units.keys().next().unwrap();
        let address = IpAddr::from([127, 0, 0, 1]);
        let of = |which: &'static str, name: &str| {
            let headers = HeaderMap::from_iter([(which.parse().unwrap(), name.parse().unwrap())]);
            Peer::of(address, &headers, Some(&state)).name
        };
        assert_eq!(of(header::SEAT, seat.as_str()).as_deref(), Some(seat.as_str()));
        assert_eq!(of(header::ACTOR, unit.as_str()).as_deref(), Some(unit.as_str()));
        assert_eq!((of(header::SEAT, "invented"), of(header::ACTOR, "invented")), (None, None));
    }
}
