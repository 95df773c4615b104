//! The room for connections and for the bodies that are on their way (D11). Where there is none left, a newcomer takes the
//! place of whoever has been still for longest, of the address that holds most of them; never the place of a call for help
//! or of a request that is being answered. A call whose body stands still is ended with what came of it, and rings.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use crate::config::Limits;

/// Connections kept for alarms, for each hundred of the bound and at the least.
const RESERVED_PERCENT: usize = 5;
const RESERVED_MIN: usize = 8;
/// Of those that could be let go, one of so many is at a time: looking through all of them is paid for by many newcomers.
const AT_ONCE: usize = 32;

/// Which requests a connection may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Any request there is a route for.
    Open,
    /// Calls for help alone: all other places are taken.
    Alarms,
}

/// What a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Doing {
    /// It waits for a request, or its answer is on its way out.
    Waiting,
    /// The body of a request comes.
    Reading,
    /// The body of a call for help comes.
    Calling,
    /// A request is answered.
    Answering,
}

impl Doing {
    const ALL: [Self; 4] = [Self::Waiting, Self::Reading, Self::Calling, Self::Answering];
}

/// Room for so many connections, and so many bytes of bodies.
#[derive(Debug)]
pub struct Room {
    began: Instant,
    most: usize,
    reserved: usize,
    bodies_bytes: usize,
    places: Mutex<Places>,
    /// Bytes of bodies that are held until their requests are answered.
    held: AtomicUsize,
}

#[derive(Debug, Default)]
struct Places {
    taken: BTreeMap<u64, Arc<Place>>,
    next: u64,
}

impl Room {
    /// The room these limits give.
    pub fn of(limits: &Limits) -> Arc<Self> {
        let (most, reserved) = (limits.connections, reserved(limits.connections));
        let (places, held) = (Mutex::default(), AtomicUsize::new(0));
        Arc::new(Self {
            began: Instant::now(),
            most,
            reserved,
            bodies_bytes: limits.bodies_bytes,
            places,
            held,
        })
    }

    /// A place for a connection from this address, and how many others were let go for it; none where all are needed.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> (Option<Entered>, usize) {
        let mut places = self.places();
        let gone = if places.taken.len() < self.most { 0 } else { places.make_room() };
        let door = if places.taken.len() < self.most {
            Door::Open
        } else if places.taken.len() < self.most + self.reserved {
            Door::Alarms
        } else {
            return (None, gone);
        };
        let number = places.next;
        places.next += 1;
        let place = Arc::new(Place::of(peer, self.now_ms()));
        places.taken.insert(number, place.clone());
        drop(places);
        (Some(Entered { room: self.clone(), number, place, door }), gone)
    }

    /// Holds bytes of a body; false where there is no room, and the body is not read on. Calls may hold as much again, so
    /// that nothing else ends them.
    pub fn hold(&self, place: &Arc<Place>, bytes: usize) -> bool {
        place.touch(self.now_ms());
        let is_call = place.doing() == Doing::Calling;
        let most = if is_call { 2 * self.bodies_bytes } else { self.bodies_bytes };
        place.held.fetch_add(bytes, Ordering::Relaxed);
        let mut held = self.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > most {
            self.places().drop_bodies(place, held - most, |still| self.release(still));
            held = self.held.load(Ordering::Relaxed);
        }
        if held > most {
            self.release(place);
        }
        held <= most
    }

    /// Begins with a request.
    pub fn begin(&self, place: &Place, doing: Doing) {
        place.touch(self.now_ms());
        place.be(doing);
    }

    /// The request is answered: what its body held is given back. True where the connection has to end with it.
    pub fn finish(&self, place: &Place) -> bool {
        self.release(place);
        self.begin(place, Doing::Waiting);
        place.is_let_go()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.places().taken.len()
    }

    /// Bytes of bodies that are held now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn release(&self, place: &Place) {
        let held = place.held.swap(0, Ordering::Relaxed);
        self.held.fetch_sub(held, Ordering::Relaxed);
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connections kept for alarms alone beside so many others.
pub fn reserved(connections: usize) -> usize {
    (connections / 100 * RESERVED_PERCENT).max(RESERVED_MIN)
}

