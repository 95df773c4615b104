// Figures of the room: units online and late, alarms per seat, load by banner. Counted at most once a second.
import type { Alarm, Id, Incident, Overdue, Unit } from "../../wire/views";
import { centreClock } from "./clock.svelte";
import { preferences } from "../workplace/preferences.svelte";
import { room } from "./room.svelte";
import { unitWanted } from "../queue/wanted";
import { AGE_S } from "../../map/motion";

const HIGH = 2;
const FLOOD_BEGINS = 10;
const FLOOD_ENDS = 5;

class Census {
  online = $state(0);
  late = $state(0);
  /** More alarms come than a seat can take: begins above ten in ten minutes, ends below five. */
  flood = $state(false);

  /** Counts what is drawn; called once a second by the console. */
  count(): void {
    const { online, late } = room.positions?.census(AGE_S.lost, performance.now() / 1000) ?? {
      online: 0,
      late: 0,
    };
    this.online = online;
    this.late = late;
    const { per_seat } = alarmRate();
    this.flood = per_seat > (this.flood ? FLOOD_ENDS : FLOOD_BEGINS);
  }
}

export const census = new Census();

const WINDOW_US = 600_000_000;

/** New alarms per seat in ten minutes: above two it is high, above ten a flood (ISA-18.2 practice). */
export function alarmRate(): { per_seat: number; level: "normal" | "high" | "flood" } {
  const register = room.register;
  if (!register) return { per_seat: 0, level: "normal" };
  const desk = preferences.seat ? register.seats.get(preferences.seat)?.desk : undefined;
  const since = centreClock.now - WINDOW_US;
  let alarms = 0;
  for (const alarm of room.alarms.all()) {
    if (alarm.received_at >= since && (!desk || alarm.desk === desk)) alarms++;
  }
  const takers = [...register.seats.values()].filter(
    (seat) => seat.role === "call_taker" && (!desk || seat.desk === desk),
  );
  const per_seat = alarms / Math.max(1, takers.length);
  return { per_seat, level: census.flood ? "flood" : per_seat > HIGH ? "high" : "normal" };
}

/** How many alarms came in each of the last `minutes`, oldest first; of this seat's desk where one is taken. Tracked. */
export function alarmsByMinute(minutes: number): number[] {
  const desk = preferences.seat ? room.register?.seats.get(preferences.seat)?.desk : undefined;
  const counts = new Array<number>(minutes).fill(0);
  for (const alarm of room.alarms.all()) {
    const ago = Math.floor((centreClock.now - alarm.received_at) / 60_000_000);
    if (ago >= 0 && ago < minutes && (!desk || alarm.desk === desk)) counts[minutes - 1 - ago]!++;
  }
  return counts;
}

export interface Load {
  area: Id;
  free: number;
  tasked: number;
  resting: number;
  p1: number;
  p2: number;
  p3: number;
}

/** A deadline that ran out and still stands, with what it concerns. */
export interface Due {
  kind: "alarm" | "incident";
  view: Alarm | Incident;
  overdue: Overdue;
}

/** Everything overdue, the farthest escalated first, then the longest standing; tracked. */
export function overdueList(): Due[] {
  const list: Due[] = [];
  for (const view of room.alarms.all())
    for (const overdue of view.overdue ?? []) list.push({ kind: "alarm", view, overdue });
  for (const view of room.incidents.all()) {
    for (const overdue of view.overdue ?? []) list.push({ kind: "incident", view, overdue });
  }
  return list.sort(
    (a, b) =>
      b.overdue.escalation.level - a.overdue.escalation.level ||
      a.overdue.since - b.overdue.since ||
      (a.view.id < b.view.id ? -1 : 1),
  );
}

const FREE = new Set<Unit["status"]>(["patrolling", "returning"]);
const RESTING = new Set<Unit["status"]>(["on_call", "reserve"]);
const TASKED = new Set<Unit["status"]>(["ordered", "signed", "enroute", "staged", "on_scene"]);

/** Units and open incidents by banner, in code order; tracked. */
export function loadByBanner(): Load[] {
  const register = room.register;
  if (!register) return [];
  const loads = new Map(
    register.banners.map((area) => [area, { area, free: 0, tasked: 0, resting: 0, p1: 0, p2: 0, p3: 0 }]),
  );
  for (const unit of room.units.all()) {
    const load = loads.get(register.banner(unit.area) ?? "");
    if (!load || !unitWanted(unit)) continue;
    if (FREE.has(unit.status)) load.free++;
    else if (TASKED.has(unit.status)) load.tasked++;
    else if (RESTING.has(unit.status)) load.resting++;
  }
  for (const incident of room.incidents.all()) {
    const load = loads.get(register.banner(incident.area) ?? "");
    if (load && incident.state === "active") load[incident.priority]++;
  }
  return [...loads.values()];
}
