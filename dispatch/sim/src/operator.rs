//! Automatic operators: they answer, ask, save, dispatch what is recommended, phone, review and close, each one thing
//! at a time and no faster than a person, and take a refusal as a person would: look again, choose otherwise, leave it.
//!
//! Leaves out: seeing more than the stream shows. What a caller says is told to the operator who answers him.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::command::AdvanceOrder;
use dispatch_core::kernel::id::{ActorId, AlarmId, DeskId, IncidentId, SeatId, UnitId};
use dispatch_core::kernel::kind::{Channel, Role};
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::time::Time;

use crate::chance::Chance;
use crate::conversation::Conversation;
use crate::desk_act::{self, Draft};
use crate::message::{Intent, Reply};
use crate::moment::{after, seconds_between};
use crate::room::Room;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::work::{self, Item, Work};

/// Seconds between two looks at the screen with nothing to do.
const GLANCE_S: (f64, f64) = (1.5, 4.0);
/// No answer for this long: let go of it, s.
const ANSWER_MAX_S: f64 = 60.0;
/// Tries at one piece of work.
const TRIES_MAX: u8 = 5;
/// Work that failed is left alone for this long, s.
const REST_S: f64 = 45.0;

/// A piece of work taken up.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub work: Work,
    pub desk: DeskId,
    pub seat: SeatId,
    /// Refusals so far.
    pub tries: u8,
    /// The second key was asked for.
    pub confirmed: bool,
    /// The recommendation on screen is not to be followed any more.
    pub overrule: bool,
    /// A unit that another desk has to be asked for.
    pub wanted: Option<UnitId>,
    /// Units that cannot be had.
    pub avoid: Vec<UnitId>,
}

#[derive(Debug, Clone)]
enum Hands {
    Idle,
    /// Reading, talking, typing.
    Busy(Job),
    /// Sent; waiting for the answer to this message.
    Waiting(Job, u64),
}

#[derive(Debug, Clone)]
struct Operator {
    actor: ActorId,
    hands: Hands,
    next: Time,
}

/// All automatic operators.
#[derive(Debug, Clone)]
pub struct Operators {
    team: Vec<Operator>,
    chance: Chance,
    taken: BTreeSet<Work>,
    resting: BTreeMap<Work, Time>,
}

/// What operators look at.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What stands still.
    pub scene: &'a Scene,
    /// What kind of day it is.
    pub settings: &'a Settings,
    /// What is open.
    pub room: &'a Room,
    /// What callers say.
    pub conversations: &'a BTreeMap<AlarmId, Conversation>,
    /// The incident of each happening, once there is one.
    pub happenings: &'a BTreeMap<u32, IncidentId>,
    /// Seats taken by somebody who is not an automatic operator.
    pub attended: &'a BTreeSet<SeatId>,
}

impl Operators {
    /// So many, starting their shift.
    pub fn new(count: usize, mut chance: Chance, start: Time) -> Self {
        let operator = |at: usize| Operator {
            actor: ActorId::from(format!("operator-{}", at + 1).as_str()),
            hands: Hands::Idle,
            next: after(start, chance.between(0.0, GLANCE_S.1)),
        };
        let team = (0..count).map(operator).collect();
        Self { team, chance, taken: BTreeSet::new(), resting: BTreeMap::new() }
    }

    /// When the next of them wants to be woken.
    pub fn next(&self) -> Time {
        self.team.iter().map(|operator| operator.next).min().unwrap_or(crate::crew::NEVER)
    }

    /// Lets everybody whose time has come do what is due. `send` says an intent and gives its number.
    pub fn wake(&mut self, now: Time, sight: Sight<'_>, mut send: impl FnMut(Intent) -> u64) {
        self.resting.retain(|_, until| *until > now);
        for at in 0..self.team.len() {
            if self.team[at].next > now {
                continue;
            }
            match std::mem::replace(&mut self.team[at].hands, Hands::Idle) {
                Hands::Idle => self.look(at, now, sight),
                Hands::Busy(job) => self.work(at, job, now, sight, &mut send),
                Hands::Waiting(job, _) => self.let_go(at, &job, now),
            }
        }
    }

