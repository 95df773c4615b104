//! A store that fails as it is told: a call may fail, hang, or be done without saying so. It wraps any
//! store, so that what fails in a test needs no place in the product.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::{Outcome, StoreError};

/// What is to become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is not done and says so.
    Refused,
    /// It is not done, and the caller does not hear whether it was.
    Lost,
    /// It is done, and the caller does not hear that it was.
    Unheard,
    /// It is not done and never answers.
    Hangs,
}

/// What happens to the next calls, by method; a call without a plan is done as usual.
type Plan = BTreeMap<&'static str, VecDeque<Option<Failure>>>;

/// A store around another. Clones share the plan.
#[derive(Clone, Debug)]
pub struct Failing<S> {
    pub(crate) store: S,
    plan: Arc<Mutex<Plan>>,
}

/// What a call that failed says.
pub(crate) trait Answered {
    /// Not done.
    fn refused() -> Self;

    /// In doubt; what was already refused stays so.
    fn in_doubt(done: Option<Self>) -> Self
    where
        Self: Sized;
}

impl Answered for Outcome {
    fn refused() -> Self {
        Self::NotCommitted { why: planned() }
    }

    fn in_doubt(done: Option<Self>) -> Self {
        match done {
            None | Some(Self::Committed { .. }) => Self::Unknown { why: planned() },
            Some(other) => other,
        }
    }
}

impl<T> Answered for Result<T, StoreError> {
    fn refused() -> Self {
        Err(StoreError::Impossible(planned()))
    }

    fn in_doubt(done: Option<Self>) -> Self {
        done.map_or_else(Self::refused, |done| done.and_then(|_| Self::refused()))
    }
}

fn planned() -> String {
    "planned".into()
}

impl<S> Failing<S> {
    /// Does everything, until it is told otherwise.
    pub fn new(store: S) -> Self {
        Self { store, plan: Arc::default() }
    }

    /// The store around which it is.
    pub fn inner(&self) -> &S {
        &self.store
    }

    /// Plans the next calls of a method, in order; `None` is done as usual, and so are those after the last.
    pub fn plan(&self, method: &'static str, failures: impl IntoIterator<Item = Option<Failure>>) {
        self.lock().entry(method).or_default().extend(failures);
    }

    /// Whether everything that was planned has happened: a plan for a method nobody calls fails nothing.
    pub fn is_spent(&self) -> bool {
        self.lock().values().all(VecDeque::is_empty)
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a call, or not, as was planned for its method.
    pub(crate) async fn after<A: Answered>(
        &self,
        method: &'static str,
        asked: impl Future<Output = A> + Send,
    ) -> A {
        let failure = self.lock().get_mut(method).and_then(VecDeque::pop_front).flatten();
        match failure {
            None => asked.await,
            Some(Failure::Refused) => A::refused(),
            Some(Failure::Lost) => A::in_doubt(None),
            Some(Failure::Unheard) => A::in_doubt(Some(asked.await)),
            Some(Failure::Hangs) => pending().await,
        }
    }
}
