//! Losses: each stands, and is shown, until it is accepted.

use crate::command::AcceptLoss;
use crate::event::{Event, Record};
use crate::kernel::id::LossId;
use crate::kernel::refusal::Refusal;
use crate::sample::Centre;
use crate::view::View;

fn lost(records: &[Record]) -> LossId {
    let Event::LossFound(found) = &records[0].event else { panic!("{records:?}") };
    found.loss
}

#[test]
fn each_stands_until_it_is_accepted() {
    let mut centre = Centre::new();
    let (first, second) = (lost(&centre.loses()), lost(&centre.loses()));
    assert!(centre.state.is_halted());
    assert_eq!(View::all(&centre.state).filter(|view| view.as_loss().is_some()).count(), 2);
    let seat = Some("league-dispatch");
    let accepted = centre.send(seat, AcceptLoss { loss: first }).unwrap();
    assert!(matches!(&accepted[0].event, Event::LossAccepted(accepted) if accepted.loss == first));
    assert!(centre.state.is_halted(), "the other stands");
    let again = centre.send(seat, AcceptLoss { loss: first }).unwrap_err();
    assert_eq!(again, Refusal::unknown("loss", "loss", first));
    centre.send(None, AcceptLoss { loss: second }).unwrap();
    assert!(!centre.state.is_halted());
}
