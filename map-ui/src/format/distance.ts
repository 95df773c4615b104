// Lengths as people read them.

/** `350 m`, `1.2 km`, `38 km`. */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  return metres < 10_000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres / 1000)} km`;
}

/** A place in degrees for reading out: `43.94870, 116.08560` (latitude first, as people say it). */
export function degrees(coord: { lon: number; lat: number }): string {
  return `${(coord.lat / 1e7).toFixed(5)}, ${(coord.lon / 1e7).toFixed(5)}`;
}
