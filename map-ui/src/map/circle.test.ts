import { expect, test } from "vitest";
import { distanceM } from "../format/bearing";
import { bounds, circle, middle } from "./circle";

const at = { lon: 1_160_000_000, lat: 439_000_000 };
const square: GeoJSON.Polygon = {
  type: "Polygon",
  coordinates: [
    [
      [0, 0],
      [2, 0],
      [2, 2],
      [0, 2],
      [0, 0],
    ],
  ],
};
const collection: GeoJSON.FeatureCollection = {
  type: "FeatureCollection",
  features: [{ type: "Feature", properties: {}, geometry: square }],
};

test("every corner of a circle is its radius away", () => {
  for (const [lon, lat] of circle(at, 2500, 8)) {
    expect(distanceM(at, { lon: lon * 1e7, lat: lat * 1e7 })).toBeCloseTo(2500, 0);
  }
});

test("the middle of a square, and of the larger of two", () => {
  expect(middle(square)).toEqual([1, 1]);
  const small = square.coordinates.map((ring) => ring.map(([x, y]) => [x! / 10 + 50, y! / 10]));
  expect(middle({ type: "MultiPolygon", coordinates: [small, square.coordinates] })).toEqual([1, 1]);
});

test("bounds hold everything, and of nothing there are none", () => {
  expect(bounds(collection)).toEqual([0, 0, 2, 2]);
  expect(bounds({ type: "FeatureCollection", features: [] })).toBeUndefined();
});
