// One filter for map, table, queue and counts: what this workplace wants to see. Tracked where it is read in an effect.
// What a filter may never hide is said in `filter.ts`; a unit that calls for help passes as well.
import { passes, type Own } from "./filter";
import type { QueueRow } from "./order";
import type { Unit } from "../../wire/views";
import { preferences } from "../workplace/preferences.svelte";
import { room } from "../room/room.svelte";

/** The desk of the seat here and the area it answers for; without a seat that is everything. */
export function ownDesk(): Own {
  const desk = preferences.seat ? room.register?.seats.get(preferences.seat)?.desk : undefined;
  return { desk, area: (desk && room.register?.desks.get(desk)?.area) || [] };
}

/** Whether a row is to be shown. */
export function rowWanted(row: QueueRow): boolean {
  return passes(row, preferences.filter, ownDesk());
}

/** Whether a unit is to be shown. */
export function unitWanted(unit: Unit): boolean {
  if (unit.sos) return true;
  const { classes, filter } = preferences;
  const its = room.register?.units.get(unit.id)?.class;
  if (classes.length > 0 && !(its && classes.includes(its))) return false;
  return filter !== "mine" || ownDesk().area.every((code, i) => unit.area[i] === code);
}

/** Whether units are left out by the filter. */
export function unitsFiltered(): boolean {
  return preferences.classes.length > 0 || preferences.filter === "mine";
}
