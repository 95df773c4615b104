// What the operator asked the map to show or to answer: a place to look at, a spot to be picked. Written by panels and
// lists on a key or a click, read by the map; nothing that arrives over the wire writes here.
import type { Coord, Id } from "../../wire/views";

export type Look = { area: Id } | { at: Coord } | { box: [number, number, number, number] };

/** Ground that is being talked of and not yet saved, drawn with its radius. */
export interface Sketch {
  at: Coord;
  radius_m: number;
}

class CameraRequests {
  /** Where to look, once; the map takes it off. */
  look = $state.raw<Look | undefined>(undefined);
  sketch = $state.raw<Sketch | undefined>(undefined);
  private taker = $state.raw<((at: Coord) => void) | undefined>(undefined);

  /** The next click on the map, or Enter, answers where something is. */
  get picking(): boolean {
    return this.taker !== undefined;
  }

  pick(taker: (at: Coord) => void): void {
    this.taker = taker;
  }

  take(at: Coord): void {
    const { taker } = this;
    this.taker = undefined;
    taker?.(at);
  }

  cancel(): void {
    this.taker = undefined;
  }
}

export const camera = new CameraRequests();
