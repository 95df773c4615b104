//! Failures on request: `ORTOO_FAULT=publish:crash:3` is a crash the third time publishing is passed.

use std::process::abort;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use dispatch_store::AnyStore;
use dispatch_store::failing::{Failing, Failure};
use tokio::time::sleep;

use super::Point;

/// The variable.
const VARIABLE: &str = "ORTOO_FAULT";

/// How long a stall takes.
const STALL: Duration = Duration::from_secs(2);

/// A site where something may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Site {
    /// A point outside the store.
    Point(Point),
    /// Before a batch is appended.
    Append,
    /// The store has the batch, nobody was told.
    Commit,
    /// Before a snapshot is kept.
    Snapshot,
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strike {
    /// It does not work, and says so.
    Error,
    /// It takes seconds.
    Stall,
    /// The process is gone.
    Crash,
}

/// Sites by name, in the order in which a command passes them.
const SITES: [(&str, Site); 7] = [
    ("decide", Site::Point(Point::Decide)),
    ("append", Site::Append),
    ("commit", Site::Commit),
    ("answer", Site::Point(Point::Answer)),
    ("publish", Site::Point(Point::Publish)),
    ("deliver", Site::Point(Point::Deliver)),
    ("snapshot", Site::Snapshot),
];

/// Strikes by name.
const STRIKES: [(&str, Strike); 3] =
    [("error", Strike::Error), ("stall", Strike::Stall), ("crash", Strike::Crash)];

/// What was asked for: where, what, and at which passage, counted from 1.
type Choice = (Site, Strike, u32);

static CHOSEN: OnceLock<Choice> = OnceLock::new();
static PASSED: AtomicU32 = AtomicU32::new(0);

/// The store as the writer writes to it.
pub type Written = Failing<AnyStore>;

/// The store as the writer writes to it; an error where a failure is asked for that there is not.
pub fn written(store: AnyStore) -> anyhow::Result<Written> {
    let failing = Failing::new(store);
    let Ok(text) = std::env::var(VARIABLE) else { return Ok(failing) };
    let choice = choice(&text).with_context(|| format!("{VARIABLE}={text}: {}", usage()))?;
    let (site, strike, time) = *CHOSEN.get_or_init(|| choice);
    if let Some((method, failure)) = of_the_store(site, strike) {
        let before = std::iter::repeat_n(None, time as usize - 1);
        failing.plan(method, before.chain([Some(failure)]));
    }
    Ok(failing)
}

/// What the store is told, where it is the one to fail: the call, and what becomes of it.
fn of_the_store(site: Site, strike: Strike) -> Option<(&'static str, Failure)> {
    let (before, after) = match strike {
        Strike::Error => (Failure::Refused, Failure::Unheard),
        Strike::Stall => (Failure::Late(STALL), Failure::HeardLate(STALL)),
        Strike::Crash => (Failure::Dies, Failure::DiesAfter),
    };
    match site {
        Site::Point(_) => None,
        Site::Append => Some(("append", before)),
        Site::Commit => Some(("append", after)),
        Site::Snapshot => Some(("snapshot", before)),
    }
}

/// Whether a variable of the environment asks for a failure.
pub fn is_asked_by(variable: &str) -> bool {
    variable == VARIABLE
}

/// Passes a point; true when what comes next is to fail.
pub async fn at(point: Point) -> bool {
    let Some((site, strike, time)) = CHOSEN.get() else { return false };
    if *site != Site::Point(point) || PASSED.fetch_add(1, Ordering::Relaxed) + 1 != *time {
        return false;
    }
    tracing::warn!(?point, ?strike, "the node was asked to fail");
    match strike {
        Strike::Error => true,
        Strike::Stall => {
            sleep(STALL).await;
            false
        }
        Strike::Crash => abort(),
    }
}

/// Reads a choice.
fn choice(text: &str) -> Option<Choice> {
    let mut parts = text.split(':');
    let (site, strike, time) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    let (_, site) = SITES.into_iter().find(|(name, _)| *name == site)?;
    let (_, strike) = STRIKES.into_iter().find(|(name, _)| *name == strike)?;
    (parts.next().is_none() && time > 0).then_some((site, strike, time))
}

/// What may be asked for.
fn usage() -> String {
    let (sites, strikes) = (SITES.map(|(name, _)| name), STRIKES.map(|(name, _)| name));
    format!("write site:strike:time; sites: {}; strikes: {}", sites.join(" "), strikes.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_names_place_strike_and_time() {
        for (name, site) in SITES {
            for (says, strike) in STRIKES {
                assert_eq!(choice(&format!("{name}:{says}:3")), Some((site, strike, 3)));
            }
        }
        for wrong in ["", "publish", "publish:crash", "publish:crash:0", "publish:crash:x", "x:crash:1"] {
            assert_eq!(choice(wrong), None, "{wrong}");
        }
        assert_eq!(choice("publish:crash:1:2"), None);
    }
}