    /// Hears the answer to a message of one of them.
    pub fn answered(&mut self, serial: u64, reply: &Reply, now: Time) {
        let waits =
            |operator: &Operator| matches!(&operator.hands, Hands::Waiting(_, number) if *number == serial);
        let Some(at) = self.team.iter().position(waits) else {
            return;
        };
        let Hands::Waiting(mut job, _) = std::mem::replace(&mut self.team[at].hands, Hands::Idle) else {
            return;
        };
        match reply {
            Reply::Accepted { .. } => match job.work {
                Work::Answer(alarm) => {
                    let talk = self.chance.log_normal(24.0, 0.5).clamp(6.0, 90.0);
                    self.taken.remove(&job.work);
                    job.work = Work::Talk(alarm);
                    self.taken.insert(job.work);
                    self.busy(at, job, now, talk);
                }
                // Claimed first; the order follows.
                Work::Dispatch(_) if job.tries == 0 && !job.confirmed => {
                    job.tries = 1;
                    let wait = self.chance.log_normal(5.0, 0.5);
                    self.busy(at, job, now, wait);
                }
                _ => self.done(at, &job, now),
            },
            Reply::Refused(refusal) => self.refused(at, job, refusal, now),
            Reply::Failed => self.let_go(at, &job, now),
        }
    }

    /// The stream begins anew: nothing that was under way is certain.
    pub fn begin_anew(&mut self, now: Time) {
        self.taken.clear();
        for operator in &mut self.team {
            operator.hands = Hands::Idle;
            operator.next = after(now, self.chance.between(GLANCE_S.0, GLANCE_S.1));
        }
    }

    fn look(&mut self, at: usize, now: Time, sight: Sight<'_>) {
        let wait = self.chance.between(GLANCE_S.0, GLANCE_S.1);
        self.team[at].next = after(now, wait);
        for item in work::list(sight.room, now) {
            if self.taken.contains(&item.work) || self.resting.contains_key(&item.work) {
                continue;
            }
            let Some(seat) = seat_at(sight, &item.desk, item.role) else { continue };
            if !is_ours(&item, now, sight) {
                continue;
            }
            self.taken.insert(item.work);
            let job = Job {
                work: item.work,
                desk: item.desk,
                seat,
                tries: 0,
                confirmed: false,
                overrule: false,
                wanted: None,
                avoid: Vec::new(),
            };
            let median = match job.work {
                Work::Answer(_) => 2.5,
                Work::Dispatch(_) => 4.0,
                Work::Phone(_) | Work::CallBack(_) => 14.0,
                Work::Talk(_) | Work::Support(_) | Work::Return(_) | Work::Review(..) | Work::Close(_) => 8.0,
            };
            let wait = self.chance.log_normal(median, 0.5);
            self.busy(at, job, now, wait);
            return;
        }
    }

    fn busy(&mut self, at: usize, job: Job, now: Time, seconds: f64) {
        self.team[at].hands = Hands::Busy(job);
        self.team[at].next = after(now, seconds);
    }

    fn work(
        &mut self,
        at: usize,
        job: Job,
        now: Time,
        sight: Sight<'_>,
        send: &mut impl FnMut(Intent) -> u64,
    ) {
        let Some(draft) = desk_act::draft(&job, sight, &mut self.chance) else {
            self.let_go(at, &job, now);
            return;
        };
        let serial = send(self.intent(at, &job, draft, now));
        self.team[at].hands = Hands::Waiting(job, serial);
        self.team[at].next = after(now, ANSWER_MAX_S);
    }

    fn intent(&self, at: usize, job: &Job, draft: Draft, now: Time) -> Intent {
        let voice = matches!(job.work, Work::Phone(_)) && draft.command.get::<AdvanceOrder>().is_some();
        Intent {
            actor: self.team[at].actor.clone(),
            seat: Some(job.seat.clone()),
            channel: if voice { Channel::Voice } else { Channel::Console },
            occurred_at: now,
            command: draft.command,
            text: draft.text,
            caller: None,
        }
    }

