// A priority-1 alarm or SOS that nobody answers, and an incident of one that nobody claims, sounds again every thirty
// seconds until somebody does. Pure: rows in, rows out.
import type { QueueRow } from "./order";

/** Between two sounds of the same alarm, microseconds of the centre's clock. */
const AGAIN_US = 30_000_000;

export class Resound {
  private readonly rung = new Map<string, number>();

  /** Rows that have to sound now. Their first sound, when they came, is not counted here. */
  due(rows: readonly QueueRow[], now: number): QueueRow[] {
    const waiting = rows.filter((row) => row.pinned && !row.claimed);
    const ids = new Set(waiting.map((row) => row.id));
    for (const id of this.rung.keys()) if (!ids.has(id)) this.rung.delete(id);
    return waiting.filter((row) => {
      const times = Math.floor((now - row.since) / AGAIN_US);
      const before = this.rung.get(row.id);
      this.rung.set(row.id, times);
      return before !== undefined && times > before;
    });
  }
}
