import { describe, expect, test } from "vitest";
import { FILTERS } from "../workplace/address";
import { passes } from "./filter";
import type { QueueRow } from "./order";

const own = { desk: "d1", area: ["15", "1502"] };
const row = (change: Partial<QueueRow>): QueueRow => ({
  ...{ id: "i", kind: "incident", priority: "p2", sos: false, pinned: false, since: 0, asks: "dispatch" },
  ...{ waiting: false, claimed: true, mode: "actual", area: ["15", "1599"], desk: "d9" },
  ...change,
});

test.each(FILTERS)("%s never hides an SOS, priority 1 or what is pinned", (filter) => {
  for (const change of [{ sos: true }, { priority: "p1" }, { pinned: true }] as const)
    expect(passes(row(change), filter, own)).toBe(true);
});

describe("mine", () => {
  test.each([
    ["in the area", { area: ["15", "1502", "150201"] }, true],
    ["of the desk, outside its area", { desk: "d1" }, true],
    ["not placed yet", { area: [] }, true],
    ["of another desk elsewhere", {}, false],
  ])("%s", (_, change, shown) => expect(passes(row(change), "mine", own)).toBe(shown));
});

test("waiting shows what nobody has taken up", () => {
  expect(passes(row({ waiting: true }), "waiting", own)).toBe(true);
  expect(passes(row({}), "waiting", own)).toBe(false);
});
