//! State holds the ids of words only, and those stay.

use super::event::WordsErased;
use crate::apply::Apply;
use crate::event::Record;
use crate::state::State;

impl Apply for WordsErased {
    fn apply(&self, _: &mut State, _: &Record) {}
}
