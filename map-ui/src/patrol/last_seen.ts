// What this page last saw of its unit: the order, the incident, the unit's own view. Kept in the browser so that a
// reload without signal still shows the order. No caller's words are in it: views do not hold them.
import type { Id, Incident, Order, Unit } from "../wire/views";

export interface LastSeen {
  unit?: Unit | undefined;
  orders: readonly Order[];
  incidents: readonly Incident[];
}

const NOTHING: LastSeen = { orders: [], incidents: [] };
const key = (unit: Id) => `ortoo.patrol.last.${unit}`;

/** What was kept of a unit; nothing where that is unreadable. */
export function readLastSeen(unit: Id, store: Pick<Storage, "getItem"> = localStorage): LastSeen {
  try {
    const kept = JSON.parse(store.getItem(key(unit)) ?? "null") as Partial<LastSeen> | null;
    return { unit: kept?.unit, orders: kept?.orders ?? [], incidents: kept?.incidents ?? [] };
  } catch {
    return NOTHING;
  }
}

export function keepLastSeen(unit: Id, seen: LastSeen, store: Pick<Storage, "setItem"> = localStorage): void {
  try {
    store.setItem(key(unit), JSON.stringify(seen));
  } catch {
    // A full store costs the offline reload, not the order on the screen.
  }
}
