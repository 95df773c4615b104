//! Descriptors: as many as the system lets the process have, and no more connections and streams than fit in them. A node
//! that runs out of them can take no alarm.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Limits;
use crate::room::reserved;

/// Descriptors for everything that is no connection: the journal, tracks, the mirror, the database, sinks, packages.
const OTHERS: usize = 256;

/// Raises the limit to what the system allows and says what it is then; none is unlimited.
pub fn raise() -> Option<usize> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = raised {
        tracing::warn!(%error, current, maximum, "the limit of open descriptors could not be raised");
    }
    let now = if raised.is_ok() { maximum } else { current };
    now.map(|now| usize::try_from(now).unwrap_or(usize::MAX))
}

/// Limits with which all connections and streams have descriptors.
pub fn fitted(limits: Limits, descriptors: Option<usize>) -> Limits {
    let Some(descriptors) = descriptors else { return limits };
    // With very few of them there are at least some connections, and the rest is as it may.
    let sockets = descriptors.saturating_sub(OTHERS).max(descriptors / 2).max(4);
    let subscribers = limits.subscribers.min(sockets / 2);
    let mut connections = limits.connections.min(sockets - subscribers);
    while connections > 1 && connections + reserved(connections) + subscribers > sockets {
        connections -= (connections / 100).max(1);
    }
    if (connections, subscribers) != (limits.connections, limits.subscribers) {
        tracing::info!(
            descriptors,
            connections,
            subscribers,
            "there are descriptors for fewer connections and streams than are configured"
        );
    }
    Limits { connections, subscribers, ..limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_fit_into_the_descriptors_there_are() {
        let asked = Limits::default();
        assert_eq!(fitted(asked.clone(), None), asked);
        assert_eq!(fitted(asked.clone(), Some(1_048_576)), asked);
        for descriptors in [16, 64, 512, 1_024, 4_096, 11_000, 12_000] {
            let Limits { connections, subscribers, .. } = fitted(asked.clone(), Some(descriptors));
            let all = connections + reserved(connections) + subscribers;
            assert!(connections > 0 && subscribers > 0, "{descriptors}");
            assert!(all <= descriptors, "{descriptors}: {connections} and {subscribers}");
            assert!(descriptors < 1_024 || all + OTHERS <= descriptors, "{descriptors}: {all}");
        }
        let few = Limits { connections: 100, subscribers: 10, ..asked };
        assert_eq!(fitted(few.clone(), Some(1_024)), few);
    }

    #[test]
    fn as_many_as_the_system_allows() {
        let most = raise();
        assert_eq!(getrlimit(Resource::Nofile).current.map(|now| usize::try_from(now).unwrap()), most);
    }
}
