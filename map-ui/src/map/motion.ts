// Where every unit is and was, as flat arrays by slot, ready for the graphics card. A frame says where the unit is
// now; the screen glides there from where it was drawn last. Leaves out drawing and status.

/** Floats per unit in `Motion.data`: prev x y, next x y, start s, end s, heading rad, fix time s, look. */
export const STRIDE = 9;
const PREV = 0;
export const NEXT = 2;
const START = 4;
const END = 5;
const HEADING = 6;
const FIX = 7;
const LOOK = 8;

/** How a unit looks, apart from its age. `hidden` has no position to show. */
export const LOOK_CODE = {
  hidden: 0,
  resting: 1,
  available: 2,
  tasked: 3,
  onScene: 4,
  sos: 5,
  out: 6,
} as const;
export type Look = keyof typeof LOOK_CODE;

/** A jump longer than this in one step is shown as a jump: no unit glides through half a banner. */
const JUMP_M = 5_000;

/** Metres of one unit of mercator space at the latitude of y. */
export function metresPerMercator(y: number): number {
  return 40_075_016.686 / Math.cosh(Math.PI * (1 - 2 * y));
}

/** Web-mercator x of a longitude in 1e-7 degrees, 0..1. */
export function mercatorX(lon: number): number {
  return lon / 3_600_000_000 + 0.5;
}

/** Web-mercator y of a latitude in 1e-7 degrees, 0..1 from the north. */
export function mercatorY(lat: number): number {
  const sin = Math.sin((lat * Math.PI) / 1_800_000_000);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
}

/** A heading that is not known, or not worth showing because the unit stands. */
export const NO_HEADING = -100;

/** The longest glide: fixes come every few seconds, and a glide longer than this would hide that one is late. */
const GLIDE_MOST_S = 6;

/** One reported position: 1e-7 degrees, radians clockwise from north. */
export interface Fix {
  lon: number;
  lat: number;
  heading_rad: number;
  /** When the fix was taken, seconds on the console's clock. */
  fix_s: number;
}

/**
 * The positions of all units. Coordinates are float32 offsets from a mercator origin held in float64, so that a
 * metre stays a metre.
 */
export class Motion {
  /** Web-mercator place that all offsets are from. */
  readonly origin: readonly [number, number];
  data: Float32Array;
  /** Slots in use: the highest slot seen plus one. */
  count = 0;
  /** Rises when anything changed; the drawer uploads then. */
  version = 0;
  /** Time until which something glides, seconds. */
  moving_until_s = 0;
  /** Nothing glides: for people who have asked their machine for less motion. */
  still = false;
  private lookup: Float32Array;

  constructor(origin: readonly [number, number], capacity = 2048) {
    this.origin = origin;
    this.data = new Float32Array(capacity * STRIDE);
    this.lookup = new Float32Array(0);
  }

  /**
   * Moves the unit at `slot` to `fix`. It glides there from where it is drawn, for as long as its fixes are apart and
   * at least one tick. A first fix or a jump is not glided; a repeated position leaves the glide as it is.
   */
  place(slot: number, fix: Fix, now_s: number, tick_s: number): void {
    this.reserve(slot);
    const { data } = this;
    const at = slot * STRIDE;
    const x = Math.fround(mercatorX(fix.lon) - this.origin[0]);
    const y = Math.fround(mercatorY(fix.lat) - this.origin[1]);
    const fresh = data[at + END] === 0;
    data[at + HEADING] = fix.heading_rad;
    data[at + FIX] = fix.fix_s;
    this.version++;
    if (!fresh && data[at + NEXT] === x && data[at + NEXT + 1] === y) return;
    const [px, py] = fresh ? [x, y] : this.at(slot, now_s);
    const far = Math.hypot(x - px, y - py) * metresPerMercator(y + this.origin[1]) > JUMP_M;
    const jump = far || fresh || this.still;
    const glide_s = jump ? 1e-3 : Math.min(GLIDE_MOST_S, Math.max(tick_s, now_s - data[at + START]!));
    data[at + PREV] = jump ? x : px;
    data[at + PREV + 1] = jump ? y : py;
    data[at + NEXT] = x;
    data[at + NEXT + 1] = y;
    data[at + START] = now_s;
    data[at + END] = now_s + glide_s;
    this.moving_until_s = Math.max(this.moving_until_s, now_s + glide_s);
  }

  /** Sets the look; without a position the unit still is not drawn. */
  dress(slot: number, look: Look): void {
    this.reserve(slot);
    const at = slot * STRIDE;
    if (this.data[at + LOOK] === LOOK_CODE[look]) return;
    this.data[at + LOOK] = LOOK_CODE[look];
    this.version++;
  }

  /** The unit has no position any more. */
  lose(slot: number): void {
    if (slot >= this.count) return;
    this.data[slot * STRIDE + END] = 0;
    this.version++;
  }

  /** Whether the unit has a position and a look to be drawn with. */
  shown(slot: number): boolean {
    return slot < this.count && this.data[slot * STRIDE + END]! > 0 && this.data[slot * STRIDE + LOOK]! > 0;
  }

  /** The look code of a slot. */
  lookOf(slot: number): number {
    return this.data[slot * STRIDE + LOOK] ?? 0;
  }

  /** Where the unit is drawn at `now_s`, as offsets from the origin. */
  at(slot: number, now_s: number): [number, number] {
    const at = slot * STRIDE;
    const start = this.data[at + START]!;
    const end = this.data[at + END]!;
    const mix = end > start ? Math.min(1, Math.max(0, (now_s - start) / (end - start))) : 1;
    const x = this.data[at + PREV]! + (this.data[at + NEXT]! - this.data[at + PREV]!) * mix;
    const y = this.data[at + PREV + 1]! + (this.data[at + NEXT + 1]! - this.data[at + PREV + 1]!) * mix;
    return [x, y];
  }

  /** Seconds since the fix of `slot` was taken. */
  age(slot: number, now_s: number): number {
    return now_s - this.data[slot * STRIDE + FIX]!;
  }

  private reserve(slot: number): void {
    if (slot >= this.count) this.count = slot + 1;
    if (this.count * STRIDE <= this.data.length) return;
    const grown = new Float32Array(Math.max(this.data.length * 2, this.count * STRIDE));
    grown.set(this.data);
    this.data = grown;
  }

  /** Slots drawn within `radius_px` of a point of the screen, nearest first. `project` maps offsets to pixels. */
  near(
    x_px: number,
    y_px: number,
    radius_px: number,
    now_s: number,
    project: (x: number, y: number) => readonly [number, number],
  ): number[] {
    if (this.lookup.length < this.count) this.lookup = new Float32Array(this.count);
    const found: number[] = [];
    for (let slot = 0; slot < this.count; slot++) {
      if (!this.shown(slot)) continue;
      const [x, y] = project(...this.at(slot, now_s));
      const d = Math.hypot(x - x_px, y - y_px);
      if (d > radius_px) continue;
      this.lookup[slot] = d;
      found.push(slot);
    }
    return found.sort((a, b) => this.lookup[a]! - this.lookup[b]! || a - b);
  }
}

/** Age classes: what the ring of a unit says about its fix. */
export const AGE_S = { fading: 30, hollow: 60, lost: 300 } as const;
export type AgeClass = "fresh" | "fading" | "hollow" | "lost";

/** The age class of a fix. */
export function ageClass(age_s: number): AgeClass {
  if (age_s >= AGE_S.lost) return "lost";
  if (age_s >= AGE_S.hollow) return "hollow";
  return age_s >= AGE_S.fading ? "fading" : "fresh";
}
