// The map as the console uses it: base map, unit overlay, marks, labels, trail. Loaded after the table shows.
// The camera is moved by the operator alone; nothing here moves it when data comes.
import "maplibre-gl/dist/maplibre-gl.css";
import "./marks.css";
import {
  AttributionControl,
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
// A production build drops MapLibre's worker unless its address is asked for like this.
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Coord } from "../wire/views";
import { circle } from "./circle";
import type { AreaLabel } from "./base";
import { drawAreaNames, drawLabels, type Label } from "./labels";
import { LAYERS, type Layer } from "./layer";
import { Markers, type Mark } from "./markers";
import { ageClass, type Motion } from "./motion";
import { outline, STYLE_LAYERS, type BaseData } from "./outline";
import { Overlay, type Camera } from "./overlay";
import type { Palette } from "./palette";
import { corners, shade, type Grid } from "./relief";

setWorkerUrl(workerUrl);

/** Ground that holds the region, degrees: west, south, east, north. */
export type Box = [number, number, number, number];

export interface StageOptions {
  container: HTMLElement;
  motion: Motion;
  palette: Palette;
  data: BaseData;
  box: Box;
  center?: readonly [number, number] | undefined;
  zoom?: number | undefined;
  attribution: string;
  freeze: boolean;
  /** Whether buttons to zoom are shown: on a wall nobody presses them. */
  tools: boolean;
  /** A mark was clicked, with all that it covers. */
  onMark: (stack: Mark[], at: { x: number; y: number }) => void;
  onPick: (slots: number[], at: { x: number; y: number }) => void;
  /** The ground that was clicked, before anything on it is: whether the click was wanted for that. */
  onGround: (at: Coord) => boolean;
  onView: (center: [number, number], zoom: number) => void;
  /** The name written beside a unit, by slot. */
  nameOf: (slot: number, age_s: number) => string;
}

/** A trail to draw: places in order, with a time written at some of them. */
export interface Trail {
  line: Coord[];
  ticks: { at: Coord; label: string }[];
}

/** Whether the person before the screen has asked for less motion. */
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Frames no closer than this: smooth to the eye, half the work of a wall display. */
const FRAME_MS = 30;
const PICK_PX = 13;
/** Room left around what is shown whole; below stands the legend. */
const ROOM_PX = { top: 24, right: 28, bottom: 66, left: 28 };
const LABELS_FROM_ZOOM = 9;
const AREA_NAMES_TO_ZOOM = 9.5;
/** Seen from afar, an area says how many units it has. */
const COUNTS_TO_ZOOM = 7;
const AGE_REDRAW_MS = 2000;

function coordOf({ lng, lat }: { lng: number; lat: number }): Coord {
  return { lon: Math.round(lng * 1e7), lat: Math.round(lat * 1e7) };
}

export class Stage {
  readonly map: MapLibre;
  readonly overlay: Overlay;
  private readonly markers: Markers;
  private readonly labels: HTMLCanvasElement;
  private camera: Camera | undefined;
  private hovered = -1;
  private drawn_at = 0;
  private dirty = true;
  private gone = false;
  /** The ties drawn. */
  private tied = "[]";
  /** Where marks stand, degrees: names of areas give way to them. */
  private marked: [number, number][] = [];
  private areas: readonly AreaLabel[] = [];
  private named = true;
  private readonly ticker: ReturnType<typeof setInterval>;

  /** @throws Error when the browser has no WebGL2 */
  constructor(private readonly options: StageOptions) {
    const canvas = document.createElement("canvas");
    this.labels = document.createElement("canvas");
    for (const made of [canvas, this.labels]) {
      made.className = "map-over";
      made.setAttribute("aria-hidden", "true");
    }
    this.overlay = new Overlay(canvas, options.motion, options.palette.units);
    this.map = new MapLibre({
      container: options.container,
      style: outline(options.palette, options.data),
      ...(options.center && options.zoom !== undefined
        ? { center: [...options.center] as [number, number], zoom: options.zoom }
        : { bounds: options.box, fitBoundsOptions: { padding: ROOM_PX } }),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      minZoom: 3,
      maxZoom: 18,
      fadeDuration: 0,
      keyboard: true,
    });
    // Right above the map's own canvas, and so under the marks: an alarm is never hidden by the cars around it.
    this.map.getCanvas().after(canvas, this.labels);
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(
      new AttributionControl({ compact: false, customAttribution: options.attribution }),
      "bottom-left",
    );
    this.map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    if (options.tools) this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    options.motion.still = calm();
    this.markers = new Markers(this.map, options.onMark);
    this.map.on("style.load", () => this.addCamera());
    this.map.on("moveend", () => this.tellView());
    this.map.on("click", ({ point, lngLat }) => {
      if (!options.onGround(coordOf(lngLat))) this.pick(point.x, point.y);
    });
    this.map.on("mousemove", (event) => this.hover(event.point.x, event.point.y));
    this.map.on("mouseout", () => this.hover(-1e6, -1e6));
    this.ticker = setInterval(() => this.touch(), AGE_REDRAW_MS);
    requestAnimationFrame((at) => this.frame(at));
  }

