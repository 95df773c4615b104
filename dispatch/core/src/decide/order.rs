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

use super::{Deciding, Decision, check_version};
use crate::command::{AdvanceOrder, ConfirmLife, RecallOrder, SignNotice};
use crate::event::Event;
use crate::id::UnitId;
use crate::order::{EndReason, Order, OrderState, Stamp, StampSource, Target};
use crate::refusal::Refusal;
use crate::unit::{Duty, Unit};

/// The most stamps kept on one order; a device that repeats itself further is told that nothing changes.
pub const STAMPS_MAX: usize = 64;

/// What a message about an order comes to.
enum Progress {
    Reached,
    Beside,
    Refused,
}

impl<'a> Deciding<'a> {
    pub(super) fn advance_order(&mut self, advance: &AdvanceOrder) -> Decision {
        let order = self.order(advance.order)?;
        let sender = self.sender_on(order)?;
        check_said(advance, sender.is_some())?;
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
                self.push(Event::OrderAdvanced { order: order.id, stamp, reason: advance.reason });
                return Ok(());
            }
            Progress::Reached => {}
        }
        self.push(Event::OrderAdvanced { order: order.id, stamp, reason: advance.reason });
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
        let Some(left) = unit.active.and_then(|left| self.state.orders.get(&left)) else { return };
        let end = if left.recall_pending { OrderState::Recalled } else { OrderState::Failed };
        let stamp = self.stamp(end, StampSource::Operator);
        let reason = (!left.recall_pending).then_some(EndReason::Diverted);
        self.push(Event::OrderAdvanced { order: left.id, stamp, reason });
        self.put_back(left.incident);
    }

    /// The unit comes free of an order that ends: the next of its stack is sent.
    pub(super) fn release(&mut self, ended: &Order) {
        let Some(unit) = self.unit_of(ended) else { return };
        if unit.active == Some(ended.id) && unit.divert.is_none() {
            self.unstack(unit);
        }
    }

    /// Sends the next stacked order of a unit that is free to take it.
    pub(super) fn unstack(&mut self, unit: &Unit) {
        let ready = unit.duty != Duty::Off && unit.out_of_service.is_none();
        if let Some(next) = unit.stacked.first().filter(|_| ready) {
            self.push(Event::OrderUnstacked { order: *next });
        }
    }

    fn unit_of(&self, order: &Order) -> Option<&'a Unit> {
        let Target::Unit(unit) = &order.target else { return None };
        self.state.units.get(unit)
    }

    /// What was never sent just ends; what was sent is told and signs the recall.
    pub(super) fn recall_order(&mut self, recall: &RecallOrder) -> Decision {
        let order = self.order(recall.order)?;
        let Some(acting) = self.sender_on(order)? else { return Err(Refusal::SeatRequired) };
        check_version(recall.expected_version, order.version, &[])?;
        if order.state.is_ended() {
            return Err(Refusal::OrderState { order: order.id, from: order.state, to: OrderState::Recalled });
        }
        if order.recall_pending {
            return Err(Refusal::NoChange);
        }
        check_reason(recall.reason)?;
        if order.target == Target::Desk(acting.desk.clone()) && order.desk != *acting.desk {
            return Err(Refusal::OtherDesk { desk: order.desk.clone() });
        }
        if order.state == OrderState::Queued {
            let stamp = self.stamp(OrderState::Recalled, StampSource::Operator);
            let stamp = Stamp { words: recall.words, ..stamp };
            let reason = Some(recall.reason);
            self.push(Event::OrderAdvanced { order: order.id, stamp, reason });
            self.put_back(order.incident);
        } else {
            let (reason, words) = (recall.reason, recall.words);
            self.push(Event::OrderRecalled { order: order.id, reason, words });
        }
        Ok(())
    }

    pub(super) fn sign_notice(&mut self, sign: &SignNotice) -> Decision {
        let order = self.order(sign.order)?;
        let sender = self.sender_on(order)?;
        check_source(sign.source, sender.is_some())?;
        if !order.recall_pending && !order.supplement_pending {
            return Err(Refusal::NothingToSign);
        }
        self.push(Event::NoticeSigned { order: order.id, source: sign.source });
        if order.recall_pending {
            let stamp = self.stamp(OrderState::Recalled, sign.source);
            self.push(Event::OrderAdvanced { order: order.id, stamp, reason: None });
            self.put_back(order.incident);
            self.release(order);
        }
        Ok(())
    }

    pub(super) fn confirm_life(&mut self, confirm: &ConfirmLife) -> Decision {
        let order = self.order(confirm.order)?;
        let sender = self.sender_on(order)?;
        check_source(confirm.source, sender.is_some())?;
        if !order.state.is_signed_open() || !matches!(order.target, Target::Unit(_)) {
            return Err(Refusal::invalid(
                "order",
                "only a unit that has signed and is not done gives signs of life",
            ));
        }
        self.push(Event::LifeConfirmed { order: order.id, source: confirm.source });
        Ok(())
    }

    /// The first open order of a unit, active before stacked.
    pub(super) fn held(&self, unit: &Unit) -> Option<&'a Order> {
        let mut held = unit.active.iter().chain(&unit.divert).chain(&unit.stacked);
        held.find_map(|order| self.state.orders.get(order))
    }

    /// Refuses what a unit may not do while it has an order.
    pub(super) fn without_order(&self, id: &UnitId, unit: &Unit) -> Decision {
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
        return Err(Refusal::invalid(
            "state",
            "this state comes of dispatching, recalling or waiting, not of a report",
        ));
    }
    check_source(advance.source, has_seat)?;
    if advance.source == StampSource::Voice && advance.voice.is_none() {
        return Err(Refusal::invalid("voice", "say by what way it was heard"));
    }
    match advance.reason {
        None if matches!(advance.state, Declined | Failed) => Err(Refusal::invalid("reason", "say why")),
        Some(reason) => check_reason(reason),
        None => Ok(()),
    }
}

/// Some reasons are the centre's own.
fn check_reason(reason: EndReason) -> Decision {
    if reason.is_of_centre() {
        return Err(Refusal::invalid("reason", "only the centre itself says so"));
    }
    Ok(())
}

/// An operator speaks from a seat.
fn check_source(source: StampSource, has_seat: bool) -> Decision {
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
        (Staged, Enroute) if !by_device || stamp.at > last_at(order) => Progress::Reached,
        (from, to) if rank(to) > rank(from) => Progress::Reached,
        _ if by_device => Progress::Beside,
        _ => Progress::Refused,
    }
}

/// By the clock of whoever said so, when the order came to where it is.
fn last_at(order: &Order) -> crate::time::Time {
    let reached = order.stamps.iter().rev().find(|stamp| !stamp.beside);
    reached.map_or(order.created_at, |stamp| stamp.at)
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
