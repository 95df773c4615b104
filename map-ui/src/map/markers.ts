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

interface Placed {
  marker: Marker;
  element: HTMLButtonElement;
  state: string;
}

export class Markers {
  private readonly placed = new Map<string, Placed>();

  constructor(
    private readonly map: MapLibre,
    private readonly onChoose: (mark: Mark) => void,
  ) {}

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
  }

  private put(mark: Mark): void {
    const known = this.placed.get(mark.id);
    const element = known?.element ?? document.createElement("button");
    const state = JSON.stringify(mark);
    if (known?.state === state) return;
    element.className = `map-mark ${mark.priority}`;
    element.classList.toggle("waiting", mark.waiting);
    element.classList.toggle("chosen", mark.chosen);
    element.setAttribute("aria-label", mark.label);
    element.title = mark.label;
    element.textContent = mark.priority.slice(1);
    element.onclick = (event) => {
      event.stopPropagation();
      this.onChoose(mark);
    };
    const at: [number, number] = [mark.at.lon / 1e7, mark.at.lat / 1e7];
    if (known) {
      known.marker.setLngLat(at);
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
    this.placed.set(mark.id, { marker, element, state });
  }
}
