// One filter for map, table, queue and counts: what this workplace wants to see. Tracked where it is read in an effect.
// A call for help passes every filter.
import type { QueueRow } from "../queue/order";
import type { Id, Unit } from "../wire/views";
import { preferences } from "./preferences.svelte";
import { room } from "./room.svelte";

/** Whether an area lies in what this seat's desk answers for; without a seat everything does. */
function isMine(area: readonly Id[]): boolean {
  const desk = preferences.seat ? room.register?.seats.get(preferences.seat)?.desk : undefined;
  const mine = (desk && room.register?.desks.get(desk)?.area) || [];
  return mine.every((code, i) => area[i] === code);
}

/** Whether a row is to be shown. What is not placed yet concerns everybody. */
export function rowWanted(row: QueueRow): boolean {
  if (row.sos) return true;
  if (preferences.filter === "waiting") return row.waiting;
  return preferences.filter !== "mine" || row.area.length === 0 || isMine(row.area);
}

/** Whether a unit is to be shown. */
export function unitWanted(unit: Unit): boolean {
  if (unit.sos) return true;
  const { classes, filter } = preferences;
  const its = room.register?.units.get(unit.id)?.class;
  if (classes.length > 0 && !(its && classes.includes(its))) return false;
  return filter !== "mine" || isMine(unit.area);
}

/** Whether units are left out by the filter. */
export function unitsFiltered(): boolean {
  return preferences.classes.length > 0 || preferences.filter === "mine";
}
