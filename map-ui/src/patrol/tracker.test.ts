import { expect, test } from "vitest";
import { keepFix, type Fix } from "./tracker.svelte";

const fix = (s: number, lon: number): Fix => ({ lon, lat: 43.9, fix_time: s * 1_000_000 });

test("a fix that says nothing new is not kept, one a minute later is", () => {
  let kept = keepFix([], fix(0, 116));
  kept = keepFix(kept, fix(10, 116.0001));
  expect(kept).toHaveLength(1);
  kept = keepFix(kept, fix(20, 116.001));
  kept = keepFix(kept, fix(90, 116.001));
  expect(kept.map((one) => one.fix_time / 1e6)).toEqual([0, 20, 90]);
});

test("without signal for hours the way there stays, coarser the older it is", () => {
  let kept: Fix[] = [];
  for (let i = 0; i < 2100; i++) kept = keepFix(kept, fix(i * 60, 116 + i * 0.001));
  expect(kept.length).toBeLessThanOrEqual(2000);
  expect(kept[0]!.fix_time).toBe(0);
  expect(kept.at(-1)!.fix_time).toBe(2099 * 60_000_000);
});
