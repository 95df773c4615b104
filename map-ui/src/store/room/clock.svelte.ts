// The centre's clock as the console knows it: taken from the heartbeat, carried on by the browser's monotonic clock.
// In a demo or a replay the centre's clock runs faster than the wall's; the rate is learned from the heartbeats.
import type { Time } from "../../wire/views";

/** Two rates that differ by less, as parts of one, are the same. */
const SAME = 0.02;

/** Estimates the centre's time between heartbeats. */
export class Estimate {
  rate = 1;
  /** A rate seen once. A clock that was set shows one that no other heartbeat agrees with. */
  private seen: number | undefined;
  private base_us = 0;
  private base_ms = 0;

  get known(): boolean {
    return this.base_us !== 0;
  }

  /** A heartbeat said `now_us` when the monotonic clock showed `at_ms`. */
  observe(now_us: Time, at_ms: number): void {
    const elapsed = at_ms - this.base_ms;
    // Less than two seconds apart, the delay of the network would weigh more than the rate.
    if (this.known && elapsed > 2000) {
      const seen = (now_us - this.base_us) / 1000 / elapsed;
      if (same(seen, this.rate)) this.rate = this.rate * 0.8 + seen * 0.2;
      else if (this.seen === undefined || same(seen, this.seen)) this.rate = Math.max(seen, 0);
      this.seen = seen;
    }
    this.base_us = now_us;
    this.base_ms = at_ms;
  }

  at(at_ms: number): Time {
    return this.base_us + (at_ms - this.base_ms) * 1000 * this.rate;
  }
}

function same(one: number, other: number): boolean {
  return one === other || (one > 0 && Math.abs(one - other) / other < SAME);
}

class CentreClock {
  readonly estimate = new Estimate();
  /** The centre's time, renewed once a second: what timers on the screen count with. */
  now = $state<Time>(Date.now() * 1000);
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Starts the second hand. With `freeze` it stands still after the first heartbeat. */
  start(freeze: boolean): void {
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      if (freeze && this.estimate.known) clearInterval(this.timer);
      this.now = this.exact();
    }, 1000);
  }

  observe(now_us: Time): void {
    const first = !this.estimate.known;
    this.estimate.observe(now_us, performance.now());
    if (first) this.now = now_us;
  }

  /** The centre's time this very moment; not tracked. */
  exact(): Time {
    return this.estimate.known ? this.estimate.at(performance.now()) : Date.now() * 1000;
  }
}

export const centreClock = new CentreClock();

/** Whole seconds until a time to come, by the second hand; none is left once it has passed. Tracked. */
export function secondsLeft(due: Time): number {
  return Math.max(0, Math.ceil((due - centreClock.now) / 1_000_000));
}
