// Reports where this phone is while the page is open. The browser stops it when the screen locks or the page is hidden:
// that is said on the screen, never hidden. Fixes taken without signal are kept thinned and sent later.
import { distanceM } from "../format/bearing";
import type { Coord, Id, Position } from "../wire/views";
import type { FixStore } from "./fix_store";

export type Paused = "hidden" | "denied" | "unavailable" | "waiting";

export type Fix = Omit<Position, "unit">;

const SEND_MS = 5_000;
const SAVE_MS = 20_000;
const KEPT_MOST = 2_000;
const THIN_M = 30;
const THIN_MS = 60_000;

/** Keeps a fix for later unless it says nothing new: nearer than 30 m and within a minute of the one before. */
export function keepFix(kept: readonly Fix[], fix: Fix): Fix[] {
  const last = kept.at(-1);
  const e7 = (one: Fix): Coord => ({ lon: one.lon * 1e7, lat: one.lat * 1e7 });
  if (last && fix.fix_time - last.fix_time < THIN_MS * 1000 && distanceM(e7(last), e7(fix)) < THIN_M)
    return [...kept];
  return bound([...kept, fix]);
}

/** When there are too many, every second one of the older half gives way: a coarse way there beats none. */
function bound(kept: Fix[]): Fix[] {
  if (kept.length <= KEPT_MOST) return kept;
  const half = KEPT_MOST / 2;
  return kept.filter((_, i) => i >= half || i % 2 === 0);
}

export class Tracker {
  fix = $state.raw<Fix | undefined>(undefined);
  paused = $state<Paused | undefined>("waiting");
  awake = $state(false);
  private kept: Fix[] = [];
  private watch: number | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private lock: WakeLockSentinel | undefined;
  private sent_us = 0;
  private sending = false;
  private saved_ms = -Infinity;

  constructor(
    private readonly unit: Id,
    /** Sends fixes; whether they were taken. */
    private readonly post: (fixes: Position[]) => Promise<boolean>,
    private readonly store: FixStore,
  ) {}

  async start(): Promise<void> {
    const kept = await this.store.load();
    this.kept = [...kept, ...this.kept];
    if (kept.length > 0) this.saved_ms = 0;
    document.addEventListener("visibilitychange", this.look);
    this.timer = setInterval(() => void this.send(), SEND_MS);
    this.look();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.look);
    clearInterval(this.timer);
    if (this.watch !== undefined) navigator.geolocation.clearWatch(this.watch);
    void this.lock?.release();
  }

  /** Where the phone is, as the wire writes coordinates. */
  get coord(): Coord | undefined {
    return this.fix && { lon: Math.round(this.fix.lon * 1e7), lat: Math.round(this.fix.lat * 1e7) };
  }

  private readonly look = (): void => {
    if (document.visibilityState === "hidden") {
      this.paused = "hidden";
      return;
    }
    this.paused = this.fix ? undefined : "waiting";
    void this.stayAwake();
    if (!("geolocation" in navigator)) {
      this.paused = "unavailable";
      return;
    }
    this.watch ??= navigator.geolocation.watchPosition(
      (position) => this.take(position),
      (error) => (this.paused = error.code === error.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, maximumAge: 4_000, timeout: 30_000 },
    );
  };

  private async stayAwake(): Promise<void> {
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.awake = true;
      this.lock.addEventListener("release", () => (this.awake = false));
    } catch {
      // No wake lock in this browser or on low battery: the screen says that it may lock.
      this.awake = false;
    }
  }

  private take({ coords, timestamp }: GeolocationPosition): void {
    const { longitude, latitude, speed, heading, accuracy } = coords;
    this.fix = {
      lon: longitude,
      lat: latitude,
      fix_time: Math.round(timestamp * 1000),
      ...(speed === null ? {} : { speed_m_s: speed }),
      ...(heading === null || Number.isNaN(heading) ? {} : { heading_deg: heading }),
      accuracy_m: accuracy,
    };
    this.paused = undefined;
  }

  private async send(): Promise<void> {
    const { fix } = this;
    if (fix && fix.fix_time > this.sent_us) {
      this.kept = keepFix(this.kept, fix);
      this.sent_us = fix.fix_time;
    }
    if (this.sending || this.kept.length === 0) return;
    this.sending = true;
    const batch = this.kept.slice(0, 200);
    try {
      const taken = await this.post(batch.map((one) => ({ unit: this.unit, ...one })));
      // By themselves, not by their number: while they were sent, thinning may have taken some.
      if (taken) this.kept = this.kept.filter((one) => !batch.includes(one));
      await this.save(taken);
    } finally {
      this.sending = false;
    }
  }

  /** Keeps what is unsent over a reload: at once when it shrinks, else now and then. */
  private async save(taken: boolean): Promise<void> {
    const now = performance.now();
    if (!taken && now - this.saved_ms < SAVE_MS) return;
    if (taken && this.saved_ms === -Infinity) return;
    this.saved_ms = taken && this.kept.length === 0 ? -Infinity : now;
    await this.store.save(this.kept);
  }
}
