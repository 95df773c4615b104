import { expect, test } from "vitest";
import { Estimate } from "./clock.svelte";

test("learns the rate of a scaled clock and carries it on", () => {
  const estimate = new Estimate();
  estimate.observe(1_000_000_000, 0);
  estimate.observe(1_050_000_000, 5000);
  expect(estimate.rate).toBeCloseTo(10, 6);
  expect(estimate.at(6000)).toBeCloseTo(1_060_000_000, 0);
});

test("jitter of the network does not bend a wall clock", () => {
  const estimate = new Estimate();
  for (const [i, late] of [0, 40, 5, 60, 0].entries()) estimate.observe(i * 5_000_000 + 1, i * 5000 + late);
  expect(estimate.rate).toBeGreaterThan(0.99);
  expect(estimate.rate).toBeLessThan(1.01);
});

test("a clock that stands still stands still", () => {
  const estimate = new Estimate();
  estimate.observe(7_000_000, 0);
  estimate.observe(7_000_000, 5000);
  expect(estimate.at(9000)).toBe(7_000_000);
});

test("a clock that is set runs on as before", () => {
  for (const step of [86_400e6, -1800e6]) {
    const estimate = new Estimate();
    for (const i of [0, 1, 2]) estimate.observe(i * 5_000_000 + 1e15, i * 5000);
    for (const i of [3, 4]) estimate.observe(i * 5_000_000 + 1e15 + step, i * 5000);
    expect(estimate.rate).toBeCloseTo(1, 6);
    expect(estimate.at(21_000)).toBeCloseTo(21_000_000 + 1e15 + step, 0);
  }
});
