import { describe, expect, test } from "vitest";
import { ageClass, mercatorX, mercatorY, metresPerMercator, Motion } from "./motion";

const fix = (lon: number, lat: number, fix_s = 0) => ({
  lon: Math.round(lon * 1e7),
  lat: Math.round(lat * 1e7),
  heading_rad: 0,
  fix_s,
});
const around = () => new Motion([mercatorX(116e7), mercatorY(43.9e7)], 2);

describe("mercator", () => {
  test("has its corners where the web has them", () => {
    expect(mercatorX(-1_800_000_000)).toBe(0);
    expect(mercatorX(0)).toBe(0.5);
    expect(mercatorY(0)).toBe(0.5);
    expect(mercatorY(850_511_287)).toBeCloseTo(0, 7);
  });
});

describe("gliding", () => {
  const eastBy = (lon: number) => mercatorX(Math.round(lon * 1e7)) - mercatorX(1_160_000_000);

  test("a first fix stands at once, the next one is glided to in the time between the two", () => {
    const motion = around();
    motion.place(0, fix(116, 43.9), 10, 1);
    expect(motion.at(0, 10)).toEqual([0, 0]);
    motion.place(0, fix(116.001, 43.9), 14, 1);
    expect(motion.at(0, 14)[0]).toBe(0);
    expect(motion.at(0, 16)[0]).toBeCloseTo(eastBy(116.001) / 2, 9);
    expect(motion.at(0, 99)[0]).toBeCloseTo(eastBy(116.001), 9);
    expect(motion.moving_until_s).toBe(18);
  });

  test("takes a tick at least and six seconds at most", () => {
    const motion = around();
    motion.place(0, fix(116, 43.9), 0, 1);
    motion.place(0, fix(116.001, 43.9), 0.2, 1);
    expect(motion.moving_until_s).toBeCloseTo(1.2, 5);
    motion.place(0, fix(116.002, 43.9), 900, 1);
    expect(motion.moving_until_s).toBe(906);
  });

  test("a fix in the middle of a glide goes on from where the unit is drawn", () => {
    const motion = around();
    motion.place(0, fix(116, 43.9), 0, 1);
    motion.place(0, fix(116.001, 43.9), 2, 1);
    const [before] = motion.at(0, 3);
    motion.place(0, fix(116.003, 43.9), 3, 1);
    expect(motion.at(0, 3)[0]).toBeCloseTo(before, 9);
  });

  test("a repeated position leaves the glide as it is and renews the age", () => {
    const motion = around();
    motion.place(0, fix(116, 43.9), 0, 1);
    motion.place(0, fix(116.001, 43.9, 4), 4, 1);
    const before = motion.at(0, 6);
    motion.place(0, fix(116.001, 43.9, 5), 5, 1);
    expect(motion.at(0, 6)).toEqual(before);
    expect(motion.age(0, 6)).toBe(1);
  });

  test("a jump of more than five kilometres is a jump", () => {
    const motion = around();
    motion.place(0, fix(116, 43.9), 0, 1);
    motion.place(0, fix(116.2, 43.9), 1, 2);
    expect(motion.at(0, 1)[0]).toBeCloseTo(mercatorX(1_162_000_000) - mercatorX(1_160_000_000), 8);
  });

  test("nothing glides for people who have asked for less motion", () => {
    const motion = around();
    motion.still = true;
    motion.place(0, fix(116, 43.9), 0, 1);
    motion.place(0, fix(116.001, 43.9), 4, 1);
    expect(motion.at(0, 4)[0]).toBeCloseTo(eastBy(116.001), 9);
  });

  test("keeps metres far from the origin: float32 offsets, float64 origin", () => {
    const motion = around();
    motion.place(0, fix(119.5, 46.6), 0, 1);
    const [, y] = motion.at(0, 1);
    const exact = mercatorY(466_000_000) - motion.origin[1];
    expect(Math.abs(y - exact) * metresPerMercator(mercatorY(466_000_000))).toBeLessThan(1);
  });
});

describe("what is shown", () => {
  test("needs a position and a look, and grows with the fleet", () => {
    const motion = around();
    motion.dress(5, "available");
    expect(motion.shown(5)).toBe(false);
    motion.place(5, fix(116, 43.9), 0, 1);
    expect(motion.shown(5)).toBe(true);
    expect(motion.count).toBe(6);
    motion.lose(5);
    expect(motion.shown(5)).toBe(false);
  });

  test("a pick finds the whole stack, nearest first", () => {
    const motion = around();
    for (const [slot, lon] of [116.002, 116, 116.001, 117].entries()) {
      motion.place(slot, fix(lon, 43.9), 0, 1);
      motion.dress(slot, "available");
    }
    const project = (x: number, y: number) => [x * 3.6e6, y * 3.6e6] as const;
    expect(motion.near(0, 0, 25, 1, project)).toEqual([1, 2, 0]);
  });
});

test.each([
  [0, "fresh"],
  [30, "fading"],
  [60, "hollow"],
  [299, "hollow"],
  [300, "lost"],
] as const)("age of %d s is %s", (s, name) => expect(ageClass(s)).toBe(name));
