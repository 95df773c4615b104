// Find: one text, asked of everything that has a name or a number: what goes on, who is out, and the ground they are on.
// What is not listed is counted. Fetched with the first search.
import { named, t } from "../../i18n/catalogue.svelte";
import { bounds } from "../../map/circle";
import type { Selected } from "../workplace/address";
import type { Look } from "../place/camera.svelte";
import { lookUp, textsOf, type Named } from "./gazetteer";
import { ground } from "./ground.svelte";
import { room } from "../room/room.svelte";
import {
  alarmNumber,
  alarmTitle,
  areaName,
  areaWords,
  incidentTitle,
  placeWords,
  pointName,
} from "../wording/wording";
import type { Alarm, Incident, Names } from "../../wire/views";

export interface Found extends Named {
  /** What choosing it chooses. */
  selected?: Selected;
  /** Where choosing it looks; the ground is nothing that could be chosen. */
  look?: Look;
  label: string;
  hint: string;
}

/** What answers, and how many more there are than listed. */
export interface Answers {
  found: readonly Found[];
  more: number;
}

/** Listed of each kind. */
const MOST = 12;

function called(
  kind: "alarm" | "incident",
  { id, number, place, area }: Alarm | Incident,
  label: string,
): Found {
  const hint = placeWords(place, area);
  return { id, selected: { kind, id }, label, hint, texts: [number, label, hint] };
}

function* incidents(): Generator<Found> {
  for (const one of room.incidents.rows.values())
    yield called("incident", one, `${one.number} ${incidentTitle(one)}`);
}

function* alarms(): Generator<Found> {
  for (const one of room.alarms.rows.values())
    yield called("alarm", one, `${alarmNumber(one)} ${alarmTitle(one)}`);
}

function* units(): Generator<Found> {
  for (const [id, one] of room.register?.units ?? []) {
    const hint = `${one.plate} · ${areaWords(one.area)}`;
    yield {
      id,
      selected: { kind: "unit", id },
      label: one.call_sign,
      hint,
      texts: [one.call_sign, one.plate, id],
    };
  }
}

function* points(): Generator<Found> {
  for (const [id, one] of room.register?.points ?? []) {
    const label = pointName(id);
    const hint = `${one.number} · ${areaWords(one.area)}`;
    const texts = [label, one.number, id, ...textsOf(one.names)];
    yield { id, selected: { kind: "point", id }, label, hint, texts };
  }
}

function* areas(): Generator<Found> {
  for (const [id, one] of room.register?.areas ?? []) {
    const hint = `${t("field.area")} · ${areaWords(one.path)}`;
    yield { id, look: { area: id }, label: areaName(id), hint, texts: [id, ...textsOf(one.names)] };
  }
}

function* places(): Generator<Found> {
  for (const [i, { geometry, properties }] of (ground.base?.places.features ?? []).entries()) {
    if (geometry.type !== "Point") continue;
    const names = properties?.["names"] as Names | undefined;
    const [lon = 0, lat = 0] = geometry.coordinates;
    const at = { lon: Math.round(lon * 1e7), lat: Math.round(lat * 1e7) };
    yield {
      id: `place-${i}`,
      look: { at },
      label: named(names),
      hint: t("field.place"),
      texts: textsOf(names),
    };
  }
}

function* beats(): Generator<Found> {
  for (const feature of ground.beats?.features ?? []) {
    const code = String(feature.properties?.["code"] ?? "");
    const box = bounds({ type: "FeatureCollection", features: [feature] });
    if (!code || !box) continue;
    const hint = `${t("field.beat")} · ${areaName(String(feature.properties?.["area"] ?? ""))}`;
    yield { id: `beat-${code}`, look: { box }, label: code, hint, texts: [code] };
  }
}

/** Fetches what only a search needs. */
export function prepare(): void {
  void ground.readBeats();
}

/** Everything that answers to a text, kind after kind: what goes on first, the ground last. */
export function find(text: string): Answers {
  const answers = [incidents, alarms, units, points, areas, places, beats].map((kind) =>
    lookUp(kind(), text, MOST),
  );
  return {
    found: answers.flatMap(({ found }) => found),
    more: answers.reduce((sum, { more }) => sum + more, 0),
  };
}
