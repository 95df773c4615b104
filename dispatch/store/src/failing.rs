//! A store that fails as it is told: a call may fail, hang, or be done without saying so. It wraps any
//! store, so that what fails in a test needs no place in the product.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::ops::Deref;
use std::process::abort;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::store::{AppendOutcome, StoreError};

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
    /// It is done after this time.
    Late(Duration),
    /// It is done, and the caller hears of it after this time.
    HeardLate(Duration),
    /// The process ends before it is done.
    Dies,
    /// It is done, and the process ends before the caller hears of it.
    DiesAfter,
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

impl Answered for AppendOutcome {
    fn refused() -> Self {
        Self::NotCommitted { why: asked() }
    }

    fn in_doubt(done: Option<Self>) -> Self {
        match done {
            None | Some(Self::Committed { .. }) => Self::Unknown { why: asked() },
            Some(other) => other,
        }
    }
}

impl<T> Answered for Result<T, StoreError> {
    fn refused() -> Self {
        Err(StoreError::Impossible(asked()))
    }

    fn in_doubt(done: Option<Self>) -> Self {
        done.map_or_else(Self::refused, |done| done.and_then(|_| Self::refused()))
    }
}

/// What a call that failed says, and the log of a process that is made to fail.
const ASKED: &str = "the store was asked to fail";

fn asked() -> String {
    ASKED.into()
}

/// What is no concern of a store and fails nowhere: asked of the store itself.
impl<S> Deref for Failing<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

impl<S> Failing<S> {
    /// Does everything, until it is told otherwise.
    pub fn new(store: S) -> Self {
        Self { store, plan: Arc::default() }
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
        let Some(failure) = failure else { return asked.await };
        tracing::warn!(method, ?failure, "{ASKED}");
        match failure {
            Failure::Refused => A::refused(),
            Failure::Lost => A::in_doubt(None),
            Failure::Unheard => A::in_doubt(Some(asked.await)),
            Failure::Hangs => pending().await,
            Failure::Late(time) => {
                sleep(time).await;
                asked.await
            }
            Failure::HeardLate(time) => {
                let done = asked.await;
                sleep(time).await;
                done
            }
            Failure::Dies => abort(),
            Failure::DiesAfter => {
                asked.await;
                abort()
            }
        }
    }
}
