import { describe, expect, test } from "vitest";
import { arrange, keepStill, visibleRange, type Scroll, type Slot } from "./arrangement";

const slots = (...ids: string[]): Slot[] => ids.map((id) => ({ id, ghost: false }));
const text = (rows: Slot[]) => rows.map((row) => (row.ghost ? `(${row.id})` : row.id)).join(" ");

describe("arrange", () => {
  test("follows the wanted order when nothing holds it", () => {
    expect(text(arrange(slots("a", "b"), ["c", "b", "a"], false))).toBe("c b a");
  });
  test("keeps every row in its place while held, and puts new ones at the end", () => {
    expect(text(arrange(slots("a", "b", "c"), ["p1", "c", "a"], true))).toBe("a (b) c p1");
  });
  test("a ghost that comes back is itself again", () => {
    const held = arrange(slots("a", "b"), ["a"], true);
    expect(text(arrange(held, ["b", "a"], true))).toBe("a b");
  });
});

describe("keepStill", () => {
  const base = { row_px: 40, rows: 10, view_px: 200, shift: 0 };
  const screenY = (scroll: Scroll, index: number) => scroll.padTop + index * 40 - scroll.top;
  const maxTop = (scroll: Scroll, rows: number) => scroll.padTop + rows * 40 + scroll.padBottom - 200;

  test.each([
    ["a row is inserted above", { top: 0, padTop: 0, padBottom: 0 }, 2, 3, 0],
    ["two rows above leave a list at its top", { top: 0, padTop: 0, padBottom: 0 }, 3, 1, 0],
    ["a short list grows above", { top: 0, padTop: 0, padBottom: 0 }, 9, 10, 0],
    ["the list's own edge moves down", { top: 40, padTop: 0, padBottom: 0 }, 2, 2, 46],
    ["the list's own edge moves up at its top", { top: 0, padTop: 0, padBottom: 0 }, 2, 2, -46],
  ])("the anchored row does not move when %s", (_, scroll, before, after, shift) => {
    const next = keepStill(scroll, { ...base, before, after, shift });
    expect(screenY(next, after) + shift).toBe(screenY(scroll, before));
    expect(next.top).toBeGreaterThanOrEqual(0);
    expect(next.top).toBeLessThanOrEqual(maxTop(next, base.rows));
  });

  test("lends no blank space when none is needed", () => {
    const next = keepStill({ top: 80, padTop: 0, padBottom: 0 }, { ...base, before: 3, after: 4 });
    expect(next).toEqual({ top: 120, padTop: 0, padBottom: 0 });
  });
});

test("only rows in sight are drawn, whatever the length", () => {
  expect(visibleRange({ top: 4000, padTop: 0, padBottom: 0 }, 200, 40, 6000, 2)).toEqual({
    first: 98,
    end: 107,
  });
  expect(visibleRange({ top: 0, padTop: 90, padBottom: 0 }, 200, 40, 1, 0)).toEqual({ first: 0, end: 1 });
});
