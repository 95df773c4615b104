import { expect, test } from "vitest";
import { giveWay, placeLabels } from "./labels";

const label = (x: number, y: number, text: string, always = false) => ({ x, y, text, always });
const width = (text: string) => text.length * 8;
const texts = (labels: { text: string }[]) => labels.map((l) => l.text);

test("a label that would cover another is left out", () => {
  expect(texts(placeLabels([label(0, 0, "one"), label(10, 5, "two"), label(0, 40, "three")], width))).toEqual(
    ["one", "three"],
  );
});

test("the chosen unit is always named, and first", () => {
  expect(texts(placeLabels([label(0, 0, "one"), label(10, 5, "two", true)], width))).toEqual(["two"]);
});

test("with too many in sight only the chosen one is named", () => {
  const many = Array.from({ length: 9 }, (_, i) => label(0, i * 40, `u${i}`, i === 4));
  expect(texts(placeLabels(many, width, 5))).toEqual(["u4"]);
});

test("the name of an area gives way to a mark, and only as far as it must", () => {
  const at = { x: 100, y: 100 };
  const mark = (x: number, y: number) => ({ x, y, width: 26, height: 26 });
  expect(giveWay(at, 80, [])).toEqual(at);
  expect(giveWay(at, 80, [mark(130, 104)])).toEqual({ x: 100, y: 80 });
  expect(giveWay(at, 80, [mark(300, 100)])).toEqual(at);
  expect(
    giveWay(
      at,
      80,
      [60, 80, 100, 120, 140].map((y) => mark(100, y)),
    ),
  ).toEqual(at);
});
