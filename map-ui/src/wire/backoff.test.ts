import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

test("doubles up to its most and never grows beyond, however long the loss", () => {
  expect([0, 1, 2, 3, 4, 5, 99].map((n) => backoffMs(n, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 15000, 15000,
  ]);
});

test("is spread over the upper half", () => {
  expect(backoffMs(3, 0)).toBe(2000);
  expect(backoffMs(3, 0.5)).toBe(3000);
});
