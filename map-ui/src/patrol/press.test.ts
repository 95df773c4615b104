import { expect, test } from "vitest";
import { afterView, pressOf, readPress } from "./press";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test("between the centre's answer and its view a second hold is the same call", () => {
  const store = memory();
  const first = pressOf(0, store);
  expect(afterView(first, false, false, 5_000, store)).toEqual(first);
  expect(pressOf(5_000, store).id).toBe(first.id);
});

test("a call that was shown and ended makes way for a new one", () => {
  const store = memory();
  const shown = afterView(pressOf(0, store), true, false, 1_000, store);
  expect(shown?.seen).toBe(true);
  expect(afterView(shown, false, true, 2_000, store)).toEqual(shown);
  expect(afterView(shown, false, false, 3_000, store)).toBeUndefined();
  expect(readPress(store)).toBeUndefined();
});

test("a call the view never showed stands while it waits to be sent, and not for ever after", () => {
  const store = memory();
  const first = pressOf(0, store);
  expect(afterView(first, false, true, 999_000, store)).toEqual(first);
  expect(afterView(first, false, false, 999_000, store)).toBeUndefined();
});

test("a reload keeps the call, and rubbish is no call", () => {
  const store = memory();
  const { id } = pressOf(7, store);
  expect(readPress(store)).toEqual({ id, at_ms: 7, seen: false });
  store.setItem("ortoo.patrol.press", "0190-old-bare-id");
  expect(readPress(store)).toBeUndefined();
});
