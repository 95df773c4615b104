// What a workplace's filter lets through. A filter tidies; it never hides a call for help that nobody may miss: an SOS,
// priority 1 and whatever is pinned pass every filter. Pure.
import type { Filter } from "../workplace/address";
import type { Id } from "../../wire/views";
import type { QueueRow } from "./order";

/** The desk this workplace sits at, and the area that desk answers for. */
export interface Own {
  desk?: Id | undefined;
  area: readonly Id[];
}

/** Whether a row is shown. */
export function passes(row: QueueRow, filter: Filter, own: Own): boolean {
  if (row.sos || row.pinned || row.priority === "p1") return true;
  switch (filter) {
    case "waiting":
      return row.waiting;
    case "mine":
      // What is not placed yet concerns everybody.
      return (
        row.desk === own.desk || row.area.length === 0 || own.area.every((code, i) => row.area[i] === code)
      );
    default:
      return true;
  }
}
