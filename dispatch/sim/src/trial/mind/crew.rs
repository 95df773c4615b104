//! Crews: they carry out what they are sent, or say why not.

use dispatch_core::command::{
    AdvanceOrder, Command, ConfirmLife, GiveFeedback, NoteIncident, RaiseAlarm, ReportBack, SetDuty,
    SetService, SignNotice,
};
use dispatch_core::kernel::id::{OrderId, UnitId};
use dispatch_core::kernel::kind::{Duty, OrderState};
use dispatch_core::kernel::target::Target;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::response::feedback::{Disposition, FeedbackKind};
use dispatch_core::response::order::{EndReason, Order, StampSource, VoiceWay};
use dispatch_core::response::unit::ServiceReason;

use super::Sight;
use crate::chance::Chance;

pub(super) fn drive(unit: &UnitId, sight: Sight<'_>, chance: &mut Chance) -> Option<Command> {
    if chance.happens(0.03) {
        // A device that counts its presses, and one that does not.
        let press = chance.happens(0.6).then(|| sight.fresh.to_string());
        let silent = chance.happens(0.3);
        return Some(
            RaiseAlarm { unit: Some(unit.clone()), press, silent, ..RaiseAlarm::of(AlarmSource::Sos) }.into(),
        );
    }
    match chance.below(30) {
        0 => {
            let duty = *chance.pick(&[Duty::Off, Duty::Patrolling, Duty::OnCall])?;
            return Some(SetDuty { unit: unit.clone(), duty }.into());
        }
        1 => {
            let out_of_service = chance.happens(0.4).then_some(ServiceReason::Fuel);
            let words = sight.perhaps(chance).filter(|_| chance.happens(0.5));
            return Some(SetService { unit: unit.clone(), out_of_service, words }.into());
        }
        2..5 => return Some(ReportBack { unit: unit.clone() }.into()),
        _ => {}
    }
    let of_ours = |order: &&Order| order.target == Target::Unit(unit.clone());
    let all: Vec<&Order> = sight.seen.orders().values().collect();
    let ours: Vec<&Order> = all.iter().copied().filter(of_ours).collect();
    let open: Vec<&Order> = ours.iter().copied().filter(|order| !order.state.is_ended()).collect();
    if let Some(order) = chance.pick(&open).filter(|order| order.recall_pending || order.supplement_pending) {
        return Some(sign(order.id, StampSource::Device, sight, chance));
    }
    // A message comes late, twice, or from the wrong car.
    let from = match chance.below(20) {
        0 => &all,
        1 | 2 => &ours,
        _ => &open,
    };
    let order = *chance.pick(from)?;
    Some(match chance.below(12) {
        0 => ConfirmLife {
            order: order.id,
            source: StampSource::Device,
            at: None,
            voice: None,
            words: sight.perhaps(chance),
        }
        .into(),
        1 => feedback(order, sight, chance),
        2 => note(order, sight, chance),
        3 => sign(order.id, StampSource::Device, sight, chance),
        _ => go_on(order, sight, chance),
    })
}

fn go_on(order: &Order, sight: Sight<'_>, chance: &mut Chance) -> Command {
    let next = match order.state {
        OrderState::Sent | OrderState::Delivered if chance.happens(0.1) => OrderState::Declined,
        OrderState::Sent if chance.happens(0.3) => OrderState::Delivered,
        OrderState::Sent | OrderState::Delivered => OrderState::Signed,
        OrderState::Signed => OrderState::Enroute,
        OrderState::Enroute if chance.happens(0.2) => OrderState::Staged,
        OrderState::Staged if chance.happens(0.5) => OrderState::Enroute,
        OrderState::Enroute | OrderState::Staged => OrderState::OnScene,
        OrderState::OnScene if chance.happens(0.2) => OrderState::Failed,
        _ => OrderState::Cleared,
    };
    // A device's clock is what it is.
    let at = chance.happens(0.2).then(|| dispatch_core::kernel::time::Time(sight.now.0 - 30_000_000));
    AdvanceOrder { at, ..advance(order.id, next, StampSource::Device, chance) }.into()
}

/// A report of an order, with the reason that it needs.
pub(super) fn advance(
    order: OrderId,
    state: OrderState,
    source: StampSource,
    chance: &mut Chance,
) -> AdvanceOrder {
    let needs = matches!(state, OrderState::Declined | OrderState::Failed);
    let given = needs && !chance.happens(0.1);
    let reason = if chance.happens(0.02) { EndReason::NotSigned } else { EndReason::Vehicle };
    AdvanceOrder {
        order,
        state,
        at: None,
        source,
        voice: (source == StampSource::Voice && !chance.happens(0.1)).then_some(VoiceWay::Radio),
        reason: given.then_some(reason),
        words: None,
    }
}

pub(super) fn sign(order: OrderId, source: StampSource, sight: Sight<'_>, chance: &mut Chance) -> Command {
    let voice = (source == StampSource::Voice).then_some(VoiceWay::Phone);
    SignNotice { order, source, at: None, voice, words: sight.perhaps(chance) }.into()
}

fn feedback(order: &Order, sight: Sight<'_>, chance: &mut Chance) -> Command {
    let kind = *chance
        .pick(&[FeedbackKind::Arrival, FeedbackKind::Progress, FeedbackKind::Result])
        .unwrap_or(&FeedbackKind::Result);
    let result = kind == FeedbackKind::Result;
    GiveFeedback {
        incident: order.incident,
        order: chance.happens(0.7).then_some(order.id),
        kind,
        disposition: (result != chance.happens(0.1)).then_some(Disposition::Assisted),
        words: sight.perhaps(chance),
    }
    .into()
}

fn note(order: &Order, sight: Sight<'_>, chance: &mut Chance) -> Command {
    NoteIncident {
        incident: order.incident,
        words: sight.words(),
        danger: chance.happens(0.4),
        caller_withdrew: chance.happens(0.2),
    }
    .into()
}
