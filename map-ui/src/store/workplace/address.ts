// The state of the screen as an address: every view can be sent to a colleague as a link. Pure.
import type { Language } from "../../i18n/catalogue.svelte";
import { LAYERS, type Layer } from "../../map/layer";

export type Theme = "night" | "day";
export type Filter = "all" | "mine" | "waiting";
export const FILTERS: readonly Filter[] = ["all", "mine", "waiting"];

export interface Selected {
  kind: "alarm" | "incident" | "unit" | "point" | "technical";
  id: string;
}

/** What may be written beside a unit, at most three at once. */
export const LABEL_FIELDS = ["call_sign", "plate", "status", "class", "order"] as const;
export type LabelField = (typeof LABEL_FIELDS)[number];
export const LABEL_FIELDS_MOST = 3;

/** The screen an address opens: the operator's, or the wall's, which nobody works at and which shows no words. */
export type View = "console" | "wall";

export interface Address {
  view?: View;
  /** Instead of the map its table. */
  table?: boolean;
  /** Only units of these classes; absent: all. */
  classes?: readonly string[];
  label?: readonly LabelField[];
  center?: readonly [number, number];
  zoom?: number;
  layers?: readonly Layer[];
  filter?: Filter;
  selected?: Selected;
  lang?: Language;
  theme?: Theme;
  freeze: boolean;
}

const KINDS = new Set(["alarm", "incident", "unit", "point", "technical"]);

const finite = (text: string | null) => {
  const n = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(n) ? n : undefined;
};

/** Reads a query string; what it does not understand it leaves out. */
export function readAddress(query: string): Address {
  const q = new URLSearchParams(query);
  const [lat, lon] = (q.get("c") ?? "").split(",").map((part) => finite(part));
  const [kind, ...id] = (q.get("sel") ?? "").split(":");
  const layers = q.get("layers");
  const filter = q.get("filter");
  const lang = q.get("lang");
  const theme = q.get("theme");
  const classes = q.get("classes");
  const label = q.get("label");
  return {
    ...(q.get("view") === "wall" ? { view: "wall" as const } : {}),
    ...(q.get("table") === "1" ? { table: true } : {}),
    ...(classes ? { classes: classes.split(",") } : {}),
    ...(label === null
      ? {}
      : { label: LABEL_FIELDS.filter((one) => label.split(",").includes(one)).slice(0, LABEL_FIELDS_MOST) }),
    ...(lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 ? { center: [lon, lat] as const } : {}),
    ...(finite(q.get("z")) === undefined ? {} : { zoom: finite(q.get("z")) }),
    ...(layers === null ? {} : { layers: LAYERS.filter((layer) => layers.split(",").includes(layer)) }),
    ...(FILTERS.includes(filter as Filter) ? { filter: filter as Filter } : {}),
    ...(kind && KINDS.has(kind) && id.length > 0 ? { selected: { kind, id: id.join(":") } as Selected } : {}),
    ...(lang === "zh" || lang === "en" ? { lang } : {}),
    ...(theme === "night" || theme === "day" ? { theme } : {}),
    freeze: q.get("freeze") === "1",
  };
}

/** Writes a query string that `readAddress` reads back. */
export function writeAddress(address: Address): string {
  const parts: string[] = [];
  const add = (key: string, value: string | undefined) => {
    if (value !== undefined)
      parts.push(`${key}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%3A", ":")}`);
  };
  add("view", address.view === "wall" ? "wall" : undefined);
  add("c", address.center && `${address.center[1].toFixed(4)},${address.center[0].toFixed(4)}`);
  add("z", address.zoom?.toFixed(2));
  add("layers", address.layers?.join(","));
  add("filter", address.filter === "all" ? undefined : address.filter);
  add("classes", address.classes?.length ? address.classes.join(",") : undefined);
  add("label", address.label?.join(","));
  add("table", address.table ? "1" : undefined);
  add("sel", address.selected && `${address.selected.kind}:${address.selected.id}`);
  add("lang", address.lang);
  add("theme", address.theme);
  if (address.freeze) add("freeze", "1");
  return parts.length > 0 ? `?${parts.join("&")}` : "";
}
