// Shades the ground from a coarse grid of heights. Drawn once into a picture that the map lays under everything: no
// tiles, no worker, and the steppe gets its hills back.

/** Heights on a regular grid of cells, first row in the north. West and south are the outer edges, in degrees. */
export interface Grid {
  columns: number;
  rows: number;
  west: number;
  south: number;
  cell_deg: number;
  heights: Float32Array;
}

/** Height at fractional grid coordinates by Catmull-Rom, which keeps ridges smooth. */
function heightAt(grid: Grid, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const weights = (t: number) => [
    ((2 - t) * t - 1) * t * 0.5,
    (t * t * (3 * t - 5) + 2) * 0.5,
    ((4 - 3 * t) * t + 1) * t * 0.5,
    (t - 1) * t * t * 0.5,
  ];
  const wx = weights(x - x0);
  const wy = weights(y - y0);
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const row = Math.min(grid.rows - 1, Math.max(0, y0 + j - 1));
    for (let i = 0; i < 4; i++) {
      const column = Math.min(grid.columns - 1, Math.max(0, x0 + i - 1));
      sum += grid.heights[row * grid.columns + column]! * wx[i]! * wy[j]!;
    }
  }
  return sum;
}

/** How steep slopes look: the land is flat, so heights are exaggerated. */
const EXAGGERATION = 11;
const LIGHT = { azimuth_rad: (315 * Math.PI) / 180, altitude_rad: (48 * Math.PI) / 180 };

/** Light on a slope: 0 dark, 1 bright, flat ground `sin(altitude)`. Gradients in metres per metre, x east, y south. */
export function lightOn(dx: number, dy: number): number {
  const { azimuth_rad, altitude_rad } = LIGHT;
  const sun = [
    Math.sin(azimuth_rad) * Math.cos(altitude_rad),
    -Math.cos(azimuth_rad) * Math.cos(altitude_rad),
    Math.sin(altitude_rad),
  ] as const;
  const length = Math.hypot(dx, dy, 1);
  return Math.max(0, (-dx * sun[0] - dy * sun[1] + sun[2]) / length);
}

/**
 * The shaded picture, `zoom` pixels to a cell, as RGBA bytes: black or white with opacity by how far the light is
 * from that on flat ground. Opacity fades at the edges so that the grid's end is not seen.
 */
export function shade(
  grid: Grid,
  zoom: number,
  strength: number,
): { width: number; height: number; pixels: Uint8ClampedArray<ArrayBuffer> } {
  const width = grid.columns * zoom;
  const height = grid.rows * zoom;
  const pixels = new Uint8ClampedArray(width * height * 4);
  const smooth = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      smooth[y * width + x] = heightAt(grid, (x + 0.5) / zoom - 0.5, (y + 0.5) / zoom - 0.5);
    }
  }
  const middle = ((grid.south + (grid.rows * grid.cell_deg) / 2) * Math.PI) / 180;
  const stepY = (grid.cell_deg * 111_195) / zoom;
  const stepX = stepY * Math.cos(middle);
  const flat = Math.sin(LIGHT.altitude_rad);
  const fade = 4 * zoom;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const h = (i: number, j: number) =>
        smooth[Math.min(height - 1, Math.max(0, j)) * width + Math.min(width - 1, Math.max(0, i))]!;
      const dx = ((h(x + 1, y) - h(x - 1, y)) / (2 * stepX)) * EXAGGERATION;
      const dy = ((h(x, y + 1) - h(x, y - 1)) / (2 * stepY)) * EXAGGERATION;
      const light = lightOn(dx, dy) - flat;
      const edge = Math.min(1, Math.min(x, y, width - 1 - x, height - 1 - y) / fade);
      const at = (y * width + x) * 4;
      const tone = light > 0 ? 255 : 0;
      pixels[at] = pixels[at + 1] = pixels[at + 2] = tone;
      pixels[at + 3] = Math.min(0.42, Math.abs(light) * (light > 0 ? 0.38 : 0.9)) * 255 * edge * strength;
    }
  }
  return { width, height, pixels };
}

/** The corners of the picture on the map: north-west, north-east, south-east, south-west. */
export function corners(
  grid: Grid,
): [[number, number], [number, number], [number, number], [number, number]] {
  const east = grid.west + grid.columns * grid.cell_deg;
  const north = grid.south + grid.rows * grid.cell_deg;
  return [
    [grid.west, north],
    [east, north],
    [east, grid.south],
    [grid.west, grid.south],
  ];
}
