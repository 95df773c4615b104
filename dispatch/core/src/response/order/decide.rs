//! The life of an order: progress, recall, notices, signs of life. State order is enforced, clocks are not.
//!
//! | said | while it is | what happens |
//! |---|---|---|
//! | a later state | open | reached; stamps in between stay absent |
//! | 途中 | 集结待命 | reached: it rolls on |
//! | the state it is in | open | kept beside |
//! | an earlier state, by the device | open | kept beside: it came late |
//! | an earlier state, by voice or operator | open | refused |
//! | 无法执行 | not signed | declined |
//! | 中断 | sent | failed |
//! | anything | ended | kept beside; nothing is revived |
//! | anything | queued | refused: it was not sent |

use crate::command::{AdvanceOrder, ConfirmLife, RecallOrder, ReleaseCaller, SignNotice};
use crate::decide::{Deciding, Decision, check_version};
use crate::event::{
    CallerReleased, LifeConfirmed, NoticeSigned, OrderAdvanced, OrderRecalled, OrderUnstacked,
};
use crate::kernel::id::{UnitId, WordsId};
use crate::kernel::kind::{Duty, OrderState};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::response::order::{EndReason, Order, Said, Stamp, StampSource, VoiceWay};
use crate::response::unit::Unit;

/// The most stamps kept on one order; a device that repeats itself further is told that nothing changes.
pub const STAMPS_MAX: usize = 64;

/// How far a console's clock may be ahead of the centre's, milliseconds.
const CONSOLE_AHEAD_MAX_MS: u32 = 1_000;

/// What a message about an order comes to.
enum Progress {
    Reached,
    Beside,
    Refused,
}

impl<'a> Deciding<'a> {
    pub(crate) fn advance_order(&mut self, advance: &AdvanceOrder) -> Decision {
        let order = self.order(advance.order)?;
        check_said(advance, self.envelope.seat.is_some())?;
        self.check_at(order, advance.at)?;
        let stamp = Stamp {
            at: advance.at.unwrap_or(self.now),
            voice: advance.voice,
            words: advance.words,
            ..self.stamp(advance.state, advance.source)
        };
        match progress(order, &stamp) {
            Progress::Refused => {
                return Err(Refusal::OrderState { order: order.id, from: order.state, to: advance.state });
            }
            Progress::Beside => {
                let said = |known: &Stamp| {
                    known.state == stamp.state && known.at == stamp.at && known.by == stamp.by
                };
                if order.stamps.len() >= STAMPS_MAX || order.stamps.iter().any(said) {
                    return Err(Refusal::NoChange);
                }
                let stamp = Stamp { beside: true, ..stamp };
                self.push(OrderAdvanced { order: order.id, stamp, reason: advance.reason });
                return Ok(());
            }
            Progress::Reached => {}
        }
        self.push(OrderAdvanced { order: order.id, stamp, reason: advance.reason });
        if advance.state.is_ended() {
            if advance.state != OrderState::Cleared {
                self.put_back(order.incident);
            }
            self.release(order);
        } else if advance.state.is_signed_open() {
            self.leave(order);
        }
        Ok(())
    }

    /// A diverted unit has signed: its old order ends and that incident gets a new recommendation.
    fn leave(&mut self, order: &Order) {
        let Some(unit) = self.unit_of(order).filter(|unit| unit.divert == Some(order.id)) else { return };
        let Some(left) = unit.active.and_then(|left| self.state.orders().get(&left)) else { return };
        let end = if left.recall_pending { OrderState::Recalled } else { OrderState::Failed };
        let stamp = self.stamp(end, StampSource::System);
        let reason = (!left.recall_pending).then_some(EndReason::Diverted);
        self.push(OrderAdvanced { order: left.id, stamp, reason });
        self.put_back(left.incident);
    }

    /// The unit comes free of an order that ends: the next of its stack is sent.
    pub(crate) fn release(&mut self, ended: &Order) {
        let Some(unit) = self.unit_of(ended) else { return };
        if unit.active == Some(ended.id) && unit.divert.is_none() {
            self.unstack(unit);
        }
    }

    /// Sends the next stacked order of a unit that is free to take it.
    pub(crate) fn unstack(&mut self, unit: &Unit) {
        let ready = unit.duty != Duty::Off && unit.out_of_service.is_none();
        if let Some(next) = unit.stacked.first().filter(|_| ready) {
            self.push(OrderUnstacked { order: *next });
        }
    }

