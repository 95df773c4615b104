// Takes position frames and unit views and keeps the overlay's arrays true to both. Outside the framework on purpose:
// two thousand moves a second never touch a component.
import { LOOK_CODE, Motion, mercatorX, mercatorY, NO_HEADING, type Look } from "../../map/motion";
import type { Frame } from "../../wire/frame";
import type { Coord, Unit } from "../../wire/views";

/** Slower than this a unit stands, and its heading says nothing (0.8 m/s). */
const STANDING_CM_S = 80;

/** What a unit looks like, from its view. */
export function lookOf(unit: Unit): Look {
  if (unit.sos) return "sos";
  switch (unit.status) {
    case "off_duty":
      return "hidden";
    case "out_of_service":
      return "out";
    case "reserve":
    case "on_call":
      return "resting";
    case "patrolling":
    case "returning":
      return "available";
    case "on_scene":
      return "onScene";
    default:
      return "tasked";
  }
}

export class Positions {
  readonly motion: Motion;
  /** Least time between two ticks, seconds. */
  tick_s = 1;
  /** With motion frozen frames are taken until the first picture is whole, then no more. */
  frozen = false;
  frames = 0;
  /** Whether a unit is to be drawn; set by the console's filter. */
  wanted: (unit: Unit) => boolean = () => true;
  private readonly held = new Map<string, Uint32Array>();
  private readonly owner = new Map<number, string>();
  private readonly coords = new Map<number, Coord>();

  constructor(middle: Coord) {
    this.motion = new Motion([mercatorX(middle.lon), mercatorY(middle.lat)]);
  }

  /** Takes a frame: what is in it is there, what was in the last one of its tile and is not in this one is not. */
  take(frame: Frame, now_s: number): void {
    if (this.frozen) return;
    this.frames++;
    const slots = new Uint32Array(frame.count);
    for (let i = 0; i < frame.count; i++) {
      const slot = frame.slot(i);
      slots[i] = slot;
      this.owner.set(slot, frame.key);
      const [lon, lat] = [frame.lon(i), frame.lat(i)];
      this.coords.set(slot, { lon, lat });
      const heading = frame.heading(i);
      const moving = heading !== undefined && (frame.speed(i) ?? 0) >= STANDING_CM_S;
      const heading_rad = moving ? (heading * Math.PI) / 180 : NO_HEADING;
      const age = frame.age(i);
      this.motion.place(
        slot,
        { lon, lat, heading_rad, fix_s: age === undefined ? -1e9 : now_s - age },
        now_s,
        this.tick_s,
      );
    }
    for (const slot of this.held.get(frame.key) ?? []) {
      if (this.owner.get(slot) === frame.key && !slots.includes(slot)) this.forget(slot);
    }
    if (frame.count > 0) this.held.set(frame.key, slots);
    else this.held.delete(frame.key);
  }

  /** Takes a unit's view: its status decides how it looks. */
  dress(unit: Unit): void {
    this.motion.dress(unit.slot, this.wanted(unit) ? lookOf(unit) : "hidden");
  }

  /** After a loss of the link the server sends all frames anew; what it does not send is not there. */
  forgetAll(): void {
    for (const slot of this.coords.keys()) this.motion.lose(slot);
    this.held.clear();
    this.owner.clear();
    this.coords.clear();
  }

  /** Where a slot is by its last frame. */
  coord(slot: number): Coord | undefined {
    return this.coords.get(slot);
  }

  /** Units drawn, and those of them not at rest whose fix is older than `limit_s`. */
  census(limit_s: number, now_s: number): { online: number; late: number } {
    let [online, late] = [0, 0];
    for (let slot = 0; slot < this.motion.count; slot++) {
      if (!this.motion.shown(slot)) continue;
      online++;
      const look = this.motion.lookOf(slot);
      const resting = look === LOOK_CODE.resting || look === LOOK_CODE.out;
      if (!resting && this.motion.age(slot, now_s) >= limit_s) late++;
    }
    return { online, late };
  }

  private forget(slot: number): void {
    this.owner.delete(slot);
    this.coords.delete(slot);
    this.motion.lose(slot);
  }
}
