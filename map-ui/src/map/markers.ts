// Alarms and incidents on the map as HTML elements above the units: never hidden by forty cars, never aggregated.
// Square, diamond and circle with their digit: colour is never the only sign.
import { Marker, type Map as MapLibre } from "maplibre-gl";
import type { Coord, Priority } from "../wire/views";

export interface Mark {
  id: string;
  kind: "alarm" | "incident";
  at: Coord;
  priority: Priority;
  /** Nobody has taken it up: it breathes. */
  waiting: boolean;
  chosen: boolean;
  label: string;
}

const MOST = 200;
/** Marks nearer to each other than this cover each other, in pixels. */
const STACK_PX = 16;

interface Placed {
  mark: Mark;
  marker: Marker;
  more: HTMLElement;
  element: HTMLButtonElement;
  state: string;
}

export class Markers {
  private readonly placed = new Map<string, Placed>();

  constructor(
    private readonly map: MapLibre,
    /** A mark was clicked; with it all that lie under the same place, itself first. */
    private readonly onChoose: (stack: Mark[], at: { x: number; y: number }) => void,
  ) {
    map.on("moveend", () => this.count());
  }

  /** Shows exactly these marks; the most urgent first when there are more than 200. */
  show(marks: readonly Mark[]): void {
    const wanted = new Set<string>();
    for (const mark of marks.slice(0, MOST)) {
      wanted.add(mark.id);
      this.put(mark);
    }
    for (const [id, placed] of this.placed) {
      if (wanted.has(id)) continue;
      placed.marker.remove();
      this.placed.delete(id);
    }
    this.count();
  }

  /** A mark that lies on others says how many: each of them is drawn, but not each can be seen. */
  private count(): void {
    const all = [...this.placed.values()].map((one) => ({
      one,
      at: this.map.project(one.marker.getLngLat()),
    }));
    const seen: typeof all = [];
    for (const each of all) each.one.more.textContent = "";
    // In the order of urgency: the first of a stack is the one on top.
    for (const each of all.sort((a, b) => (a.one.mark.priority < b.one.mark.priority ? -1 : 1))) {
      const top = seen.find(({ at }) => Math.hypot(at.x - each.at.x, at.y - each.at.y) < STACK_PX);
      if (top) top.one.more.textContent = String(Number(top.one.more.textContent || 1) + 1);
      else seen.push(each);
    }
  }

  private stackOf(mark: Mark): { stack: Mark[]; at: { x: number; y: number } } {
    const placed = this.placed.get(mark.id);
    const at = placed ? this.map.project(placed.marker.getLngLat()) : { x: 0, y: 0 };
    const near = [...this.placed.values()].filter(({ marker }) => {
      const other = this.map.project(marker.getLngLat());
      return Math.hypot(other.x - at.x, other.y - at.y) < STACK_PX;
    });
    const others = near.map((one) => one.mark).filter((other) => other.id !== mark.id);
    others.sort((a, b) => (a.priority < b.priority ? -1 : 1));
    return { stack: [mark, ...others], at };
  }

  private put(mark: Mark): void {
    const known = this.placed.get(mark.id);
    const element = known?.element ?? document.createElement("button");
    const state = JSON.stringify(mark);
    if (known?.state === state) return;
    // The map has classes of its own on this element: none is taken away.
    element.classList.add("map-mark");
    for (const priority of ["p1", "p2", "p3"]) element.classList.toggle(priority, priority === mark.priority);
    element.classList.toggle("waiting", mark.waiting);
    element.classList.toggle("chosen", mark.chosen);
    element.setAttribute("aria-label", mark.label);
    element.title = mark.label;
    const more = known?.more ?? document.createElement("span");
    more.className = "more";
    element.replaceChildren(mark.priority.slice(1), more);
    element.onclick = (event) => {
      event.stopPropagation();
      const { stack, at } = this.stackOf(mark);
      this.onChoose(stack, at);
    };
    const at: [number, number] = [mark.at.lon / 1e7, mark.at.lat / 1e7];
    if (known) {
      known.marker.setLngLat(at);
      known.mark = mark;
      known.state = state;
      return;
    }
    element.type = "button";
    // The queue is the way of the keyboard; two hundred tab stops on a map would be none.
    element.tabIndex = -1;
    element.dataset["id"] = mark.id;
    const marker = new Marker({ element }).setLngLat(at).addTo(this.map);
    // MapLibre makes markers tab stops and pictures; these are buttons out of the tab order.
    element.tabIndex = -1;
    element.removeAttribute("role");
    element.setAttribute("aria-label", mark.label);
    this.placed.set(mark.id, { mark, marker, element, more, state });
  }
}
