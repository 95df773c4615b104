import { expect, test } from "vitest";
import { keyAct, KEYS, mayServe, movable, type Press } from "./keys";

const press = (key: string, change: Partial<Press> = {}): Press => ({
  key,
  isComposing: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  inField: false,
  modal: false,
  ...change,
});

test("function keys act everywhere, single keys only outside of fields", () => {
  expect(keyAct(press("F6", { inField: true }), true)).toEqual({ act: "dispatch" });
  expect(keyAct(press("3", { inField: true }), true)).toBeUndefined();
  expect(keyAct(press("3"), true)).toEqual({ act: "pick", rank: 3 });
});

test("nothing acts while an input method is composing", () => {
  expect(keyAct(press("F4", { isComposing: true }), true)).toBeUndefined();
  expect(keyAct(press("1", { isComposing: true }), true)).toBeUndefined();
});

test("single keys can be switched off; function and arrow keys stay", () => {
  expect(keyAct(press("m"), false)).toBeUndefined();
  expect(keyAct(press("ArrowDown"), false)).toEqual({ act: "down" });
});

test("a key that a person has moved acts there and nowhere else", () => {
  const moved = { mute: "x", table: "m" } as const;
  expect(keyAct(press("x"), true, moved)).toEqual({ act: "mute" });
  expect(keyAct(press("m"), true, moved)).toEqual({ act: "table" });
  expect(keyAct(press("t"), true, moved)).toBeUndefined();
  expect(keyAct(press("r"), true, moved)).toEqual({ act: "newer" });
});

test("what has a key of one character can be moved; picks and function keys cannot", () => {
  expect(KEYS.filter(({ act }) => !movable(act)).map(({ act }) => act)).toEqual([
    "answer",
    "dispatch",
    "pick",
    "locate",
    "feedback",
    "escape",
  ]);
  expect(["q", "·", "5", "Enter", " "].map(mayServe)).toEqual([true, true, false, false, false]);
});

test("the browser's own combinations are left alone", () => {
  expect(keyAct(press("r", { ctrlKey: true }), true)).toBeUndefined();
});

test("no key acts on what a sheet covers", () => {
  for (const key of ["F4", "F6", "ArrowDown", "1"])
    expect(keyAct(press(key, { modal: true }), true)).toBeUndefined();
});
