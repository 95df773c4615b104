import { beforeEach, describe, expect, test, vi } from "vitest";
import { language } from "../i18n/catalogue.svelte";
import en from "../i18n/en.json";
import later from "../i18n/en.later.json";
import { dispatching } from "../store/acts/dispatch.svelte";
import { notices } from "../store/notice/notices.svelte";
import { Register } from "../store/room/register";
import { room } from "../store/room/room.svelte";
import { selection } from "../store/workplace/selection.svelte";
import { Problem } from "../wire/problem";
import { send } from "../wire/rest";
import type { Incident, Order, Recommendation, Region, Unit } from "../wire/views";
import { effectOf } from "./effect";
import { parse } from "./grammar";
import { lexicon } from "./lexicon";

vi.mock("../wire/rest", () => ({ send: vi.fn(), ask: vi.fn() }));
const sent = vi.mocked(send);

const unit = (id: string, change: Partial<Unit> = {}) =>
  room.units.rows.set(id, { id, duty: "patrolling", status: "patrolling", ...change } as Unit);
const incident = (id: string, number: string, change: Partial<Incident> = {}) =>
  room.incidents.rows.set(id, {
    ...{
      id,
      number,
      version: 1,
      created_at: 0,
      state: "active",
      alarms: [],
      orders: [],
      area: [],
      claimed_by: "s",
    },
    place: { kind: "unknown", radius_m: 0, source: "caller" },
    ...change,
  } as unknown as Incident);
/** A recommendation that ranks some units. */
const recommend = (id: string, ...units: string[]) =>
  room.recommendations.rows.set(id, {
    id,
    incident: "i14",
    ranked: units.map((one) => ({ candidate: { unit: one } })),
  } as unknown as Recommendation);
const read = (line: string) => effectOf(parse(line, lexicon()));
/** What the last act carried over the wire. */
const carried = () => JSON.parse(JSON.stringify(sent.mock.lastCall?.[2])) as Record<string, unknown>;

beforeEach(() => {
  language.current = "en";
  language.catalogue = { ...en, ...later };
  selection.choose(null);
  dispatching.pending = null;
  for (const table of [room.units, room.incidents, room.orders, room.recommendations]) table.rows.clear();
  const units = Object.fromEntries(
    ["锡02-01", "锡02-02", "锡13-01"].map((call_sign, slot) => [`u${slot}`, { call_sign, plate: "", slot }]),
  );
  const none = { areas: {}, desks: {}, seats: {}, kinds: [], types: {}, points: {} };
  room.register = new Register({ ...none, units } as unknown as Region);
  for (const id of Object.keys(units)) unit(id);
  incident("i14", "152502-20260107-014", { recommendation: "r1" });
  incident("i15", "152502-20260107-015");
  recommend("r1", "u0", "u1");
  sent.mockReset().mockResolvedValue({ seq: 1, repeated: false });
});

describe("what is wrong is said in words", () => {
  test.each([
    ["D 锡02-01 999", "no such incident: 999"],
    ["D 锡99-99", "no such unit: 锡99-99"],
    ["D 锡02", "more than one unit fits: 锡02"],
    ["R 锡13-01 abc", "a number is wanted here (minutes), not abc"],
    ["L moon", "no such layer: moon; choose from Units / "],
  ])("%s: %s", (line, said) => expect(read(line).preview).toContain(said));
  test("which reasons there are", () =>
    expect(read("X 030").preview).toBe(
      "no such reason: 030; choose from nothing-found / false-alarm / made-by-mistake / transferred / exercise-over",
    ));
});

test.each(["help", "帮助", "?", "？", "/help"])("%s asks for the sheet of keys and commands", (line) => {
  const effect = read(line);
  expect(effect.ready).toBe(true);
  expect(effect.run()).toBe("help");
});

describe("a dispatch by name", () => {
  test("rests on the recommendation that has the unit", async () => {
    await read("D 锡02-01 014").run();
    expect(carried()).toMatchObject({ targets: [{ unit: "u0" }], recommendation: "r1" });
  });
  test.each([
    ["a unit it does not rank", "D 锡13-01 014", () => undefined],
    ["one that it ranks and one that it does not", "D 锡02-01,锡13-01 014", () => undefined],
    ["a unit that has an order since", "D 锡02-01 014", () => unit("u0", { active: "o1" })],
    ["a unit that went off duty since", "D 锡02-01 014", () => unit("u0", { duty: "off" })],
  ])("rests on none with %s", async (_, line, since) => {
    since();
    await read(line).run();
    expect(carried()).not.toHaveProperty("recommendation");
  });
  test("a unit that is to leave its order may be taken from the list", async () => {
    unit("u0", { active: "o1" });
    await read("RA 锡02-01 014").run();
    expect(carried()).toMatchObject({ recommendation: "r1", divert: true });
  });
  test("a busy one is refused with what it is busy with", async () => {
    const said = vi.spyOn(notices, "say");
    unit("u0", { active: "o1" });
    room.orders.rows.set("o1", { id: "o1", incident: "i15" } as Order);
    sent.mockRejectedValue(new Problem(409, "unit_busy", { unit: "u0", order: "o1", incident: "i15" }, ""));
    await read("D 锡02-01 014").run();
    expect(said).toHaveBeenLastCalledWith("refused", expect.stringContaining("锡02-01 is busy with 015"));
  });
});

describe("a dispatch that has to be confirmed", () => {
  const doubt = new Problem(409, "confirmation_needed", { because: ["place_uncertain"] }, "");

  test("says so on the line, with the units, and the same line confirms", async () => {
    sent.mockRejectedValueOnce(doubt);
    expect(read("D 锡02-01 014").confirms).toBeUndefined();
    expect(await read("D 锡02-01 014").run()).toBe("again");
    expect(carried()).not.toHaveProperty("confirmed");
    const again = read("D 锡02-01 014");
    expect(again).toMatchObject({ ready: true, confirms: true });
    expect(again.preview).toMatch(/^place not confirmed · .*confirm: Dispatch 锡02-01 → 014/);
    expect(await again.run()).toBeUndefined();
    expect(carried()).toMatchObject({ targets: [{ unit: "u0" }], confirmed: true });
    expect(dispatching.pending).toBeNull();
  });
  test("another line confirms nothing", async () => {
    sent.mockRejectedValueOnce(doubt);
    await read("D 锡02-01 014").run();
    for (const line of ["D 锡02-02 014", "D 锡02-01 015"]) expect(read(line).confirms).toBeUndefined();
  });
  test("F6 finds it picked and means it the same way", async () => {
    sent.mockRejectedValueOnce(doubt);
    await read("RA 锡02-01 014").run();
    expect(selection.picks).toEqual(["u0"]);
    await dispatching.send(room.incidents.rows.get("i14")!, [{ unit: "u0" }], undefined);
    expect(carried()).toMatchObject({ confirmed: true, divert: true });
  });
  test("a refusal leaves nothing to confirm", async () => {
    sent.mockRejectedValueOnce(new Problem(409, "unit_off_duty", { unit: "u0" }, ""));
    expect(await read("D 锡02-01 014").run()).toBeUndefined();
    expect(dispatching.pending).toBeNull();
  });
});
