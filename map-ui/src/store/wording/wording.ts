// What things are called on the screen: register entries, places and targets in the language shown.
// Reads the room; writes nothing.
import { named, t, tx } from "../../i18n/catalogue.svelte";
import { shortName } from "../../i18n/names";
import type { Alarm, Id, Incident, Order, Place, Target } from "../../wire/views";
import type { LabelField } from "../workplace/address";
import { room } from "../room/room.svelte";

/** Call sign of a unit. */
export function unitName(id: Id): string {
  return room.register?.units.get(id)?.call_sign ?? id;
}

/** What is written beside a unit: the fields asked for, in the order of the list. */
export function unitLabel(id: Id, fields: readonly LabelField[]): string {
  const entry = room.register?.units.get(id);
  const unit = room.units.rows.get(id);
  const order = room.orders.rows.get(unit?.active ?? "");
  const words: Record<LabelField, () => string | undefined> = {
    call_sign: () => entry?.call_sign ?? id,
    plate: () => entry?.plate,
    status: () => tx("unit", unit?.status),
    class: () => entry && kindName(entry.class),
    order: () => order && serial(room.incidents.rows.get(order.incident)?.number ?? ""),
  };
  return fields
    .map((field) => words[field]())
    .filter(Boolean)
    .join(" ");
}

export function typeName(code: Id | undefined): string {
  return code ? named(room.register?.types.get(code)?.names, code) : t("incident.type_unknown");
}

export function kindName(code: Id): string {
  return named(room.register?.kinds.get(code)?.names, code);
}

export function areaName(code: Id): string {
  return named(room.register?.areas.get(code)?.names, code);
}

/** The name of an area where there is little room. */
export function areaShort(code: Id): string {
  const level = room.register?.areas.get(code)?.path.length;
  return shortName(areaName(code), level ? named(room.register?.wire.levels[level - 1]) : "");
}

export function deskName(id: Id): string {
  return named(room.register?.desks.get(id)?.names, id);
}

/** A desk by the area it answers for: what is on the screen all day need not say "command centre". */
export function deskShort(id: Id): string {
  const area = room.register?.desks.get(id)?.area.at(-1);
  return area ? areaShort(area) : deskName(id);
}

export function seatName(id: Id | undefined): string {
  if (!id) return "";
  const seat = room.register?.seats.get(id);
  return seat ? named(seat.names, id) : id;
}

/** The name of a point; one without a name of its own is called after the place it stands in. */
export function pointName(id: Id): string {
  const point = room.register?.points.get(id);
  const place = point?.area.at(-1);
  return named(point?.names, place ? `${areaName(place)} ${id}` : id);
}

/** Areas from the banner down: `锡林浩特市 · 杭盖街道`. */
export function areaWords(path: readonly Id[]): string {
  const names = room.register?.pathNames(path, Math.min(1, path.length - 1)) ?? [];
  return names.map((n) => named(n)).join(" · ") || path.join(" · ");
}

/** The shortest true description of a place, with the areas it lies in. */
export function placeWords(place: Place, area: readonly Id[]): string {
  const where = areaWords(area);
  if (place.point) return [pointName(place.point), where].filter(Boolean).join(" · ");
  if (place.road) return [place.road, where].filter(Boolean).join(" · ");
  if (place.kind === "unknown") return [t("place.unknown"), where].filter(Boolean).join(" · ");
  return where || tx("place_kind", place.kind);
}

/** One line for a row: the banner first, then the point or what lies deepest. */
export function placeShort(place: Place, area: readonly Id[]): string {
  const banner = room.register?.banner(area);
  const deepest = area.at(-1);
  const spot = place.point
    ? pointName(place.point)
    : (place.road ?? (deepest && deepest !== banner ? areaName(deepest) : ""));
  const parts = [banner ? areaShort(banner) : "", spot].filter(Boolean);
  if (parts.length === 0) return place.kind === "unknown" ? t("place.unknown") : areaWords(area);
  return parts.join(" · ");
}

export function targetName(target: Target): string {
  if ("unit" in target) return unitName(target.unit);
  if ("desk" in target) return deskName(target.desk);
  return named(room.register?.wire.agencies[target.agency], target.agency);
}

/** The unit an order goes to, when it goes to one. */
export function unitOf(order: Order): Id | undefined {
  return "unit" in order.target ? order.target.unit : undefined;
}

/** What of a report could not be used, by the names of its fields: it was taken all the same. */
export function flawedFields(alarm: Alarm): string {
  const fields = (alarm.flaws ?? []).map((flaw) => flaw.split(":")[0]!.trim());
  // How a message was numbered is the sender's matter and says nothing about what happened.
  return [...new Set(fields.filter((field) => field !== "idempotency-key"))].join(t("list.comma"));
}

/** The headline of an alarm: its type, else how it came. */
export function alarmTitle(alarm: Alarm): string {
  if (alarm.source === "sos") return `${tx("source", "sos")}${alarm.unit ? ` ${unitName(alarm.unit)}` : ""}`;
  return alarm.incident_type ? typeName(alarm.incident_type) : tx("source", alarm.source);
}

/** The headline of an incident. */
export function incidentTitle(incident: Incident): string {
  if (incident.incident_type) return typeName(incident.incident_type);
  const first = room.alarms.get(incident.alarms[0]);
  if (first) return alarmTitle(first);
  return incident.sos ? tx("source", "sos") : t("incident.type_unknown");
}

/** The headline of a row of the queue. */
export function rowTitle(row: { id: Id; kind: "alarm" | "incident" }): string {
  const alarm = row.kind === "alarm" ? room.alarms.get(row.id) : undefined;
  const incident = row.kind === "incident" ? room.incidents.get(row.id) : undefined;
  return alarm ? alarmTitle(alarm) : incident ? incidentTitle(incident) : "";
}

/** What a unit moves by: on foot, on a horse, in a vehicle of some kind. */
export function moverName(unit: Id): string {
  const { register } = room;
  return named(register?.wire.movers[register.units.get(unit)?.mover ?? 0]);
}

/** The number of an alarm: it counts apart from the incidents of its desk, and the letter says so. */
export function alarmNumber(alarm: Alarm): string {
  return `A${alarm.number}`;
}

/** Its serial, with the same letter. */
export function alarmSerial(alarm: Alarm): string {
  return `A${serial(alarm.number)}`;
}

/** The serial of a human number: what people say for short. */
export function serial(number: string): string {
  return number.split("-").at(-1) ?? number;
}
