import { describe, expect, test } from "vitest";
import { corners, lightOn, parseGrid, shade } from "./relief";

const head = "ncols 3\nnrows 2\nxllcorner 111\nyllcorner 41\ncellsize 0.5\n";

describe("an ESRI ASCII grid", () => {
  test("is read with its place", () => {
    const grid = parseGrid(`${head}1 2 3\n4 5 6\n`);
    expect([...grid.heights]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(corners(grid)).toEqual([
      [111, 42],
      [112.5, 42],
      [112.5, 41],
      [111, 41],
    ]);
  });
  test("with heights missing is refused", () => {
    expect(() => parseGrid(`${head}1 2 3\n`)).toThrow("3 heights for 3 columns and 2 rows");
  });
});

describe("light", () => {
  test("from the north-west is brighter on slopes that face it", () => {
    expect(lightOn(0.5, 0.5)).toBeGreaterThan(lightOn(0, 0));
    expect(lightOn(-0.5, -0.5)).toBeLessThan(lightOn(0, 0));
  });
  test("on flat ground leaves nothing to see", () => {
    const { pixels, width, height } = shade(parseGrid(`${head}7 7 7\n7 7 7\n`), 4, 1);
    expect(width * height * 4).toBe(pixels.length);
    expect(pixels.every((byte, i) => i % 4 !== 3 || byte === 0)).toBe(true);
  });
});
