// The trail of one unit: where it has been in the last minutes. Asked for by hand, drawn until switched off.
import { clock } from "../../format/time";
import type { Trail } from "../../map/stage";
import { Problem } from "../../wire/problem";
import { ask } from "../../wire/rest";
import type { Id, TrackItem } from "../../wire/views";
import { centreClock } from "../room/clock.svelte";
import { notices } from "../notice/notices.svelte";
import { refusalWords } from "../wording/refusal";

const TICKS = 6;

/** A line with about six times written along it. */
export function trailOf(points: readonly TrackItem[], zone: string): Trail {
  const every = Math.max(1, Math.ceil(points.length / TICKS));
  const ticks = points
    .filter((_, i) => i % every === 0 || i === points.length - 1)
    .map((p) => ({ at: { lon: p.lon, lat: p.lat }, label: clock(p.at, zone).slice(0, 5) }));
  return { line: points.map(({ lon, lat }) => ({ lon, lat })), ticks };
}

class TrailState {
  unit = $state<Id | undefined>(undefined);
  minutes = $state(0);
  points = $state.raw<readonly TrackItem[]>([]);

  toggle(unit: Id, minutes: number): void {
    if (this.unit === unit && this.minutes === minutes) this.clear();
    else void this.show(unit, minutes);
  }

  clear(): void {
    this.unit = undefined;
    this.points = [];
  }

  async show(unit: Id, minutes: number): Promise<void> {
    this.unit = unit;
    this.minutes = minutes;
    const to = Math.round(centreClock.exact());
    try {
      const from = to - minutes * 60_000_000;
      const { points } = await ask("/units/{id}/track", unit, { from: `${from}`, to: `${to}` });
      if (this.unit === unit) this.points = points;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      notices.say("refused", refusalWords(problem));
      this.clear();
    }
  }
}

export const trail = new TrailState();
