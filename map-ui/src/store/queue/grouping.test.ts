import { describe, expect, test } from "vitest";
import { group } from "./grouping";
import type { QueueRow } from "./order";

const row = (id: string, over: Partial<QueueRow> = {}): QueueRow => ({
  id,
  kind: "alarm",
  priority: "p2",
  sos: false,
  pinned: false,
  since: 0,
  asks: "answer",
  waiting: true,
  claimed: false,
  mode: "actual",
  area: ["1525", "152502"],
  desk: "d",
  ...over,
});
const byArea = (one: QueueRow) => one.area[1];
const shape = (list: ReturnType<typeof group>) =>
  list.map((one) => ("rows" in one ? one.rows.map((r) => r.id) : one.id));

describe("rows of one cause in one area", () => {
  const rows = [row("a"), row("x", { area: ["1525", "152501"] }), row("b"), row("c")];

  test("stand where the first of them stood", () => {
    expect(shape(group(rows, byArea, new Set()))).toEqual([["a", "b", "c"], "x"]);
  });
  test("stay by themselves while they are few", () => {
    expect(shape(group(rows.slice(0, 3), byArea, new Set()))).toEqual(["a", "x", "b"]);
  });
  test("a priority 1 is never put into a group", () => {
    const urgent = [...rows, row("p", { priority: "p1" })];
    expect(shape(group(urgent, byArea, new Set()))).toEqual([["a", "b", "c"], "x", "p"]);
  });
  test("a row that is on the screen already stays where it is", () => {
    const more = [...rows, row("d")];
    expect(shape(group(more, byArea, new Set(["a"])))).toEqual(["a", "x", ["b", "c", "d"]]);
  });
  test("none is lost", () => {
    const all = group(rows, byArea, new Set()).flatMap((one) => ("rows" in one ? one.rows : [one]));
    expect(all.map((one) => one.id).sort()).toEqual(["a", "b", "c", "x"]);
  });
});
