// What stands in the queue and in which order. A ringing or answered alarm and an active incident are both "calls for
// somebody to act"; an alarm that became an incident is shown by its incident alone. Pure: views in, rows out.
import type { Alarm, Id, Incident, Mode, Order, Priority, Time, IncidentType } from "../../wire/views";

/** What the row asks for next, the word shown on it. */
export type Asks =
  | "answer"
  | "settle"
  | "call_back"
  | "dispatch"
  | "sign"
  | "signed"
  | "enroute"
  | "on_scene"
  | "feedback"
  | "review";

export interface QueueRow {
  id: Id;
  kind: "alarm" | "incident";
  priority: Priority;
  sos: boolean;
  /** SOS, or priority 1 with nobody signed: stands above all others. */
  pinned: boolean;
  /** The time the running timer counts from. */
  since: Time;
  asks: Asks;
  /** Nobody has taken it up yet. */
  waiting: boolean;
  /** Somebody answers for it: an alarm answered, an incident claimed. Until then a pinned row sounds again. */
  claimed: boolean;
  mode: Mode;
  area: readonly string[];
  /** The desk that answers for it. */
  desk: Id;
}

const OPEN_ORDER = new Set(["queued", "sent", "delivered", "signed", "enroute", "staged", "on_scene"]);
const SIGNED_ORDER = new Set(["signed", "enroute", "staged", "on_scene", "cleared"]);

/** The priority a ringing alarm is shown with: an SOS 1, else what was said, what its type has, a button 1, else 2. */
export function alarmPriority(alarm: Alarm, types: ReadonlyMap<Id, IncidentType>): Priority {
  if (alarm.source === "sos") return "p1";
  if (alarm.priority) return alarm.priority;
  const known = alarm.incident_type ? types.get(alarm.incident_type)?.priority : undefined;
  return known ?? (alarm.source === "button" ? "p1" : "p2");
}

/** The row of an alarm, or nothing when it is settled and owes no call-back. */
export function alarmRow(alarm: Alarm, types: ReadonlyMap<Id, IncidentType>): QueueRow | undefined {
  const owes = alarm.call_back !== undefined && alarm.call_back.result === undefined && !alarm.silent;
  if (alarm.state === "settled" && !owes) return undefined;
  const priority = alarmPriority(alarm, types);
  const sos = alarm.source === "sos";
  return {
    id: alarm.id,
    kind: "alarm",
    priority,
    sos,
    pinned: alarm.state !== "settled" && (sos || priority === "p1"),
    since: alarm.received_at,
    asks: alarm.state === "ringing" ? "answer" : alarm.state === "answered" ? "settle" : "call_back",
    waiting: alarm.state === "ringing",
    claimed: alarm.state !== "ringing",
    mode: alarm.mode,
    area: alarm.area,
    desk: alarm.desk,
  };
}

/** How far an open order has come, as the row says it. */
function stage(order: Order): "sign" | "signed" | "enroute" | "on_scene" {
  if (order.state === "on_scene" || order.state === "signed") return order.state;
  return order.state === "enroute" || order.state === "staged" ? "enroute" : "sign";
}

const STAGES = ["on_scene", "enroute", "signed", "sign"] as const;

/** How many of the open orders have come as far as the row says: all of them, or so many of so many. */
export function stageCount(asks: Asks, orders: readonly Order[]): string {
  const open = orders.filter((order) => OPEN_ORDER.has(order.state));
  const there = open.filter((order) => stage(order) === asks).length;
  return there === open.length ? String(there) : `${there}/${open.length}`;
}

/** What an incident asks for next, from its orders: the one that has come farthest. */
export function incidentAsks(incident: Incident, orders: readonly Order[]): Asks {
  const open = orders.filter((order) => OPEN_ORDER.has(order.state));
  const farthest = STAGES.find((one) => open.some((order) => stage(order) === one));
  if (farthest) return farthest;
  if (!orders.some((order) => order.state === "cleared")) return "dispatch";
  return incident.feedback?.some((f) => f.kind === "result" && f.review === "pending")
    ? "review"
    : "feedback";
}

/** The row of an incident, or nothing when it has ended. */
export function incidentRow(incident: Incident, orders: readonly Order[]): QueueRow | undefined {
  if (incident.state !== "active") return undefined;
  const signed = orders.some((order) => SIGNED_ORDER.has(order.state));
  return {
    id: incident.id,
    kind: "incident",
    priority: incident.priority,
    sos: incident.sos,
    pinned: !signed && (incident.sos || incident.priority === "p1"),
    since: incident.received_at,
    asks: incidentAsks(incident, orders),
    waiting: !signed,
    claimed: incident.claimed_by !== undefined,
    mode: incident.mode,
    area: incident.area,
    desk: incident.desk,
  };
}

const RANK = { p1: 0, p2: 1, p3: 2 } as const;

/**
 * Pinned first with SOS on top; then by priority, in each what nobody has taken up, since everything else has somebody
 * who looks after it; then the longest waiting.
 */
export function compareRows(a: QueueRow, b: QueueRow): number {
  return (
    Number(b.pinned) - Number(a.pinned) ||
    (a.pinned ? Number(b.sos) - Number(a.sos) : 0) ||
    RANK[a.priority] - RANK[b.priority] ||
    Number(b.waiting) - Number(a.waiting) ||
    a.since - b.since ||
    (a.id < b.id ? -1 : 1)
  );
}

/** The digit of a priority: 1, 2, 3. */
export function digit(priority: Priority): 1 | 2 | 3 {
  return (RANK[priority] + 1) as 1 | 2 | 3;
}
