// One call for help from this phone: the same press until the centre's view has shown it and shown it
// ended. A second hold is then a repeat of the first and never a second alarm, however late the view is. Pure but for its store.
import { uuid7 } from "../wire/uuid";

export interface Press {
  id: string;
  /** When it was last held, milliseconds since 1970 by this phone. */
  at_ms: number;
  /** The unit's view has shown the call. */
  seen: boolean;
}

/** A call the view never showed, sent and answered this long ago, has ended before the view could. */
const RELEASE_MS = 120_000;

const KEY = "ortoo.patrol.press";
type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function readPress(store: Kept = localStorage): Press | undefined {
  try {
    const kept = JSON.parse(store.getItem(KEY) ?? "null") as Partial<Press> | null;
    return typeof kept?.id === "string"
      ? { id: kept.id, at_ms: kept.at_ms ?? 0, seen: kept.seen === true }
      : undefined;
  } catch {
    return undefined;
  }
}

function keep(press: Press, store: Kept): Press {
  try {
    store.setItem(KEY, JSON.stringify(press));
  } catch {
    // Only a reload would miss it; the centre offers two calls of one unit as one anyhow.
  }
  return press;
}

/** The press of a hold: the one that stands, else a new one. */
export function pressOf(at_ms: number, store: Kept = localStorage): Press {
  const { id, seen } = readPress(store) ?? { id: uuid7(), seen: false };
  return keep({ id, seen, at_ms }, store);
}

/** What stands after the unit's view said whether it calls for help. */
export function afterView(
  press: Press | undefined,
  calls: boolean,
  waits: boolean,
  now_ms: number,
  store: Kept = localStorage,
): Press | undefined {
  if (!press) return undefined;
  if (calls) return press.seen ? press : keep({ ...press, seen: true }, store);
  if (waits || (!press.seen && now_ms - press.at_ms < RELEASE_MS)) return press;
  store.removeItem(KEY);
  return undefined;
}
