// Shapes computed on the ground: the circle of doubt around a place, the middle of an area, the box around a region.
import { EARTH_RADIUS_M } from "../format/bearing";
import type { Coord } from "../wire/views";

type Ring = [number, number][];

/** A ring of `steps` corners at `radius_m` around a place, in degrees. */
export function circle(at: Coord, radius_m: number, steps = 48): Ring {
  const lat = (at.lat / 1e7) * (Math.PI / 180);
  const lon = (at.lon / 1e7) * (Math.PI / 180);
  const arc = radius_m / EARTH_RADIUS_M;
  const ring: Ring = [];
  for (let i = 0; i <= steps; i++) {
    const turn = (i / steps) * 2 * Math.PI;
    const y = Math.asin(Math.sin(lat) * Math.cos(arc) + Math.cos(lat) * Math.sin(arc) * Math.cos(turn));
    const x =
      lon +
      Math.atan2(Math.sin(turn) * Math.sin(arc) * Math.cos(lat), Math.cos(arc) - Math.sin(lat) * Math.sin(y));
    ring.push([(x * 180) / Math.PI, (y * 180) / Math.PI]);
  }
  return ring;
}

function ringMiddle(ring: readonly (readonly number[])[]): { x: number; y: number; area: number } {
  let [x, y, area] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i]!;
    const [bx = 0, by = 0] = ring[i + 1]!;
    const cross = ax * by - bx * ay;
    area += cross / 2;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return area === 0
    ? { x: ring[0]?.[0] ?? 0, y: ring[0]?.[1] ?? 0, area: 0 }
    : { x: x / (6 * area), y: y / (6 * area), area };
}

/** The centre of gravity of the largest ring of a polygon; good enough to write a name on. */
export function middle(geometry: GeoJSON.Geometry): [number, number] | undefined {
  const rings =
    geometry.type === "Polygon"
      ? [geometry.coordinates[0] ?? []]
      : geometry.type === "MultiPolygon"
        ? geometry.coordinates.map((polygon) => polygon[0] ?? [])
        : [];
  let best: ReturnType<typeof ringMiddle> | undefined;
  for (const ring of rings) {
    const next = ringMiddle(ring);
    if (!best || Math.abs(next.area) > Math.abs(best.area)) best = next;
  }
  return best && [best.x, best.y];
}

/** West, south, east, north of everything in a collection; nothing when it is empty. */
export function bounds(features: GeoJSON.FeatureCollection): [number, number, number, number] | undefined {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (typeof part[0] === "number") {
      const [x, y] = part as [number, number];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else for (const inner of part) walk(inner);
  };
  for (const { geometry } of features.features)
    if (geometry && "coordinates" in geometry) walk(geometry.coordinates);
  return Number.isFinite(box[0]) ? box : undefined;
}
