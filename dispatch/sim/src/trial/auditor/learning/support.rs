//! Support: who commands a unit.

use dispatch_core::event::{Event, Record, SupportEnded, SupportGranted, SupportRefused};
use dispatch_core::kernel::id::{DeskId, SupportId, UnitId};
use dispatch_core::response::support::SupportState;

use super::super::tables::Guess;

impl Guess {
    pub(super) fn learn_support(&mut self, record: &Record) {
        match &record.event {
            Event::SupportRequested(requested) => {
                self.supports.insert(requested.support, requested.support(record));
            }
            Event::SupportGranted(SupportGranted { support, unit, taken }) => {
                let by = self.supports.get(support).map(|support| support.by.clone());
                self.answered(*support, if *taken { SupportState::Taken } else { SupportState::Granted });
                self.commanded(unit, by);
            }
            Event::SupportRefused(SupportRefused { support, .. }) => {
                self.answered(*support, SupportState::Refused);
            }
            Event::SupportEnded(SupportEnded { support, unit }) => {
                let lent = self.lent(unit).filter(|lent| lent.id == *support);
                let of = lent.map(|lent| lent.of.clone());
                self.answered(*support, SupportState::Ended);
                self.commanded(unit, of);
            }
            _ => {}
        }
    }

    fn answered(&mut self, support: SupportId, to: SupportState) {
        if let Some(support) = self.supports.get_mut(&support) {
            support.state = to;
        }
    }

    fn commanded(&mut self, unit: &UnitId, desk: Option<DeskId>) {
        self.car(unit, |car| car.desk = desk.unwrap_or_else(|| car.desk.clone()));
    }
}
