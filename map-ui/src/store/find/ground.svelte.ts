// Names on the map that are not in the register: places of the base map, beats of the region. Held for the search; the
// map draws them itself.
import { fetchLayer, type Base } from "../../map/base";
import type { Features } from "../../map/outline";

class Ground {
  /** The base map, once the map has fetched it. */
  base = $state.raw<Base | undefined>(undefined);
  beats = $state.raw<Features | undefined>(undefined);
  private asked = false;

  /** Another package's ground takes the place of what was known; its beats are fetched again when they were asked for. */
  take(base: Base): void {
    this.base = base;
    if (!this.asked) return;
    this.asked = false;
    void this.readBeats();
  }

  /** Fetches the beats for the first search; they are the largest layer and seldom needed. */
  async readBeats(): Promise<void> {
    if (this.asked) return;
    this.asked = true;
    this.beats = await fetchLayer("beats");
  }
}

export const ground = new Ground();
