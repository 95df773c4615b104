import { expect, test } from "vitest";
import type { QueueRow } from "./order";
import { Resound } from "./resound";

const row = (change: Partial<QueueRow> = {}): QueueRow => ({
  id: "a",
  kind: "alarm",
  priority: "p1",
  sos: false,
  pinned: true,
  since: 0,
  asks: "answer",
  waiting: true,
  claimed: false,
  mode: "actual",
  area: [],
  desk: "d",
  ...change,
});
const seconds = [1, 29, 30, 31, 59, 60, 61].map((s) => s * 1_000_000);

test("sounds again every thirty seconds, each time once", () => {
  const resound = new Resound();
  expect(seconds.filter((now) => resound.due([row()], now).length > 0)).toEqual([30_000_000, 60_000_000]);
});

test("is silent once it is answered, and for lesser alarms", () => {
  const resound = new Resound();
  expect(
    seconds.flatMap((now) =>
      resound.due([row({ asks: "settle", claimed: true }), row({ id: "b", pinned: false })], now),
    ),
  ).toEqual([]);
});

test("an SOS that became an incident at once sounds again until a seat claims it", () => {
  const resound = new Resound();
  const sos = { kind: "incident", sos: true, asks: "dispatch" } as const;
  expect(seconds.filter((now) => resound.due([row(sos)], now).length > 0)).toEqual([30_000_000, 60_000_000]);
  expect(resound.due([row({ ...sos, claimed: true })], 90_000_000)).toEqual([]);
});

test("a console that opens late does not sound for what is old", () => {
  expect(new Resound().due([row()], 500_000_000)).toEqual([]);
});