    fn unit_of(&self, order: &Order) -> Option<&'a Unit> {
        let Target::Unit(unit) = &order.target else { return None };
        self.state.units().get(unit)
    }

    /// What was never sent just ends; what was sent is told and signs the recall.
    pub(crate) fn recall_order(&mut self, recall: &RecallOrder) -> Decision {
        let order = self.order(recall.order)?;
        let acting = self.acting()?;
        check_version(recall.expected_version, order.version, &order.acts)?;
        if order.state.is_ended() {
            return Err(Refusal::OrderState { order: order.id, from: order.state, to: OrderState::Recalled });
        }
        if order.recall_pending {
            return Err(Refusal::NoChange);
        }
        check_reason(recall.reason)?;
        if order.target == Target::Desk(acting.desk.clone()) && order.desk != *acting.desk {
            return Err(self.elsewhere(acting, &order.desk, &order.area));
        }
        if order.state == OrderState::Queued {
            let stamp = self.stamp(OrderState::Recalled, StampSource::Operator);
            let stamp = Stamp { words: recall.words, ..stamp };
            let reason = Some(recall.reason);
            self.push(OrderAdvanced { order: order.id, stamp, reason });
            self.put_back(order.incident);
        } else {
            let (reason, words) = (recall.reason, recall.words);
            self.push(OrderRecalled { order: order.id, reason, words });
        }
        Ok(())
    }

    pub(crate) fn sign_notice(&mut self, sign: &SignNotice) -> Decision {
        let order = self.order(sign.order)?;
        check_source(sign.source, self.envelope.seat.is_some())?;
        check_voice(sign.source, sign.voice)?;
        self.check_at(order, sign.at)?;
        if !order.recall_pending && !order.supplement_pending {
            return Err(Refusal::NothingToSign);
        }
        let said = Said { voice: sign.voice, words: sign.words, ..self.said(sign.at, sign.source) };
        let stamp = Stamp {
            at: said.at,
            voice: said.voice,
            words: said.words,
            ..self.stamp(OrderState::Recalled, sign.source)
        };
        self.push(NoticeSigned { order: order.id, said });
        if order.recall_pending {
            self.push(OrderAdvanced { order: order.id, stamp, reason: None });
            self.put_back(order.incident);
            self.release(order);
        }
        Ok(())
    }

    pub(crate) fn confirm_life(&mut self, confirm: &ConfirmLife) -> Decision {
        let order = self.order(confirm.order)?;
        check_source(confirm.source, self.envelope.seat.is_some())?;
        check_voice(confirm.source, confirm.voice)?;
        self.check_at(order, confirm.at)?;
        if !order.state.is_signed_open() || !matches!(order.target, Target::Unit(_)) {
            return Err(Refusal::invalid("order", Rule::SignedUnitOnly));
        }
        let said =
            Said { voice: confirm.voice, words: confirm.words, ..self.said(confirm.at, confirm.source) };
        self.push(LifeConfirmed { order: order.id, said });
        Ok(())
    }

    /// The crew may ask the caller the way: an operator says so, and only a caller who may be heard is named.
    pub(crate) fn release_caller(&mut self, release: &ReleaseCaller) -> Decision {
        let order = self.order(release.order)?;
        let incident = self.active("order", order.incident)?;
        check_version(release.expected_version, order.version, &order.acts)?;
        if order.state.is_ended() || !matches!(order.target, Target::Unit(_)) {
            return Err(Refusal::invalid("order", Rule::OpenOrderToUnit));
        }
        if incident.silent {
            return Err(Refusal::invalid("order", Rule::SilentCaller));
        }
        let alarms = incident.alarms.iter().filter_map(|alarm| self.state.alarms().get(alarm));
        let words: Vec<WordsId> = alarms.filter_map(|alarm| alarm.caller).collect();
        if words.is_empty() {
            return Err(Refusal::invalid("order", Rule::CallerUnknown));
        }
        if words == order.caller {
            return Err(Refusal::NoChange);
        }
        self.push(CallerReleased { order: order.id, words });
        Ok(())
    }

    /// What the sender of the command says of an order.
    fn said(&self, at: Option<Time>, source: StampSource) -> Said {
        Said {
            at: at.unwrap_or(self.now),
            received_at: self.now,
            source,
            by: self.envelope.actor.clone(),
            voice: None,
            words: None,
        }
    }

    /// A device's clock may be wrong and is kept as it is; what is typed at a seat is checked: not before the order
    /// was made and not to come.
    fn check_at(&self, order: &Order, at: Option<Time>) -> Decision {
        let Some(at) = at.filter(|_| self.envelope.seat.is_some()) else { return Ok(()) };
        // An order that seems to be made later than now was made before the clock was corrected.
        if at < order.created_at.min(self.now) {
            return Err(Refusal::invalid("at", Rule::BeforeTheOrder));
        }
        if at > self.now.plus_ms(CONSOLE_AHEAD_MAX_MS) {
            return Err(Refusal::invalid("at", Rule::LiesAhead));
        }
        Ok(())
    }

    /// The first open order of a unit, active before stacked.
    pub(crate) fn held(&self, unit: &Unit) -> Option<&'a Order> {
        let mut held = unit.active.iter().chain(&unit.divert).chain(&unit.stacked);
        held.find_map(|order| self.state.orders().get(order))
    }

    /// Refuses what a unit may not do while it has an order.
    pub(crate) fn without_order(&self, id: &UnitId, unit: &Unit) -> Decision {
        match self.held(unit) {
            Some(order) => {
                Err(Refusal::UnitBusy { unit: id.clone(), order: order.id, incident: order.incident })
            }
            None => Ok(()),
        }
    }
}

