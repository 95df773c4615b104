import { describe, expect, test } from "vitest";
import type { Place } from "../../wire/views";
import { atCoord, atPoint, inArea, isKnown, readCoord } from "./place";

const here = { lon: 1160860000, lat: 439330000 };

describe("coordinates are read as people write them", () => {
  test.each([
    "43.933, 116.086",
    "43.933 116.086",
    "116.086,43.933",
    "116.086，43.933",
    "E116.086 N43.933",
    "43.933N 116.086E",
    "N43.933, E116.086",
    "北纬43.933 东经116.086",
    "东经116.086，北纬43.933",
    `43°55'58.8"N 116°5'9.6"E`,
  ])("%s", (text) => expect(readCoord(text)).toEqual(here));

  test("south and west are negative", () => {
    expect(readCoord("33.5S 70.25W")).toEqual({ lon: -702500000, lat: -335000000 });
    expect(readCoord("-33.5, -70.25")).toEqual({ lon: -702500000, lat: -335000000 });
  });

  test.each(["", "43.933", "116.086 143.9", "43°75' 116°5'", "锡林浩特", "1 2 3", "43.9, 190"])(
    "%j is not a coordinate",
    (text) => expect(readCoord(text)).toBeUndefined(),
  );
});

test("a place is known by a coordinate, a point or an area, and by nothing else", () => {
  const unknown: Place = { kind: "unknown", radius_m: 0, source: "caller" };
  expect(isKnown(unknown)).toBe(false);
  expect(isKnown({ ...unknown, kind: "road_post", road: "G207 K12" })).toBe(false);
  for (const place of [atCoord(here, 50), atPoint("P1"), inArea("152502")]) expect(isKnown(place)).toBe(true);
});
