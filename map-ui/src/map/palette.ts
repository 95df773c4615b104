// Colours of map and units in both themes. The map is grey so that what happens on it is not; the water alone keeps a
// breath of blue. Units: available grey, tasked pale blue, abnormal in colour.
import type { Theme } from "../store/workplace/address";
import type { Paint } from "./overlay";

export interface Palette {
  ground: string;
  land: string;
  edge: string;
  border: string;
  casing: string;
  river: string;
  lake: string;
  beat: string;
  point: string;
  label: string;
  labelSoft: string;
  halo: string;
  trail: string;
  accent: string;
  /** Strength of the relief, 0..1. */
  relief: number;
  units: Paint;
}

type Rgba = readonly [number, number, number, number];

/** `#rrggbb` as numbers in 0..1, with an opacity. */
function rgba(hex: string, alpha = 1): Rgba {
  const n = Number.parseInt(hex.slice(1), 16);
  return [((n >> 16) & 255) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255, alpha];
}

/** In the order of LOOK_CODE: hidden, resting, available, tasked, on scene, SOS, out of service. */
const looks = (
  resting: string,
  available: string,
  tasked: string,
  scene: string,
  sos: string,
  out: string,
) => [
  rgba("#000000", 0),
  rgba(resting, 0.85),
  rgba(available),
  rgba(tasked),
  rgba(scene),
  rgba(sos),
  rgba(out, 0.6),
];

export const PALETTES: Record<Theme, Palette> = {
  night: {
    ground: "#191d22",
    land: "#262c33",
    edge: "#66737f",
    border: "#a4afb9",
    casing: "#0f1215",
    river: "#34536b",
    lake: "#2b475d",
    beat: "#3d4751",
    point: "#68747f",
    label: "#dbe1e6",
    labelSoft: "#95a1ac",
    halo: "#191d22",
    trail: "#93c4f5",
    accent: "#ffffff",
    relief: 0.5,
    units: {
      looks: looks("#8f9ba6", "#c3ccd4", "#8ec8ff", "#b9e0ff", "#ff5d55", "#6d7780"),
      halo: rgba("#14181c", 0.8),
      accent: rgba("#ffffff"),
    },
  },
  day: {
    ground: "#ccd2d7",
    land: "#e7eaec",
    edge: "#8b98a3",
    border: "#55616b",
    casing: "#f7f8f9",
    river: "#9db9cf",
    lake: "#b3cbdd",
    beat: "#c6ced5",
    point: "#97a2ac",
    label: "#252d34",
    labelSoft: "#56626c",
    halo: "#eef1f2",
    trail: "#14579b",
    accent: "#10161b",
    relief: 0.42,
    units: {
      looks: looks("#75818c", "#48535d", "#1668b8", "#0b4a89", "#c4161c", "#98a2ab"),
      halo: rgba("#f2f4f5", 0.85),
      accent: rgba("#10161b"),
    },
  },
};