impl Places {
    /// Lets go of some that stand still, and of calls only where there is nobody else; they give their places back at once.
    fn make_room(&mut self) -> usize {
        let mut gone = self.let_go(|doing| matches!(doing, Doing::Waiting | Doing::Reading));
        if gone == 0 {
            gone = self.let_go(|doing| doing == Doing::Calling);
        }
        gone
    }

    fn let_go(&mut self, may: impl Fn(Doing) -> bool) -> usize {
        let mut still: Vec<_> =
            self.taken.iter().filter(|(_, place)| may(place.doing()) && !place.is_let_go()).collect();
        let mut of_peer: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for (_, place) in &still {
            *of_peer.entry(place.peer).or_default() += 1;
        }
        still.sort_by_cached_key(|(_, place)| (Reverse(of_peer.get(&place.peer).copied()), place.since_ms()));
        still.truncate(still.len().div_ceil(AT_ONCE));
        let gone: Vec<u64> = still.into_iter().map(|(number, _)| *number).collect();
        for number in &gone {
            if let Some(place) = self.taken.remove(number) {
                place.let_go();
            }
        }
        gone.len()
    }

    /// Ends bodies that stand still until so many bytes are given back, those that were touched longest ago first.
    fn drop_bodies(&self, but: &Arc<Place>, mut bytes: usize, release: impl Fn(&Place)) {
        let others = self.taken.values().filter(|place| {
            place.doing() == Doing::Reading && !place.is_let_go() && !Arc::ptr_eq(place, but)
        });
        let mut others: Vec<_> = others.collect();
        others.sort_by_cached_key(|place| place.since_ms());
        for place in others {
            if bytes == 0 {
                break;
            }
            bytes = bytes.saturating_sub(place.held.load(Ordering::Relaxed));
            place.let_go();
            release(place);
        }
    }
}

/// The place of one connection.
#[derive(Debug)]
pub struct Place {
    peer: IpAddr,
    doing: AtomicU8,
    /// When something last came, milliseconds since the room was made.
    since_ms: AtomicU64,
    held: AtomicUsize,
    let_go: AtomicBool,
    /// Wakes whoever waits for the body.
    body: AtomicWaker,
    /// Wakes the connection.
    leave: Notify,
}

impl Place {
    fn of(peer: IpAddr, now_ms: u64) -> Self {
        Self {
            peer,
            doing: AtomicU8::new(Doing::Waiting as u8),
            since_ms: AtomicU64::new(now_ms),
            held: AtomicUsize::new(0),
            let_go: AtomicBool::new(false),
            body: AtomicWaker::new(),
            leave: Notify::new(),
        }
    }

    /// What it is about.
    pub fn doing(&self) -> Doing {
        let doing = self.doing.load(Ordering::Relaxed);
        Doing::ALL.get(usize::from(doing)).copied().unwrap_or(Doing::Waiting)
    }

    /// What it is about from now on.
    pub fn be(&self, doing: Doing) {
        self.doing.store(doing as u8, Ordering::Relaxed);
    }

    /// Whether it was given to another: what it does is ended.
    pub fn is_let_go(&self) -> bool {
        self.let_go.load(Ordering::Acquire)
    }

    /// Wakes this one when the place is given to another.
    pub fn wake(&self, body: &Waker) {
        self.body.register(body);
    }

    /// Waits until the place is given to another while no request is on it.
    pub async fn left(&self) {
        self.leave.notified().await;
    }

    fn let_go(&self) {
        self.let_go.store(true, Ordering::Release);
        if self.doing() == Doing::Waiting {
            self.leave.notify_one();
        } else {
            self.body.wake();
        }
    }

    fn touch(&self, now_ms: u64) {
        self.since_ms.store(now_ms, Ordering::Relaxed);
    }

