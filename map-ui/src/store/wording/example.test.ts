import { beforeEach, expect, test } from "vitest";
import type { Incident, Region, Seat, UnitEntry } from "../../wire/views";
import { exampleNumber, exampleUnit } from "./example";
import { preferences } from "../workplace/preferences.svelte";
import { Register } from "../room/register";
import { room } from "../room/room.svelte";

const incident = (number: string, desk: string, state: Incident["state"] = "active") =>
  room.incidents.rows.set(number, { id: number, number, desk, state } as Incident);
const unit = (call_sign: string, desk: string, retired = false) =>
  ({ call_sign, desk, retired }) as UnitEntry;

beforeEach(() => {
  room.incidents.rows.clear();
  const none = { areas: {}, kinds: [], types: {}, points: {} };
  const seats = { s: { desk: "xilinhot" } as Seat, empty: { desk: "league" } as Seat };
  const desks = { xilinhot: { area: [] }, league: { area: [] } };
  const units = {
    a: unit("二01-01", "erenhot"),
    b: unit("锡01-01", "xilinhot", true),
    c: unit("锡02-01", "xilinhot"),
  };
  room.register = new Register({ ...none, desks, seats, units } as unknown as Region);
  preferences.seat = "s";
});

test("a unit of the own desk that is still there", () => expect(exampleUnit()).toBe("锡02-01"));

test.each([undefined, "empty"])("without one of its own, the first: seat %s", (seat) => {
  preferences.seat = seat;
  expect(exampleUnit()).toBe("二01-01");
});

test("an open incident of the own desk", () => {
  incident("152501-20260107-001", "erenhot");
  incident("152502-20260107-002", "xilinhot", "closed");
  expect(exampleNumber()).toBe("20260107-014");
  incident("152502-20260107-003", "xilinhot");
  expect(exampleNumber()).toBe("152502-20260107-003");
  preferences.seat = undefined;
  expect(exampleNumber()).toBe("152501-20260107-001");
});
