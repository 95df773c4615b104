import { expect, test } from "vitest";
import { lookUp, textsOf } from "./gazetteer";

const all = [
  { id: "1", texts: ["锡林浩特市", "Xilinhot"] },
  { id: "2", texts: ["锡林"] },
  { id: "3", texts: ["南锡林"] },
];

test("exact answers first, then beginnings, then the rest", () => {
  expect(lookUp(all, "锡林", 10).found.map((one) => one.id)).toEqual(["2", "1", "3"]);
  expect(lookUp(all, "xilin", 10).found.map((one) => one.id)).toEqual(["1"]);
});

test("what is not listed is counted", () => {
  expect(lookUp(all, "锡林", 1)).toMatchObject({ found: [{ id: "2" }], more: 2 });
  expect(lookUp(all, " ", 1)).toEqual({ found: [], more: 0 });
});

test("a name is found in every language it has", () => {
  expect(textsOf({ zh: "锡林", en: "Xilin" })).toEqual(["锡林", "Xilin"]);
  expect(textsOf(null)).toEqual([]);
});
