//! Crews obey what the stream says of their orders, and what the centre says always wins.

#![expect(clippy::cast_precision_loss, reason = "counts and seconds of a day are small")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use dispatch_core::Coord;
use dispatch_core::command::Command;
use dispatch_core::kernel::id::{DeskId, IncidentId, OrderId, UnitId};
use dispatch_core::kernel::kind::{IncidentState, Mode, OrderState, Priority};
use dispatch_core::kernel::place::{AreaPath, Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::feedback::FeedbackKind;
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::{Order, StampSource};
use dispatch_core::view::{IncidentView, OrderView, View};
use dispatch_sim::ground::{metres, offset};
use dispatch_sim::message::{Body, Message};
use dispatch_sim::moment::after;
use dispatch_sim::{Scene, Settings, World};
use region::Package;
use uuid::Uuid;

const START: Time = Time(1_767_830_400_000_000);
const SECOND: i64 = 1_000_000;

static SCENE: LazyLock<Arc<Scene>> = LazyLock::new(|| {
    let files = region::embedded("xilingol").expect("it is embedded");
    Arc::new(Scene::of(&Package::read(&files).expect("it has no fault")))
});

/// A quiet day: no callers, no faults, no operators.
fn quiet() -> Settings {
    Settings {
        alarms_per_minute: 0.0,
        technicals_per_hour: 0.0,
        sos_per_day: 0.0,
        operators: 0,
        ..Settings::default()
    }
}

/// Open orders as the centre would show them: what a unit reports is what they come to.
#[derive(Default)]
struct Book {
    orders: BTreeMap<OrderId, Order>,
    incidents: BTreeMap<IncidentId, Incident>,
    /// State and time of every report, by order.
    told: BTreeMap<OrderId, Vec<(OrderState, Time)>>,
    results: BTreeMap<OrderId, u32>,
    notices: BTreeMap<OrderId, u32>,
    back: BTreeMap<UnitId, Time>,
    /// Where each unit last said it was.
    last: BTreeMap<UnitId, Coord>,
    /// How far from the scene each unit was when it said it had arrived, m.
    off: Vec<f64>,
}

impl Book {
    /// Sends a unit somewhere.
    fn send(&mut self, number: u128, unit: &UnitId, to: Coord, state: OrderState) -> OrderId {
        let (order, incident) =
            (OrderId(Uuid::from_u128(number)), IncidentId(Uuid::from_u128(number + (1 << 64))));
        self.incidents.insert(incident, an_incident(incident, order, to));
        self.orders.insert(order, an_order(order, incident, unit, state));
        order
    }

    fn views(&self, of: OrderId) -> [View; 2] {
        let order = self.orders[&of].clone();
        let incident = self.incidents[&order.incident].clone();
        let (due, overdue) = (None, Vec::new());
        [
            View::Order(OrderView { order, due, overdue: overdue.clone() }),
            View::Incident(IncidentView {
                incident,
                status: Vec::new(),
                due,
                overdue,
                missing_type: false,
                missing_place: false,
            }),
        ]
    }

    fn all(&self) -> Vec<View> {
        self.orders.keys().flat_map(|order| self.views(*order)).collect()
    }

    /// Lets the world live for some seconds, and tells it what its reports came to.
    fn live(&mut self, world: &mut World, seconds: i64) {
        let end = Time(world.now().0 + seconds * SECOND);
        while world.now() < end {
            for message in world.step(Time((world.now().0 + SECOND).min(end.0))) {
                if let Some(order) = self.take(&message) {
                    world.hear(&self.views(order));
                }
            }
        }
    }

    fn take(&mut self, message: &Message) -> Option<OrderId> {
        let intent = match &message.body {
            Body::Fix(fix) => {
                self.last.insert(fix.unit.clone(), fix.at);
                return None;
            }
            Body::Intent(intent) => intent,
        };
        match &intent.command {
            Command::AdvanceOrder(advance) => {
                assert_eq!(advance.source, StampSource::Device);
                let order = self.orders.get_mut(&advance.order).expect("only orders that were given");
                order.state = advance.state;
                order.version += 1;
                self.told
                    .entry(order.id)
                    .or_default()
                    .push((advance.state, advance.at.expect("devices have clocks")));
                if advance.state == OrderState::OnScene
                    && let (Target::Unit(unit), Some(scene)) =
                        (&order.target, self.incidents[&order.incident].place.coord)
                    && let Some(&at) = self.last.get(unit)
                {
                    self.off.push(metres(at, scene));
                }
                if matches!(advance.state, OrderState::Declined | OrderState::Failed) {
                    assert!(advance.reason.is_some(), "{:?} without a reason", advance.state);
                }
                Some(order.id)
            }
            Command::GiveFeedback(feedback) if feedback.kind == FeedbackKind::Result => {
                assert!(feedback.disposition.is_some() && intent.text.is_some());
                *self.results.entry(feedback.order?).or_default() += 1;
                None
            }
            Command::SignNotice(notice) => {
                let order = self.orders.get_mut(&notice.order).expect("only orders that were given");
                (order.recall_pending, order.state) = (false, OrderState::Recalled);
                *self.notices.entry(order.id).or_default() += 1;
                Some(order.id)
            }
            Command::ReportBack(back) => {
                self.back.insert(back.unit.clone(), message.at);
                None
            }
            _ => None,
        }
    }

    fn reached(&self, order: OrderId, state: OrderState) -> Option<Time> {
        self.told.get(&order)?.iter().find(|told| told.0 == state).map(|told| told.1)
    }
}

fn an_incident(id: IncidentId, order: OrderId, to: Coord) -> Incident {
    let place = Place { kind: PlaceKind::Point, coord: Some(to), ..Place::unknown(PlaceSource::Caller) };
    let json = serde_json::json!({
        "id": id, "version": 1, "number": "T1", "mode": Mode::Actual, "state": IncidentState::Active,
        "desk": DeskId::from("d"), "area": AreaPath::default(), "place": place, "incident_type": "theft",
        "priority": Priority::P2, "alarms": [], "orders": [order], "received_at": START, "created_at": START,
        "acts": [],
    });
    serde_json::from_value(json).expect("every required field is there")
}

fn an_order(id: OrderId, incident: IncidentId, unit: &UnitId, state: OrderState) -> Order {
    let json = serde_json::json!({
        "id": id, "version": 1, "incident": incident, "mode": Mode::Actual, "area": AreaPath::default(),
        "target": Target::Unit(unit.clone()), "state": state, "desk": DeskId::from("d"), "created_at": START,
        "stamps": [],
    });
    serde_json::from_value(json).expect("every required field is there")
}

fn world(settings: Settings) -> World {
    World::new(Arc::clone(&SCENE), settings, 11, START)
}

/// Every fifth unit is sent eight kilometres to the east.
fn send_many(book: &mut Book, world: &mut World) -> Vec<OrderId> {
    let sent: Vec<OrderId> = SCENE
        .units
        .iter()
        .step_by(5)
        .enumerate()
        .map(|(at, unit)| {
            book.send(at as u128 + 1, &unit.id, offset(unit.home, 8_000.0, 0.0), OrderState::Sent)
        })
        .collect();
    world.hear(&book.all());
    sent
}

#[test]
fn crews_sign_turn_out_arrive_work_clear_report_and_come_back() {
    let (mut book, mut world) = (Book::default(), world(quiet()));
    let sent = send_many(&mut book, &mut world);
    book.live(&mut world, 6 * 3_600);
    let steps = [
        OrderState::Delivered,
        OrderState::Signed,
        OrderState::Enroute,
        OrderState::OnScene,
        OrderState::Cleared,
    ];
    let (mut done, mut declined, mut unsigned, mut prompt) = (0.0, 0.0, 0.0, 0.0);
    for &order in &sent {
        let told: Vec<OrderState> = book.told[&order].iter().map(|told| told.0).collect();
        if told.last() == Some(&OrderState::Declined) {
            assert_eq!(told, [OrderState::Delivered, OrderState::Declined]);
            declined += 1.0;
        } else if told == [OrderState::Delivered] {
            unsigned += 1.0;
        } else if told.last() != Some(&OrderState::Failed) {
            assert!(steps.starts_with(&told), "{told:?}");
            if told.len() == steps.len() {
                done += 1.0;
            }
        }
        if let (Some(delivered), Some(signed)) =
            (book.reached(order, OrderState::Delivered), book.reached(order, OrderState::Signed))
            && signed.0 - delivered.0 <= 30 * SECOND
        {
            prompt += 1.0;
        }
    }
    let n = sent.len() as f64;
    assert!(done / n > 0.85, "{done} of {n} carried out");
    assert!((0.002..0.06).contains(&(declined / n)), "{declined} of {n} declined");
    assert!((0.002..0.06).contains(&(unsigned / n)), "{unsigned} of {n} never heard");
    assert!(prompt / n > 0.85, "{prompt} of {n} signed within the timer");
    assert!((book.results.len() as f64 - done).abs() < 0.5, "each that cleared wrote one result");
    assert!(book.results.values().all(|&results| results == 1));
    assert!(book.back.len() as f64 > done * 0.9, "{} came back", book.back.len());
    // An arrival pressed without coverage comes with the next fix not heard yet; nearly all are at the scene.
    let near = book.off.iter().filter(|&&off| off < 60.0).count() as f64;
    assert!(near / book.off.len() as f64 > 0.95, "{near} of {} were there", book.off.len());
}

#[test]
fn a_unit_at_home_needs_its_readiness_to_turn_out() {
    let (mut book, mut world) = (Book::default(), world(quiet()));
    let at_home =
        |unit: &&dispatch_sim::scene::UnitSeed| unit.duty == dispatch_core::kernel::kind::Duty::OnCall;
    let units: Vec<_> = SCENE.units.iter().filter(at_home).take(200).collect();
    for (at, unit) in units.iter().enumerate() {
        book.send(at as u128 + 1, &unit.id, offset(unit.home, 0.0, 5_000.0), OrderState::Sent);
    }
    world.hear(&book.all());
    book.live(&mut world, 3_600);
    let (mut ratios, mut count) = (0.0, 0.0);
    for (at, unit) in units.iter().enumerate() {
        let order = OrderId(Uuid::from_u128(at as u128 + 1));
        if let (Some(signed), Some(enroute)) =
            (book.reached(order, OrderState::Signed), book.reached(order, OrderState::Enroute))
        {
            ratios += (enroute.0 - signed.0) as f64 / SECOND as f64 / unit.readiness_s;
            count += 1.0;
        }
    }
    assert!(count > 150.0, "{count}");
    assert!((0.95..1.1).contains(&(ratios / count)), "turnout is {} of readiness", ratios / count);
}

#[test]
fn a_recall_is_signed_and_the_unit_goes_back() {
    let (mut book, mut world) = (Book::default(), world(quiet()));
    let sent = send_many(&mut book, &mut world);
    book.live(&mut world, 900);
    let rolling: Vec<OrderId> =
        sent.into_iter().filter(|order| book.orders[order].state == OrderState::Enroute).collect();
    assert!(rolling.len() > 50, "{}", rolling.len());
    for order in &rolling {
        book.orders.get_mut(order).expect("it was sent").recall_pending = true;
        world.hear(&book.views(*order));
    }
    book.live(&mut world, 3_600);
    for order in &rolling {
        assert_eq!(book.notices.get(order), Some(&1), "the recall is signed once");
        assert_ne!(book.told[order].last().map(|told| told.0), Some(OrderState::Cleared));
        let Target::Unit(unit) = &book.orders[order].target else { panic!("sent to units") };
        assert!(book.back.contains_key(unit), "{unit} came back");
    }
}

#[test]
fn an_order_signed_by_voice_is_obeyed() {
    let settings = quiet();
    let habits =
        dispatch_sim::crew::Habits { unheard: 1.0, declined: 0.0, late: 0.0, ..settings.habits.clone() };
    let (mut book, mut world) = (Book::default(), world(Settings { habits, ..settings }));
    let unit = &SCENE.units[3];
    let order = book.send(1, &unit.id, offset(unit.home, 3_000.0, 0.0), OrderState::Sent);
    world.hear(&book.all());
    book.live(&mut world, 900);
    assert_eq!(book.orders[&order].state, OrderState::Delivered, "nobody looks at the screen");
    book.orders.get_mut(&order).expect("it was sent").state = OrderState::Signed;
    world.hear(&book.views(order));
    book.live(&mut world, 3 * 3_600);
    assert!(book.reached(order, OrderState::OnScene).is_some(), "{:?}", book.told[&order]);
    assert!(book.reached(order, OrderState::Signed).is_none(), "it was signed for the crew");
}

#[test]
fn a_new_world_goes_on_from_the_centres_truth() {
    let (mut book, mut world) = (Book::default(), world(quiet()));
    let unit = &SCENE.units[5];
    let scene = offset(unit.home, 6_000.0, 0.0);
    let order = book.send(1, &unit.id, scene, OrderState::Enroute);
    let midway = offset(unit.home, 3_000.0, 0.0);
    world.place(&unit.id, midway);
    world.hear_all(&book.all());
    book.live(&mut world, 30);
    let first = book.last[&unit.id];
    assert!(metres(first, midway) < 900.0, "it goes on where it was seen last");
    book.live(&mut world, 4 * 3_600);
    let told: Vec<OrderState> = book.told[&order].iter().map(|told| told.0).collect();
    assert!(
        matches!(told.as_slice(), [OrderState::OnScene, OrderState::Cleared] | [OrderState::Failed]),
        "{told:?}"
    );
    // The centre has forgotten the order: so does the unit.
    let order = book.send(2, &unit.id, scene, OrderState::Enroute);
    world.hear(&book.views(order));
    book.live(&mut world, 60);
    world.hear_all(&[]);
    book.live(&mut world, 4 * 3_600);
    assert!(!book.told.contains_key(&order), "{:?}", book.told.get(&order));
}

#[test]
fn an_sos_out_of_coverage_is_heard_late_with_the_time_it_was_pressed() {
    let settings = Settings { sos_per_day: 2_000.0, sos_late: 1.0, ..quiet() };
    let mut world = world(settings);
    let mut delays = Vec::new();
    for message in world.step(after(START, 2.0 * 3_600.0)) {
        if let Body::Intent(intent) = &message.body
            && let Command::RaiseAlarm(alarm) = &intent.command
        {
            assert!(alarm.press.is_some() && alarm.unit.is_some());
            delays.push((message.at.0 - intent.occurred_at.0) / SECOND);
        }
    }
    assert!(delays.len() > 100, "{}", delays.len());
    assert!(delays.iter().all(|delay| (170..=1_500).contains(delay)), "{delays:?}");
}
