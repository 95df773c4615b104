// Distance and direction between two places on the sphere of D16. Coordinates are i32 in 1e-7 degrees.
import type { Coord } from "../wire/views";

/** Mean radius of the earth in metres (IUGG R1), the sphere the index measures on. */
export const EARTH_RADIUS_M = 6_371_008.8;

const radians = (e7: number) => (e7 * Math.PI) / 1_800_000_000;

/** Great-circle distance in metres (haversine). */
export function distanceM(a: Coord, b: Coord): number {
  const [latA, latB] = [radians(a.lat), radians(b.lat)];
  const dLat = latB - latA;
  const dLon = radians(b.lon) - radians(a.lon);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(latA) * Math.cos(latB) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Initial bearing from `a` to `b`, degrees clockwise from north in [0, 360). */
export function bearingDeg(a: Coord, b: Coord): number {
  const [latA, latB] = [radians(a.lat), radians(b.lat)];
  const dLon = radians(b.lon) - radians(a.lon);
  const y = Math.sin(dLon) * Math.cos(latB);
  const x = Math.cos(latA) * Math.sin(latB) - Math.sin(latA) * Math.cos(latB) * Math.cos(dLon);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/** The eight points of the compass as catalogue keys. */
const COMPASS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type CompassPoint = (typeof COMPASS)[number];

/** The nearest of the eight points of the compass. */
export function compassPoint(bearing_deg: number): CompassPoint {
  return COMPASS[Math.round(bearing_deg / 45) % 8]!;
}
