import { describe, expect, test } from "vitest";
import type { Alarm, Incident, Order, OrderState } from "../../wire/views";
import { alarmPriority, alarmRow, compareRows, incidentAsks, incidentRow, stageCount } from "./order";

const types = new Map([["fire", { names: {}, priority: "p1" as const, weapon: false, sensitive: false }]]);

function alarm(change: Partial<Alarm>): Alarm {
  return {
    id: "a",
    version: 1,
    number: "20260107-001",
    mode: "actual",
    source: "call",
    state: "ringing",
    desk: "d",
    area: [],
    place: { kind: "unknown", radius_m: 0, source: "caller" },
    silent: false,
    occurred_at: 0,
    received_at: 0,
    late: false,
    clock_wrong: false,
    repeats: 0,
    ...change,
  };
}

function incident(change: Partial<Incident>): Incident {
  return {
    ...{ id: "i", version: 1, number: "n", mode: "actual", state: "active", desk: "d", area: [] },
    place: { kind: "unknown", radius_m: 0, source: "caller" },
    ...{ priority: "p2", alarms: [], orders: [], received_at: 0, created_at: 0 },
    ...{ moved: false, reopened: false, caller_withdrew: false, acts: [], sos: false },
    ...change,
  } as Incident;
}

const order = (state: OrderState) => ({ state }) as Order;

describe("an alarm", () => {
  test("has the priority of its type, of its button, or the middle one", () => {
    expect(alarmPriority(alarm({ incident_type: "fire" }), types)).toBe("p1");
    expect(alarmPriority(alarm({ source: "button" }), types)).toBe("p1");
    expect(alarmPriority(alarm({}), types)).toBe("p2");
    expect(alarmPriority(alarm({ priority: "p3", incident_type: "fire" }), types)).toBe("p3");
    expect(alarmPriority(alarm({ priority: "p3", source: "sos" }), types)).toBe("p1");
  });
  test("leaves the queue when settled, unless a call-back is owed", () => {
    expect(alarmRow(alarm({ state: "settled" }), types)).toBeUndefined();
    expect(alarmRow(alarm({ state: "settled", call_back: { opened_at: 0 } }), types)?.asks).toBe("call_back");
  });
  test("a silent alarm is never asked to be called back", () => {
    expect(
      alarmRow(alarm({ state: "settled", silent: true, call_back: { opened_at: 0 } }), types),
    ).toBeUndefined();
  });
});

describe("an incident", () => {
  test.each([
    [[], "dispatch"],
    [["sent"], "sign"],
    [["delivered", "signed"], "signed"],
    [["signed", "enroute"], "enroute"],
    [["enroute", "on_scene"], "on_scene"],
    [["declined"], "dispatch"],
    [["cleared"], "feedback"],
  ] as [OrderState[], string][])("with orders %o asks for %s", (states, asks) => {
    expect(incidentAsks(incident({}), states.map(order))).toBe(asks);
  });
  test("says how many of its units have come as far", () => {
    expect(stageCount("on_scene", [order("on_scene"), order("enroute"), order("declined")])).toBe("1/2");
    expect(stageCount("enroute", [order("enroute"), order("staged")])).toBe("2");
    expect(stageCount("sign", [order("sent")])).toBe("1");
  });
  test("stays pinned until one order is signed", () => {
    expect(incidentRow(incident({ priority: "p1" }), [order("delivered")])?.pinned).toBe(true);
    expect(incidentRow(incident({ priority: "p1" }), [order("signed")])?.pinned).toBe(false);
  });
  test("that has ended is not in the queue", () => {
    expect(incidentRow(incident({ state: "closed" }), [])).toBeUndefined();
  });
});

test("SOS stands above every other, then priority, then who waits, then for how long", () => {
  const row = (change: object) => ({ ...incidentRow(incident({}), [])!, ...change });
  const rows = [
    row({ id: "late p2", since: 9 }),
    row({ id: "taken p2", waiting: false, since: 1 }),
    row({ id: "old p2", since: 5 }),
    row({ id: "p3", priority: "p3", since: 0 }),
    row({ id: "signed p1", priority: "p1", waiting: false }),
    row({ id: "pinned p1", priority: "p1", pinned: true, since: 1 }),
    row({ id: "sos", priority: "p1", pinned: true, sos: true, since: 8 }),
  ];
  expect(rows.sort(compareRows).map((r) => r.id)).toEqual([
    "sos",
    "pinned p1",
    "signed p1",
    "old p2",
    "late p2",
    "taken p2",
    "p3",
  ]);
});
