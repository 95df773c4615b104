// In a flood of alarms rows of one cause in one area stand together under one head, so that fifty calls of one fire are
// one thing to look at. Nothing is left out: a head says how many it holds and how many wait. Pure: rows in, list out.
import type { QueueRow } from "./order";

/** A head and its rows, in the order the queue has them. */
export interface Group {
  key: string;
  rows: readonly QueueRow[];
}

/** Fewer of a kind than this stay by themselves. */
const LEAST = 3;

/**
 * Puts rows together by `keyOf`; a group stands where its first row stood. Rows without a key and rows in `single` stay
 * by themselves, and so does every priority 1.
 */
export function group(
  rows: readonly QueueRow[],
  keyOf: (row: QueueRow) => string | undefined,
  single: ReadonlySet<string>,
): (QueueRow | Group)[] {
  const keys = new Map<string, QueueRow[]>();
  const key = (row: QueueRow) => (row.priority === "p1" || single.has(row.id) ? undefined : keyOf(row));
  for (const row of rows) {
    const its = key(row);
    if (its !== undefined) keys.set(its, [...(keys.get(its) ?? []), row]);
  }
  const placed = new Set<string>();
  return rows.flatMap((row): (QueueRow | Group)[] => {
    const its = key(row);
    const together = its === undefined ? undefined : keys.get(its);
    if (its === undefined || !together || together.length < LEAST) return [row];
    if (placed.has(its)) return [];
    placed.add(its);
    return [{ key: its, rows: together }];
  });
}
