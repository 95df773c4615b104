// The queue as the room stands now: rows in their right order, counted, filtered by what this workplace wants to see.
import { alarmRow, compareRows, incidentRow, type QueueRow } from "./order";
import type { Id } from "../../wire/views";
import { room } from "../room/room.svelte";
import { selection } from "../workplace/selection.svelte";
import { rowWanted } from "./wanted";

const NONE = new Map();

/** Everything open, most urgent first; tracked. An alarm that is part of an open incident is shown by it. */
function openRows(): QueueRow[] {
  const types = room.register?.types ?? NONE;
  const rows: QueueRow[] = [];
  const inIncident = new Set<Id>();
  for (const incident of room.incidents.all()) {
    const row = incidentRow(incident, room.ordersOf(incident));
    if (!row) continue;
    rows.push(row);
    for (const alarm of incident.alarms) inIncident.add(alarm);
  }
  for (const alarm of room.alarms.all()) {
    const row = inIncident.has(alarm.id) ? undefined : alarmRow(alarm, types);
    if (row) rows.push(row);
  }
  return rows.sort(compareRows);
}

class Queue {
  readonly open = $derived(openRows());
  /** What is chosen stays, whatever the filter says: nobody loses sight of what he works on. */
  readonly rows = $derived(this.open.filter((row) => rowWanted(row) || selection.is(row.kind, row.id)));
  readonly counts = $derived({
    p1: this.open.filter((row) => row.priority === "p1").length,
    p2: this.open.filter((row) => row.priority === "p2").length,
    p3: this.open.filter((row) => row.priority === "p3").length,
  });
}

export const queue = new Queue();