  /** Asks for one more frame; called when positions or looks changed. */
  touch(): void {
    this.dirty = true;
  }

  show(marks: readonly Mark[]): void {
    this.markers.show(marks);
    this.marked = marks.map(({ at }) => [at.lon / 1e7, at.lat / 1e7]);
    this.touch();
  }

  setAreaLabels(labels: readonly AreaLabel[]): void {
    this.areas = labels;
    this.touch();
  }

  choose(slot: number): void {
    this.overlay.selected = slot;
    this.touch();
  }

  repaint(palette: Palette): void {
    this.options.palette = palette;
    this.overlay.repaint(palette.units);
    const { layers } = outline(palette, this.options.data);
    for (const layer of layers) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        if (this.map.getLayer(layer.id)) this.map.setPaintProperty(layer.id, name as never, value as never);
      }
    }
    if (this.map.getLayer("relief")) this.map.setPaintProperty("relief", "raster-opacity", palette.relief);
    this.touch();
  }

  setLayers(on: readonly Layer[]): void {
    for (const layer of LAYERS) {
      for (const id of STYLE_LAYERS[layer] ?? []) {
        if (this.map.getLayer(id))
          this.map.setLayoutProperty(id, "visibility", on.includes(layer) ? "visible" : "none");
      }
    }
    this.named = on.includes("places");
    this.overlay.visible = on.includes("units");
    this.options.container.classList.toggle("without-marks", !on.includes("alarms"));
    this.touch();
  }

  /** Lays the shaded ground under everything but the colour of the land. */
  /** Draws these heights, or none. */
  setRelief(grid: Grid | undefined): void {
    if (this.map.getLayer("relief")) this.map.removeLayer("relief");
    if (this.map.getSource("relief")) this.map.removeSource("relief");
    if (!grid) return;
    const { width, height, pixels } = shade(grid, 8, 1);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
    this.map.addSource("relief", { type: "canvas", canvas, animate: false, coordinates: corners(grid) });
    this.map.addLayer(
      {
        id: "relief",
        type: "raster",
        source: "relief",
        paint: { "raster-opacity": this.options.palette.relief, "raster-fade-duration": 0 },
      },
      "lakes",
    );
  }

  setData(source: keyof BaseData, data: GeoJSON.FeatureCollection | string): void {
    const found = this.map.getSource(source) as { setData?: (data: unknown) => void } | undefined;
    found?.setData?.(data);
  }

  setTrail(trail: Trail | undefined): void {
    const features: GeoJSON.Feature[] = [];
    if (trail && trail.line.length > 1) {
      const coordinates = trail.line.map((c) => [c.lon / 1e7, c.lat / 1e7]);
      features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
      for (const { at, label } of trail.ticks) {
        const geometry: GeoJSON.Point = { type: "Point", coordinates: [at.lon / 1e7, at.lat / 1e7] };
        features.push({ type: "Feature", properties: { label }, geometry });
      }
    }
    this.setCollection("trail", features);
  }

  /** Ties each unit under way to where it is sent: straight lines, for the eye; nobody drives along them. */
  setTies(ties: readonly (readonly [Coord, Coord])[]): void {
    const key = JSON.stringify(ties);
    if (key === this.tied) return;
    this.tied = key;
    const place = (c: Coord) => [c.lon / 1e7, c.lat / 1e7];
    const feature = ([from, to]: readonly [Coord, Coord]): GeoJSON.Feature => ({
      type: "Feature",
      properties: {},
      geometry: { type: "LineString", coordinates: [place(from), place(to)] },
    });
    this.setCollection("ties", ties.map(feature));
  }

  /** Shows how wide a place is not known. */
  setDoubt(at: Coord | undefined, radius_m: number): void {
    const geometry: GeoJSON.Polygon | undefined =
      at && radius_m > 0 ? { type: "Polygon", coordinates: [circle(at, radius_m)] } : undefined;
    this.setCollection("doubt", geometry ? [{ type: "Feature", properties: {}, geometry }] : []);
  }

  fit(box: Box): void {
    this.map.fitBounds(box, { padding: ROOM_PX, ...this.pace() });
  }

  /** Brings a place to the middle, close enough to see streets or beats. */
  locate(at: Coord, least_zoom = 9.5): void {
    const zoom = Math.max(this.map.getZoom(), least_zoom);
    this.map.easeTo({ center: [at.lon / 1e7, at.lat / 1e7], zoom, ...this.pace() });
  }

  zoomBy(steps: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, ...this.pace() });
  }

  /** What lies under the middle of the map. */
  middle(): Coord {
    return coordOf(this.map.getCenter());
  }

  /** Gives the keyboard to the map, so that the arrow keys move it. */
  focus(): void {
    this.map.getCanvas().focus();
  }

  panBy(x_px: number, y_px: number): void {
    this.map.panBy([x_px, y_px], this.pace());
  }

  destroy(): void {
    this.gone = true;
    clearInterval(this.ticker);
    this.map.remove();
  }

  private pace(): { duration: number } {
    const still = this.options.freeze || calm();
    return { duration: still ? 0 : 350 };
  }

  private setCollection(source: "trail" | "ties" | "doubt", features: GeoJSON.Feature[]): void {
    const found = this.map.getSource(source) as { setData?: (data: unknown) => void } | undefined;
    found?.setData?.({ type: "FeatureCollection", features });
  }

  /** A layer that draws nothing: it is told the camera of every map frame, so that units stay glued to the ground. */
  private addCamera(): void {
    if (this.map.getLayer("camera")) return;
    this.map.addLayer({
      id: "camera",
      type: "custom",
      render: (_, { defaultProjectionData }) => {
        this.camera = {
          matrix: Float64Array.from(defaultProjectionData.mainMatrix as unknown as ArrayLike<number>),
          zoom: this.map.getZoom(),
          bearing_deg: this.map.getBearing(),
        };
        this.draw();
      },
    });
  }

  private frame(at: number): void {
    if (this.gone) return;
    requestAnimationFrame((next) => this.frame(next));
    if (at - this.drawn_at < FRAME_MS) return;
    const moving = this.options.motion.moving_until_s * 1000 > this.drawn_at && !this.options.freeze;
    if (moving || this.dirty) this.draw();
  }

  private draw(): void {
    if (!this.camera) return;
    this.dirty = false;
    this.drawn_at = performance.now();
    this.overlay.draw(this.camera, this.now_s());
    this.drawNames(this.camera);
  }

  private now_s(): number {
    return performance.now() / 1000;
  }

  private drawNames(camera: Camera): void {
    const { labels } = this;
    const { motion, palette, nameOf } = this.options;
    const wanted: Label[] = [];
    const add = (
      slot: number,
      always: boolean,
      project: (x: number, y: number) => readonly [number, number],
    ) => {
      const [x, y] = project(...motion.at(slot, this.now_s()));
      if (x < -40 || y < -20 || x > labels.clientWidth + 40 || y > labels.clientHeight + 20) return;
      wanted.push({ x, y, text: nameOf(slot, motion.age(slot, this.now_s())), always });
    };
    if (this.overlay.visible) {
      const project = this.overlay.projector(camera);
      const all = camera.zoom >= LABELS_FROM_ZOOM;
      for (let slot = 0; all && slot < motion.count; slot++) {
        if (slot !== this.hovered && slot !== this.overlay.selected && motion.shown(slot))
          add(slot, false, project);
      }
      for (const slot of new Set([this.overlay.selected, this.hovered])) {
        if (slot >= 0 && motion.shown(slot)) add(slot, true, project);
      }
    }
    drawLabels(labels, wanted, { text: palette.label, halo: palette.halo });
    if (this.named && camera.zoom < AREA_NAMES_TO_ZOOM) this.drawAreas(camera.zoom);
  }

  private drawAreas(zoom: number): void {
    const { palette } = this.options;
    const afar = zoom < COUNTS_TO_ZOOM;
    const names = this.areas.map(({ at, name, count }) => ({
      ...this.map.project(at),
      name,
      count: afar ? count : "",
    }));
    const colours = { text: palette.label, soft: palette.labelSoft, halo: palette.halo };
    const marks = this.marked.map((at) => this.map.project(at));
    drawAreaNames(this.labels, names, marks, colours, Math.round(Math.min(18, 8 + zoom)));
  }

  private slotsNear(x: number, y: number): number[] {
    if (!this.camera || !this.overlay.visible) return [];
    return this.options.motion.near(x, y, PICK_PX, this.now_s(), this.overlay.projector(this.camera));
  }

  private pick(x: number, y: number): void {
    this.options.onPick(this.slotsNear(x, y), { x, y });
  }

  private hover(x: number, y: number): void {
    const slot = this.slotsNear(x, y)[0] ?? -1;
    if (slot === this.hovered) return;
    this.hovered = slot;
    this.map.getCanvas().style.cursor = slot >= 0 ? "pointer" : "";
    this.touch();
  }

  private tellView(): void {
    const { lng, lat } = this.map.getCenter();
    this.options.onView([lng, lat], this.map.getZoom());
  }

  /** How many units of each age class are drawn; for the legend and the tests. */
  ages(): Record<ReturnType<typeof ageClass>, number> {
    const counts = { fresh: 0, fading: 0, hollow: 0, lost: 0 };
    const { motion } = this.options;
    for (let slot = 0; slot < motion.count; slot++) {
      if (motion.shown(slot)) counts[ageClass(motion.age(slot, this.now_s()))]++;
    }
    return counts;
  }
}