    fn refused(&mut self, at: usize, mut job: Job, refusal: &Refusal, now: Time) {
        job.tries += 1;
        let again = match refusal {
            // Look again: the stream has or will have shown what changed.
            Refusal::Stale { .. } => true,
            Refusal::ConfirmationNeeded { .. } => {
                job.confirmed = true;
                true
            }
            Refusal::RecommendationOutdated { .. }
            | Refusal::UnitBusy { .. }
            | Refusal::UnitOffDuty { .. }
            | Refusal::UnitOutOfService { .. }
            | Refusal::ClassForbidden { .. } => {
                job.overrule = job.tries > 2;
                true
            }
            // Asked for in vain: it is lent to somebody else.
            Refusal::UnitOfOtherDesk { unit, .. } if job.wanted.as_ref() == Some(unit) => {
                job.avoid.push(unit.clone());
                (job.wanted, job.overrule) = (None, true);
                true
            }
            Refusal::UnitOfOtherDesk { unit, .. } => {
                job.wanted = Some(unit.clone());
                true
            }
            // Granted in the meantime.
            Refusal::Invalid { .. } if job.wanted.is_some() => {
                job.wanted = None;
                true
            }
            // It is claimed already: by us, or let go at the next refusal.
            Refusal::NoChange => matches!(job.work, Work::Dispatch(_)) && job.tries == 1,
            _ => false,
        };
        if again && job.tries < TRIES_MAX {
            let wait = self.chance.between(1.5, 4.0);
            self.busy(at, job, now, wait);
        } else {
            self.let_go(at, &job, now);
        }
    }

    fn done(&mut self, at: usize, job: &Job, now: Time) {
        self.taken.remove(&job.work);
        // The stream may not have shown the effect yet.
        self.resting.insert(job.work, after(now, 5.0));
        self.rest(at, now);
    }

    fn let_go(&mut self, at: usize, job: &Job, now: Time) {
        self.taken.remove(&job.work);
        self.resting.insert(job.work, after(now, REST_S));
        self.rest(at, now);
    }

    fn rest(&mut self, at: usize, now: Time) {
        self.team[at].hands = Hands::Idle;
        self.team[at].next = after(now, self.chance.between(GLANCE_S.0, GLANCE_S.1));
    }
}

/// The seat operators use at a desk in a role: the last of them, so that the first stays free for the viewer.
fn seat_at(sight: Sight<'_>, desk: &DeskId, role: Role) -> Option<SeatId> {
    let seats = sight.scene.seats.get(desk)?;
    let last = |role: Option<Role>| {
        seats.iter().rev().find(|(_, has)| role.is_none_or(|role| *has == role)).map(|(seat, _)| seat.clone())
    };
    last(Some(role)).or_else(|| last(None))
}

/// Whether operators take it up. What another seat has claimed is that seat's, and a desk where a person sits is left
/// to that person, except for work that has waited so long that the centre would drown.
fn is_ours(item: &Item, now: Time, sight: Sight<'_>) -> bool {
    if let Some(holder) = &item.holder {
        let ours = [Role::Dispatcher, Role::CallTaker].map(|role| seat_at(sight, &item.desk, role));
        // A call-back is anybody's.
        let anybodys = matches!(item.work, Work::CallBack(_)) && !is_attended(sight, &item.desk);
        return anybodys
            || (ours.iter().flatten().any(|seat| seat == holder) && !sight.attended.contains(holder));
    }
    let patience_s = match item.work {
        Work::Answer(_) => sight.settings.answer_patience_s,
        _ => sight.settings.patience_s,
    };
    !is_attended(sight, &item.desk) || seconds_between(item.since, now) > patience_s
}

fn is_attended(sight: Sight<'_>, desk: &DeskId) -> bool {
    let seats = sight.scene.seats.get(desk);
    seats.is_some_and(|seats| seats.iter().any(|(seat, _)| sight.attended.contains(seat)))
}
