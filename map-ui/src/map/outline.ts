// The map's base layers as a MapLibre style: ground, relief, areas, water, border, places. Everything that moves or
// asks for action is drawn elsewhere.
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Layer } from "./layer";
import type { Palette } from "./palette";

export type Features = GeoJSON.FeatureCollection;

/** Base data by name; what a region does not bring is empty. */
export interface BaseData {
  areas: Features;
  rivers: Features;
  border: Features;
  places: Features;
  /** Fetched when the layer is switched on. */
  beats: Features;
  points: Features;
}

/** No `glyphs` address: letters are drawn from fonts of this machine, so Chinese needs no files. */
const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

/** Which style layers belong to a layer a person may switch. */
export const STYLE_LAYERS: Partial<Record<Layer, readonly string[]>> = {
  points: ["points"],
  beats: ["beats"],
  places: ["places"],
  rivers: ["lakes", "rivers"],
  relief: ["relief"],
};

const empty = (): Features => ({ type: "FeatureCollection", features: [] });

/** The empty style with all sources and layers; data is set when it has come. */
export function outline(palette: Palette, data: BaseData): StyleSpecification {
  const geojson = (of: Features): SourceSpecification => ({ type: "geojson", data: of, tolerance: 0.5 });
  return {
    version: 8,
    sources: {
      areas: geojson(data.areas),
      rivers: geojson(data.rivers),
      border: geojson(data.border),
      places: geojson(data.places),
      beats: geojson(data.beats),
      points: geojson(data.points),
      ties: geojson(empty()),
      trail: geojson(empty()),
      doubt: geojson(empty()),
    },
    layers: layers(palette),
  };
}

function layers(p: Palette): LayerSpecification[] {
  return [
    { id: "ground", type: "background", paint: { "background-color": p.ground } },
    { id: "land", type: "fill", source: "areas", paint: { "fill-color": p.land, "fill-antialias": false } },
    {
      id: "lakes",
      type: "fill",
      source: "rivers",
      filter: ["match", ["geometry-type"], ["Polygon", "MultiPolygon"], true, false],
      paint: { "fill-color": p.lake },
    },
    {
      id: "rivers",
      type: "line",
      source: "rivers",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.river, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.7, 10, 1.8] },
    },
    {
      id: "beats",
      type: "line",
      source: "beats",
      layout: { visibility: "none" },
      paint: { "line-color": p.beat, "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.35, 10, 1.2] },
    },
    {
      id: "area-edges",
      type: "line",
      source: "areas",
      layout: { "line-join": "round" },
      paint: { "line-color": p.edge, "line-width": ["interpolate", ["linear"], ["zoom"], 5, 0.9, 10, 2] },
    },
    {
      id: "border-casing",
      type: "line",
      source: "border",
      paint: { "line-color": p.casing, "line-width": 4, "line-opacity": 0.65 },
    },
    {
      id: "border",
      type: "line",
      source: "border",
      paint: { "line-color": p.border, "line-width": 1.6, "line-dasharray": [5, 2, 1.2, 2] },
    },
    {
      id: "points",
      type: "circle",
      source: "points",
      paint: {
        "circle-color": p.point,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 5, 0.7, 8, 1.4, 12, 4],
        "circle-opacity": ["interpolate", ["linear"], ["zoom"], 5, 0.5, 9, 0.9],
      },
    },
    {
      id: "doubt",
      type: "fill",
      source: "doubt",
      paint: { "fill-color": p.accent, "fill-opacity": 0.08, "fill-outline-color": p.accent },
    },
    {
      id: "ties",
      type: "line",
      source: "ties",
      layout: { "line-cap": "round" },
      paint: { "line-color": p.accent, "line-width": 1.6, "line-dasharray": [1, 3], "line-opacity": 0.9 },
    },
    {
      id: "trail-casing",
      type: "line",
      source: "trail",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.casing, "line-width": 5, "line-opacity": 0.7 },
    },
    {
      id: "trail",
      type: "line",
      source: "trail",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": p.trail, "line-width": 2.2 },
    },
    {
      id: "trail-ticks",
      type: "symbol",
      source: "trail",
      filter: ["==", ["geometry-type"], "Point"],
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 11, "text-offset": [0, -1] },
      paint: { "text-color": p.trail, "text-halo-color": p.halo, "text-halo-width": 1.4 },
    },
    {
      id: "places",
      type: "symbol",
      source: "places",
      minzoom: 6.4,
      layout: {
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 6, 10.5, 11, 14],
        "text-padding": 6,
        "text-optional": true,
        "symbol-sort-key": ["-", 0, ["coalesce", ["get", "rank"], 0]],
      },
      paint: { "text-color": p.labelSoft, "text-halo-color": p.halo, "text-halo-width": 1.2 },
    },
  ];
}
