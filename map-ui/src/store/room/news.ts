// What of the things that arrive has to be heard. A call for help is heard once, however it comes: as an alarm that
// rings, as one the centre settled in the same commit (SOS, button, sensor), or as an incident whose alarm never came
// here. Pure: views in, news out; sounds and sentences are made elsewhere.
import type { Alarm, Id, Incident, Overdue, View } from "../../wire/views";

export type News =
  | { kind: "alarm"; view: Alarm }
  | { kind: "incident"; view: Incident }
  | { kind: "escalated"; view: Alarm | Incident; level: number };

/** What the console holds already; never changed here. */
export interface Known {
  alarms: ReadonlyMap<Id, Alarm>;
  incidents: ReadonlyMap<Id, Incident>;
}

/** How far those deadlines of a view have escalated that had not come so far before; -1 where none has. */
function risen(view: Alarm | Incident, before: Alarm | Incident | undefined): number {
  const was = ({ timer }: Overdue) =>
    before?.overdue?.find((known) => known.timer.kind === timer.kind && known.timer.id === timer.id);
  const higher = (view.overdue ?? []).filter(
    (one) => one.escalation.level > (was(one)?.escalation.level ?? -1),
  );
  return Math.max(-1, ...higher.map((one) => one.escalation.level));
}

/** Whether an alarm that is seen for the first time calls for somebody: it rings, it is an incident, or it is an SOS. */
function calls(alarm: Alarm): boolean {
  return alarm.state === "ringing" || alarm.outcome?.kind === "incident" || alarm.source === "sos";
}

/**
 * What has to be heard of views that are about to replace the known ones, alarms before incidents.
 * @param known what was on the screen before
 */
export function newsOf(deltas: readonly View[], known: Known): News[] {
  const alarms: News[] = [];
  const incidents: News[] = [];
  const escalations: News[] = [];
  const told = new Set<Id>();
  const escalated = (view: Alarm | Incident, before: Alarm | Incident | undefined) => {
    const level = risen(view, before);
    if (level >= 0) escalations.push({ kind: "escalated", view, level });
  };
  for (const { kind, view } of deltas) {
    if (kind !== "alarm") continue;
    const before = known.alarms.get(view.id);
    const repeated = before !== undefined && view.source === "sos" && view.repeats > before.repeats;
    if (repeated || (!before && calls(view))) {
      alarms.push({ kind: "alarm", view });
      told.add(view.id);
    }
    escalated(view, before);
  }
  for (const { kind, view } of deltas) {
    if (kind !== "incident") continue;
    const before = known.incidents.get(view.id);
    const heard = view.alarms.some((id) => told.has(id) || known.alarms.has(id));
    if (!before && view.state === "active" && !heard) incidents.push({ kind: "incident", view });
    escalated(view, before);
  }
  return [...alarms, ...incidents, ...escalations];
}
