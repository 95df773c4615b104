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