/// What a message about an order has to say for itself.
fn check_said(advance: &AdvanceOrder, has_seat: bool) -> Decision {
    use OrderState::{Cleared, Declined, Delivered, Enroute, Failed, OnScene, Signed, Staged};
    let said = matches!(
        advance.state,
        Delivered | Signed | Enroute | Staged | OnScene | Cleared | Declined | Failed
    );
    if !said {
        return Err(Refusal::invalid("state", Rule::NotAReport));
    }
    check_source(advance.source, has_seat)?;
    check_voice(advance.source, advance.voice)?;
    match advance.reason {
        None if matches!(advance.state, Declined | Failed) => Err(Refusal::invalid("reason", Rule::SayWhy)),
        Some(reason) => check_reason(reason),
        None => Ok(()),
    }
}

/// Some reasons are the centre's own.
fn check_reason(reason: EndReason) -> Decision {
    if reason.is_of_centre() {
        return Err(Refusal::invalid("reason", Rule::NodeOnly));
    }
    Ok(())
}

/// 代签收 says by what way it was heard.
fn check_voice(source: StampSource, voice: Option<VoiceWay>) -> Decision {
    if source == StampSource::Voice && voice.is_none() {
        return Err(Refusal::invalid("voice", Rule::SayHow));
    }
    Ok(())
}

/// An operator speaks from a seat, and nobody speaks for the centre itself.
fn check_source(source: StampSource, has_seat: bool) -> Decision {
    if source == StampSource::System {
        return Err(Refusal::invalid("source", Rule::NodeOnly));
    }
    if source != StampSource::Device && !has_seat {
        return Err(Refusal::SeatRequired);
    }
    Ok(())
}

fn progress(order: &Order, stamp: &Stamp) -> Progress {
    use OrderState::{Declined, Enroute, Failed, Queued, Staged};
    let by_device = stamp.source == StampSource::Device;
    match (order.state, stamp.state) {
        (Queued, _) => Progress::Refused,
        (from, _) if from.is_ended() => Progress::Beside,
        (from, to) if from == to => Progress::Beside,
        (from, Declined) if from.is_signed_open() => Progress::Refused,
        (_, Declined | Failed) => Progress::Reached,
        // Rolling on from where it staged; a device's message from before it staged only comes late.
        (Staged, Enroute) if !by_device || is_later(order, stamp) => Progress::Reached,
        (from, to) if rank(to) > rank(from) => Progress::Reached,
        _ if by_device => Progress::Beside,
        _ => Progress::Refused,
    }
}

/// Whether a stamp is of a later time than the one that brought the order to its state, by the clock of the one who
/// says so. Without a clock it is of the moment it is heard.
fn is_later(order: &Order, stamp: &Stamp) -> bool {
    let reached = order.stamps.iter().rev().find(|stamp| !stamp.beside);
    let last = reached.map_or(order.created_at, |stamp| stamp.at);
    stamp.at > last || stamp.at == stamp.received_at
}

fn rank(state: OrderState) -> u8 {
    match state {
        OrderState::Queued => 0,
        OrderState::Sent => 1,
        OrderState::Delivered => 2,
        OrderState::Signed => 3,
        OrderState::Enroute => 4,
        OrderState::Staged => 5,
        OrderState::OnScene => 6,
        OrderState::Cleared
        | OrderState::Declined
        | OrderState::Failed
        | OrderState::Recalled
        | OrderState::Expired => 7,
    }
}
