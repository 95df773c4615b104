import { describe, expect, test } from "vitest";
import { bearingDeg, compassPoint, distanceM } from "./bearing";

const at = (lon: number, lat: number) => ({ lon: Math.round(lon * 1e7), lat: Math.round(lat * 1e7) });

describe("distance", () => {
  test("one degree of latitude is R * pi / 180", () => {
    expect(distanceM(at(116, 43), at(116, 44))).toBeCloseTo(111_195.08, 1);
  });
  test("is the short way across the antimeridian", () => {
    expect(distanceM(at(179.9, 0), at(-179.9, 0))).toBeCloseTo(22_239.02, 1);
  });
  test("of a place to itself is zero", () => {
    expect(distanceM(at(116, 43), at(116, 43))).toBe(0);
  });
});

describe("bearing", () => {
  test.each([
    [at(116, 44), 0, "n"],
    [at(117, 43), 89.66, "e"],
    [at(116, 42), 180, "s"],
    [at(115, 43), 270.34, "w"],
  ] as const)("to %o", (to, degrees, point) => {
    expect(bearingDeg(at(116, 43), to)).toBeCloseTo(degrees, 1);
    expect(compassPoint(bearingDeg(at(116, 43), to))).toBe(point);
  });
  test("just west of north is still north", () => expect(compassPoint(350)).toBe("n"));
});