    fn since_ms(&self) -> u64 {
        self.since_ms.load(Ordering::Relaxed)
    }
}

/// A connection that was let in; the place is free again when this is dropped.
#[derive(Debug)]
pub struct Entered {
    /// The room it is in.
    pub room: Arc<Room>,
    number: u64,
    /// What is known of it as long as it is there.
    pub place: Arc<Place>,
    /// Which requests it may bring.
    pub door: Door,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.room.places().taken.remove(&self.number);
        self.room.release(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

    fn room(connections: usize, bodies_bytes: usize) -> Arc<Room> {
        Room::of(&Limits { bodies_bytes, connections, ..Limits::default() })
    }

    #[test]
    fn a_newcomer_takes_the_place_of_the_stillest_of_the_address_with_most() {
        let room = room(3, 9);
        let (quiet, _) = room.enter(OTHER);
        let (first, second) = (room.enter(ONE).0.unwrap(), room.enter(ONE).0.unwrap());
        first.place.touch(2);
        second.place.touch(1);
        let (third, gone) = room.enter(OTHER);
        assert_eq!((third.unwrap().door, gone), (Door::Open, 1));
        assert!(second.place.is_let_go() && !first.place.is_let_go() && !quiet.unwrap().place.is_let_go());
    }

    #[test]
    fn nobody_who_is_answered_or_calls_gives_way_while_another_can() {
        let room = room(3, 9);
        let [calls, answered, reads] = [(); 3].map(|()| room.enter(ONE).0.unwrap());
        room.begin(&calls.place, Doing::Calling);
        room.begin(&answered.place, Doing::Answering);
        room.begin(&reads.place, Doing::Reading);
        let (next, _) = room.enter(ONE);
        assert!(reads.place.is_let_go() && !calls.place.is_let_go());
        room.begin(&next.as_ref().unwrap().place, Doing::Answering);
        let (last, gone) = room.enter(OTHER);
        assert_eq!((last.unwrap().door, gone), (Door::Open, 1));
        assert!(calls.place.is_let_go(), "a call that stands still rings with what came of it");
        assert!(!answered.place.is_let_go());
    }

    #[test]
    fn when_all_are_answered_some_places_are_kept_for_alarms_and_no_more() {
        let room = room(2, 9);
        let taken: Vec<_> = (0..2 + RESERVED_MIN)
            .map(|_| {
                let entered = room.enter(ONE).0.unwrap();
                room.begin(&entered.place, Doing::Answering);
                entered
            })
            .collect();
        let doors: Vec<Door> = taken.iter().map(|entered| entered.door).collect();
        assert!(doors[..2].iter().all(|door| *door == Door::Open));
        assert!(doors[2..].iter().all(|door| *door == Door::Alarms));
        assert!(room.enter(OTHER).0.is_none());
        drop(taken);
        assert_eq!((room.connections(), room.enter(OTHER).0.unwrap().door), (0, Door::Open));
    }

    #[test]
    fn bodies_together_hold_so_much_and_the_stillest_gives_way() {
        let room = room(9, 10);
        let [still, moves, calls] = [(); 3].map(|()| room.enter(ONE).0.unwrap());
        room.begin(&still.place, Doing::Reading);
        room.begin(&moves.place, Doing::Reading);
        room.begin(&calls.place, Doing::Calling);
        assert!(room.hold(&still.place, 6));
        still.place.since_ms.store(0, Ordering::Relaxed);
        assert!(room.hold(&moves.place, 6), "there is room once the other is let go");
        assert!(still.place.is_let_go());
        assert_eq!(room.held(), 6);
        assert!(!room.hold(&moves.place, 6), "there is nobody else to give way");
        assert_eq!(room.held(), 0);
        room.begin(&moves.place, Doing::Reading);
        assert!(room.hold(&moves.place, 10) && room.hold(&calls.place, 10), "a call has room of its own");
        assert!(!room.finish(&calls.place) && room.finish(&still.place));
        drop((moves, still));
        assert_eq!(room.held(), 0);
    }
}
