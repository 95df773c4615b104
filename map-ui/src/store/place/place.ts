// Places as an operator gives them: by point, by area, by coordinates. Reads what people type and write on paper;
// whether it can be so is the core's to say. Pure.
import type { Coord, Id, Place } from "../../wire/views";

/** Whether a unit can be sent there: a coordinate, a point that has one, or at least an area. */
export function isKnown(place: Place): boolean {
  return place.coord !== undefined || place.point !== undefined || place.area !== undefined;
}

const E7 = 1e7;

/** Degrees of one number: decimal, or degrees, minutes and seconds. */
function degreesOf(text: string): number | undefined {
  const parts = text.match(/\d+(?:\.\d+)?/g)?.map(Number);
  if (!parts || parts.length === 0 || parts.length > 3) return undefined;
  const [degrees = 0, minutes = 0, seconds = 0] = parts;
  if (minutes >= 60 || seconds >= 60) return undefined;
  const size = degrees + minutes / 60 + seconds / 3600;
  return /^\s*-|[SWsw南西]/.test(text) ? -size : size;
}

/** The two halves of a pair: parted by a comma, by compass letters, or by the only space. */
function halves(text: string): [string, string] | undefined {
  const clean = text.trim().replaceAll("，", ",").replaceAll("、", ",");
  const byComma = clean.split(",").filter((part) => part.trim() !== "");
  if (byComma.length === 2) return [byComma[0]!, byComma[1]!];
  const lettered = clean.match(/^(.*?[NSEWnsew东南西北])\s*(.+)$/);
  const before = clean.match(/^([NSEWnsew东南西北北纬东经]+[^NSEWnsew东西]*?)\s*([NSEWnsew东西].*)$/);
  if (before && /\d/.test(before[1]!)) return [before[1]!, before[2]!];
  if (lettered && /\d/.test(lettered[1]!) && /\d/.test(lettered[2]!)) return [lettered[1]!, lettered[2]!];
  const bySpace = clean.split(/\s+/);
  return bySpace.length === 2 ? [bySpace[0]!, bySpace[1]!] : undefined;
}

/**
 * Reads coordinates: `43.933, 116.086`, `116.086 43.933`, `N43°55'58" E116°5'10"`. Latitude first unless letters or
 * sizes say otherwise: what is beyond 90 is a longitude.
 * @returns undefined where it cannot be read
 */
export function readCoord(text: string): Coord | undefined {
  const pair = halves(text);
  if (!pair) return undefined;
  const [first, second] = pair.map(degreesOf);
  if (first === undefined || second === undefined) return undefined;
  const swapped = /[EWew东西]/.test(pair[0]) || /[NSns南北]/.test(pair[1]) || Math.abs(first) > 90;
  const [lat, lon] = swapped ? [second, first] : [first, second];
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return { lon: Math.round(lon * E7), lat: Math.round(lat * E7) };
}

/** Somewhere an operator was told of, at a coordinate with a radius of doubt. */
export function atCoord(coord: Coord, radius_m: number): Place {
  return { kind: "point", coord, radius_m, source: "caller" };
}

/** A registered alarm point; where it stands the centre knows. */
export function atPoint(point: Id): Place {
  return { kind: "alarm_point", point, radius_m: 0, source: "register" };
}

/** Somewhere in an area. Its middle is not a place, so it has no coordinate. */
export function inArea(area: Id): Place {
  return { kind: "area", area, radius_m: 0, source: "caller" };
}
