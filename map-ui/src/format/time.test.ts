import { expect, test } from "vitest";
import { age, clock, dayClock, timer } from "./time";

test.each([
  [0, "0:00"],
  [-5000, "0:00"],
  [48_400, "0:48"],
  [725_000, "12:05"],
  [3_729_000, "1:02:09"],
  [273_600_000, "3d 4h"],
])("timer of %d ms", (ms, text) => expect(timer(ms)).toBe(text));

test.each([
  [8.9, "8s"],
  [60, "1m"],
  [7199, "1h"],
  [432_000, "5d"],
])("age of %d s", (s, text) => expect(age(s)).toBe(text));

test("the clock is the region's own, not the browser's", () => {
  const at = Date.UTC(2026, 0, 7, 16, 5, 9) * 1000;
  expect(clock(at, "Asia/Shanghai")).toBe("00:05:09");
  expect(dayClock(at, "Asia/Shanghai")).toBe("01-08 00:05");
  expect(clock(at, "Europe/Lisbon")).toBe("16:05:09");
});
