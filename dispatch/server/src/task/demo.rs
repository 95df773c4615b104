//! Runs a node beside a seeded day for whoever looks at Ortoo for the first time. The day speaks to the node through
//! its public API, as devices and callers would.

use anyhow::bail;
use dispatch_sim::{Options, Settings};
use tokio::sync::watch;

use super::serve::until_stopped;
use super::stopped::Stopped;
use super::warn_of_others;
use crate::clock::Clock;
use crate::config::Config;
use crate::running::{Beginning, Running};
use crate::terminal::{say, step};

/// Fastest day: the timers of a whole hour pass in 6 s.
const SPEED_MAX: f64 = 600.0;

/// Where the caller of the example stands, as fields of an alarm: beside a point, so that units are proposed at once.
fn somewhere(running: &Running) -> String {
    let state = running.node.state();
    let at = state.register().points.values().next().map(|point| point.at);
    at.map(|at| format!(",\"lon\":{:.4},\"lat\":{:.4}", at.lon_deg(), at.lat_deg())).unwrap_or_default()
}

/// `ortoo demo`.
pub(crate) async fn demo(config: Config, seed: u64, rate: f64) -> anyhow::Result<()> {
    warn_of_others(&config);
    let opening = step("opening the journal and the region");
    let running = Running::start(config, Beginning { clock: clock(rate)?, ..Beginning::default() }).await?;
    opening.finish_and_clear();
    let stopped = Stopped::listen()?;
    let base = running.base();
    let place = somewhere(&running);
    say(&format!(
        "Ortoo answers at {base} (seed {seed})\n\n\
         Three things to try:\n\
         1. Open {base}/ and press ? for the keys.\n\
         2. Open {base}/patrol on a second window and take an order as a unit.\n\
         3. Raise an alarm: curl -s {base}/api/v1/alarms -H 'content-type: application/json' -d '{{\"source\":\"call\"{place},\"text\":\"smoke behind the winter camp\"}}'\n\n\
         Ctrl-C stops; the same command goes on where it stopped."
    ))?;
    let (end, ended) = watch::channel(false);
    let node = running.node.clone();
    let world = Options {
        base_url: base,
        region: node.region().package(),
        seed,
        // A journal keeps the clock it began with, whatever is said the second time.
        speed: node.truth.clock().rate(),
        settings: Settings::default(),
        storm: None,
    };
    let day = tokio::spawn(async move {
        if let Err(error) = dispatch_sim::run(world, ended).await {
            tracing::error!(%error, "the simulated day ended; the node goes on without it");
        }
    });
    until_stopped(running, stopped, async move {
        let _ = end.send(true);
        // It ends by itself once it is told; a failure was logged.
        let _ = day.await;
    })
    .await
}

/// The clock of a demonstration: the wall's unless time is to run faster.
fn clock(rate: f64) -> anyhow::Result<Option<Clock>> {
    if !(0.1..=SPEED_MAX).contains(&rate) {
        bail!("--speed lies between 0.1 and {SPEED_MAX}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 100 and 600,000")]
    let per_mille = (rate * 1_000.0).round() as u32;
    Ok((per_mille != 1_000).then(|| Clock::scaled(crate::clock::wall(), per_mille)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_time_needs_no_scaled_clock() {
        assert!(clock(1.0).unwrap().is_none());
        assert!(clock(60.0).unwrap().unwrap().name().ends_with(":60000"));
        assert!(clock(0.0).is_err() && clock(f64::NAN).is_err());
    }
}
