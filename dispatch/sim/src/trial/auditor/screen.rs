//! A console as the stream makes it: views by kind and id, and a sequence without gaps (D15).

use std::collections::BTreeMap;

use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use dispatch_core::view::View;
use dispatch_store::Opening;
use dispatch_writer::Commit;

/// What is on the screen.
#[derive(Debug, Default)]
pub(super) struct Screen {
    pub seq: u64,
    views: BTreeMap<(&'static str, String), View>,
    last: Time,
    /// The link is away until a process answers again.
    cut: bool,
}

impl Screen {
    pub(super) fn show_at(&mut self, wanted: Time) -> Time {
        self.last = self.last.max(wanted);
        self.last
    }

    pub(super) fn take(&mut self, commit: &Commit) -> Result<(), String> {
        if commit.seq <= self.seq {
            // It was in what was shown whole.
            return Ok(());
        }
        if commit.prev != self.seq {
            return Err(format!("D15: a console at {} is shown {}..{}", self.seq, commit.prev, commit.seq));
        }
        self.seq = commit.seq;
        for view in commit.views.iter().filter(|view| view.is_streamed()) {
            match view {
                View::Gone(gone) => self.views.retain(|(kind, id), _| *kind != gone.of || *id != gone.id),
                view => drop(self.views.insert((view.kind(), view.id()), view.clone())),
            }
        }
        Ok(())
    }

    pub(super) fn whole(&mut self, truth: &State) {
        self.seq = truth.seq;
        self.views = all(truth);
    }

    /// The journal is called otherwise: a console begins anew.
    pub(super) fn forget(&mut self) {
        self.seq = 0;
        self.views.clear();
    }

    pub(super) fn cut(&mut self) {
        self.cut = true;
    }

    /// The link is there again; nothing was ever shown that the journal does not hold.
    pub(super) fn resume(&mut self, opening: &Opening) -> Result<(), String> {
        if self.seq > opening.head {
            return Err(format!(
                "D3: a console was shown row {}, the journal ends at {}",
                self.seq, opening.head
            ));
        }
        self.cut = false;
        self.whole(&opening.state);
        Ok(())
    }

    pub(super) fn equals(&self, truth: &State) -> Result<(), String> {
        let all = all(truth);
        let other = all.iter().find(|(key, view)| self.views.get(*key) != Some(view)).map(|(key, _)| key);
        let more = self.views.keys().find(|key| !all.contains_key(*key));
        match other.or(more) {
            None => Ok(()),
            Some(key) => Err(format!("D15: {key:?} on the screen is not what it is")),
        }
    }
}

fn all(state: &State) -> BTreeMap<(&'static str, String), View> {
    View::all(state).map(|view| ((view.kind(), view.id()), view)).collect()
}
