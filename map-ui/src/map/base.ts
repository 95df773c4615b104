// Fetches the region's base layers and turns them into what the style draws: names in the language shown, water in
// one source, points from the register. What a region does not bring is empty, never an error.
import { nameIn, shortName } from "../i18n/names";
import type { Names } from "../wire/views";
import type { Register } from "../store/room/register";
import { middle } from "./circle";
import type { BaseData, Features } from "./outline";
import type { Grid } from "./relief";

const none = (): Features => ({ type: "FeatureCollection", features: [] });

/** One layer of the base map; empty where the region has none. */
export async function fetchLayer(name: string): Promise<Features> {
  try {
    const response = await fetch(new URL(`./map/${name}`, document.baseURI));
    return response.ok ? ((await response.json()) as Features) : none();
  } catch {
    return none();
  }
}

/** The address of a layer that is fetched by the map itself, when it is switched on; another package, another address. */
export function layerAddress(name: string, ground: string): string {
  return new URL(`./map/${name}?of=${ground}`, document.baseURI).href;
}

/** Base layers as they came; names are put in by `labelled`. */
export interface Base {
  outlines: Features;
  water: Features;
  border: Features;
  places: Features;
}

export async function fetchBase(): Promise<Base> {
  const [outlines, rivers, lakes, border, places] = await Promise.all(
    ["outlines", "rivers", "lakes", "border", "places"].map(fetchLayer),
  );
  const water = { ...none(), features: [...(lakes?.features ?? []), ...(rivers?.features ?? [])] };
  return { outlines: outlines ?? none(), water, border: border ?? none(), places: places ?? none() };
}

/** Where the name of an area is written, degrees, and how many units it has. */
export interface AreaLabel {
  at: [number, number];
  name: string;
  count: string;
}

/** The names of the areas where they are written, with how many units each has. */
export function areaLabels(
  base: Base,
  register: Register,
  language: string,
  counts: ReadonlyMap<string, number>,
): AreaLabel[] {
  const banners = new Set(register.banners);
  const kind = nameIn(register.wire.levels[register.wire.label_level], language);
  return base.outlines.features.flatMap(({ properties, geometry }) => {
    const code = String(properties?.["code"]);
    const at = banners.has(code) ? middle(geometry) : undefined;
    const name = shortName(nameIn(properties?.["names"] as Names | undefined, language), kind);
    return at && name ? [{ at, name, count: String(counts.get(code) ?? "") }] : [];
  });
}

/** Everything the style draws, with labels in one language. */
export function labelled(base: Base, register: Register, language: string): BaseData {
  const places = base.places.features.map((feature) => ({
    ...feature,
    properties: {
      label: nameIn(feature.properties?.["names"] as Names | undefined, language),
      rank: Number(feature.properties?.["population"] ?? 0),
    },
  }));
  const points = [...register.points.values()].map(({ at }) => ({
    type: "Feature" as const,
    properties: {},
    geometry: { type: "Point" as const, coordinates: [at.lon / 1e7, at.lat / 1e7] },
  }));
  return {
    areas: base.outlines,
    rivers: base.water,
    border: base.border,
    places: { ...none(), features: places },
    beats: none(),
    points: { ...none(), features: points },
  };
}

interface Elevation {
  columns: number;
  rows: number;
  south_west: { lon: number; lat: number };
  step: number;
  heights_m: (number | null)[];
}

/** The grid of heights, where the region brings one. Samples stand at the corners of `step`. */
export async function fetchRelief(): Promise<Grid | undefined> {
  try {
    const response = await fetch(new URL("./map/elevation", document.baseURI));
    if (!response.ok) return undefined;
    const { columns, rows, south_west, step, heights_m } = (await response.json()) as Elevation;
    if (heights_m.length !== columns * rows) return undefined;
    const cell_deg = step / 1e7;
    return {
      columns,
      rows,
      cell_deg,
      west: south_west.lon / 1e7 - cell_deg / 2,
      south: south_west.lat / 1e7 - cell_deg / 2,
      heights: Float32Array.from(heights_m, (height) => height ?? 0),
    };
  } catch {
    return undefined;
  }
}
