import { describe, expect, test } from "vitest";
import type { Alarm, Incident, View } from "../../wire/views";
import { newsOf, type Known } from "./news";

const alarm = (change: Partial<Alarm>): View => ({
  kind: "alarm",
  view: { id: "a", source: "call", state: "ringing", repeats: 0, ...change } as Alarm,
});
const incident = (change: Partial<Incident>): View => ({
  kind: "incident",
  view: { id: "i", state: "active", alarms: ["a"], ...change } as Incident,
});
const settled = { state: "settled", outcome: { kind: "incident", incident: "i" } } as const;
const nothing: Known = { alarms: new Map(), incidents: new Map() };
const holding = (...deltas: View[]): Known => ({
  alarms: new Map(deltas.flatMap((one) => (one.kind === "alarm" ? [[one.view.id, one.view]] : []))),
  incidents: new Map(deltas.flatMap((one) => (one.kind === "incident" ? [[one.view.id, one.view]] : []))),
});
const heard = (deltas: View[], known = nothing) => newsOf(deltas, known).map((one) => one.kind);
const overdue = (level: number): Pick<Incident, "overdue"> => ({
  overdue: [{ timer: { kind: "claim", id: "i" }, escalation: { level, desk: "d" }, since: 0 }],
});

describe("an alarm", () => {
  test("that rings is heard once", () => {
    expect(heard([alarm({})])).toEqual(["alarm"]);
    expect(heard([alarm({ version: 2 })], holding(alarm({})))).toEqual([]);
  });
  test.each(["sos", "button", "sensor"] as const)(
    "from %s settled in its own commit is heard once",
    (source) => {
      expect(heard([incident({}), alarm({ source, ...settled })])).toEqual(["alarm"]);
    },
  );
  test("settled as something that calls for nobody is not heard", () => {
    expect(heard([alarm({ state: "settled", outcome: { kind: "test" } })])).toEqual([]);
  });
  test("an SOS is heard however it was settled, and again when it is pressed again", () => {
    const sos = { source: "sos", state: "settled", outcome: { kind: "duplicate" } } as const;
    expect(heard([alarm(sos)])).toEqual(["alarm"]);
    expect(heard([alarm({ ...sos, repeats: 1 })], holding(alarm(sos)))).toEqual(["alarm"]);
  });
});

describe("an incident", () => {
  test("whose alarm was not told is told itself", () => {
    expect(heard([incident({})])).toEqual(["incident"]);
  });
  test("made of an alarm that was heard says nothing more", () => {
    expect(heard([incident({})], holding(alarm({})))).toEqual([]);
  });
  test("that has ended, or is known, says nothing", () => {
    expect(heard([incident({ state: "closed" })])).toEqual([]);
    expect(heard([incident({ version: 2 })], holding(incident({})))).toEqual([]);
  });
});

test("a deadline is heard each time it escalates, with what it concerns", () => {
  const known = holding(incident({}), alarm({}));
  expect(newsOf([incident(overdue(0))], known)).toMatchObject([
    { kind: "escalated", view: { id: "i" }, level: 0 },
  ]);
  expect(heard([alarm(overdue(1))], known)).toEqual(["escalated"]);
  expect(heard([incident(overdue(1))], holding(incident(overdue(1)), alarm({})))).toEqual([]);
});

test("a second deadline is heard though the first has come further", () => {
  const second = overdue(0).overdue!.map((one) => ({
    ...one,
    timer: { kind: "first_order", id: "i" } as const,
  }));
  const both = { overdue: [...overdue(1).overdue!, ...second] };
  expect(newsOf([incident(both)], holding(incident(overdue(1)), alarm({})))).toMatchObject([{ level: 0 }]);
});

test("what came while the link was away is heard from the snapshot that ends it", () => {
  const whole = [
    alarm({ id: "old" }),
    alarm({ id: "new", source: "sos", ...settled }),
    incident({ alarms: ["new"] }),
  ];
  expect(newsOf(whole, holding(alarm({ id: "old" })))).toMatchObject([
    { kind: "alarm", view: { id: "new" } },
  ]);
});
