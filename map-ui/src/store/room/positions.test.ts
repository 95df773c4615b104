import { describe, expect, test } from "vitest";
import type { Frame } from "../../wire/frame";
import type { Unit } from "../../wire/views";
import { lookOf, Positions } from "./positions";

interface Row {
  slot: number;
  lon?: number;
  age?: number | undefined;
}

const frame = (key: string, rows: Row[]): Frame => ({
  key,
  label: 0,
  at: 0,
  count: rows.length,
  slot: (i) => rows[i]!.slot,
  lon: (i) => rows[i]!.lon ?? 1_160_000_000,
  lat: () => 439_000_000,
  speed: () => 1000,
  heading: () => 90,
  age: (i) => ("age" in rows[i]! ? rows[i]!.age : 0),
});
const unit = (slot: number, change: Partial<Unit> = {}) =>
  ({ slot, status: "patrolling", sos: false, ...change }) as Unit;
test("a unit that the filter leaves out is not drawn, and is again when the filter goes", () => {
  const positions = started();
  positions.take(frame("tile", [{ slot: 0 }, { slot: 1 }]), 1);
  positions.wanted = (one) => one.slot !== 1;
  for (const slot of [0, 1]) positions.dress(unit(slot));
  expect(positions.census(300, 1).online).toBe(1);
  positions.wanted = () => true;
  positions.dress(unit(1));
  expect(positions.census(300, 1).online).toBe(2);
});

const started = () => {
  const positions = new Positions({ lon: 1_160_000_000, lat: 439_000_000 });
  for (const slot of [0, 1, 2]) positions.dress(unit(slot));
  return positions;
};
const shown = (positions: Positions) => [0, 1, 2].filter((slot) => positions.motion.shown(slot));

describe("a frame is the whole of its tile", () => {
  test("who is not in the next one is gone", () => {
    const positions = started();
    positions.take(frame("a", [{ slot: 0 }, { slot: 1 }]), 0);
    positions.take(frame("a", [{ slot: 1 }]), 1);
    expect(shown(positions)).toEqual([1]);
  });
  test("but who has moved to another tile is not, in either order of the frames", () => {
    const positions = started();
    positions.take(frame("a", [{ slot: 0 }, { slot: 1 }]), 0);
    positions.take(frame("b", [{ slot: 0 }]), 1);
    positions.take(frame("a", [{ slot: 1 }]), 1);
    expect(shown(positions)).toEqual([0, 1]);
  });
  test("an empty one clears the tile", () => {
    const positions = started();
    positions.take(frame("a", [{ slot: 0 }]), 0);
    positions.take(frame("a", []), 1);
    expect(shown(positions)).toEqual([]);
  });
});

test("a unit that leaves a tile and comes back later is there again", () => {
  const positions = started();
  positions.take(frame("a", [{ slot: 0 }]), 0);
  positions.take(frame("a", []), 1);
  positions.take(frame("b", [{ slot: 0 }]), 2);
  expect(shown(positions)).toEqual([0]);
});

test("late are those on the move without a recent fix; a unit at rest is silent by right", () => {
  const positions = started();
  positions.dress(unit(2, { status: "on_call" }));
  positions.take(
    frame("a", [
      { slot: 0, age: 10 },
      { slot: 1, age: 400 },
      { slot: 2, age: undefined },
    ]),
    0,
  );
  expect(positions.census(300, 0)).toEqual({ online: 3, late: 1 });
});

test.each([
  [{ status: "off_duty" }, "hidden"],
  [{ status: "on_call" }, "resting"],
  [{ status: "enroute" }, "tasked"],
  [{ status: "on_scene" }, "onScene"],
  [{ status: "off_duty", sos: true }, "sos"],
] as [Partial<Unit>, string][])("%o looks %s", (change, look) => expect(lookOf(unit(0, change))).toBe(look));
