import { describe, expect, test } from "vitest";
import { corners, lightOn, shade, type Grid } from "./relief";

const grid = (heights: number[]): Grid => ({
  columns: 3,
  rows: 2,
  west: 111,
  south: 41,
  cell_deg: 0.5,
  heights: Float32Array.from(heights),
});

test("the picture covers the cells whole", () => {
  expect(corners(grid([1, 2, 3, 4, 5, 6]))).toEqual([
    [111, 42],
    [112.5, 42],
    [112.5, 41],
    [111, 41],
  ]);
});

describe("light", () => {
  test("from the north-west is brighter on slopes that face it", () => {
    expect(lightOn(0.5, 0.5)).toBeGreaterThan(lightOn(0, 0));
    expect(lightOn(-0.5, -0.5)).toBeLessThan(lightOn(0, 0));
  });
  test("on flat ground leaves nothing to see", () => {
    const { pixels, width, height } = shade(grid([7, 7, 7, 7, 7, 7]), 4, 1);
    expect(width * height * 4).toBe(pixels.length);
    expect(pixels.every((byte, i) => i % 4 !== 3 || byte === 0)).toBe(true);
  });
});
