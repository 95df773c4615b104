//! The log as a script: every alarm, order and stamp as one step, in the order in which a centre would have seen them.

use dispatch_core::kernel::time::Time;

use super::log::{Call, Log};

/// What happens in one step. Indices point into [`Log::calls`] and a call's orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// The alarm comes in and is answered.
    Receive,
    /// The call-taker saves type and place.
    Save,
    /// A unit is sent.
    Send(usize),
    /// The unit of this order departs.
    Depart(usize),
    /// The unit of this order arrives.
    Arrive(usize),
    /// The unit of this order is free: cleared on scene, or recalled before it came there.
    Free(usize),
    /// Nothing is open any more: result, acceptance, close.
    Close,
}

/// One thing that happens at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// When it happens by the log, microseconds UTC.
    pub at: Time,
    /// At equal times: units become free first, so that a unit can be sent again in the same second, but never before
    /// the other steps of the same order.
    rank: u8,
    /// Index of the call in [`Log::calls`].
    pub call: usize,
    /// What happens to the call.
    pub cue: Cue,
}

/// All steps of a log, in order.
pub fn script(log: &Log) -> Vec<Step> {
    let mut steps = Vec::new();
    for (index, call) in log.calls.iter().enumerate() {
        push_call(&mut steps, index, call);
    }
    steps.sort_unstable();
    steps
}

fn push_call(steps: &mut Vec<Step>, index: usize, call: &Call) {
    let mut push = |at, rank, cue| steps.push(Step { at, rank, call: index, cue });
    push(call.received, 1, Cue::Receive);
    push(call.saved, 2, Cue::Save);
    let mut last = call.saved;
    for (number, order) in call.orders.iter().enumerate() {
        push(order.sent, 3, Cue::Send(number));
        for (at, rank, cue) in
            [(order.enroute, 4, Cue::Depart(number)), (order.on_scene, 5, Cue::Arrive(number))]
        {
            if let Some(at) = at {
                push(at, rank, cue);
                last = last.max(at);
            }
        }
        if let Some(cleared) = order.cleared {
            let before = [Some(order.sent), order.enroute, order.on_scene].into_iter().flatten().max();
            let rank = if before.is_some_and(|before| before >= cleared) { 6 } else { 0 };
            push(cleared, rank, Cue::Free(number));
            last = last.max(cleared);
        }
        last = last.max(order.sent);
    }
    push(last, 7, Cue::Close);
}
