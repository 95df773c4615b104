// Everything the command line may name, as it stands in the room now; offered in the order it is likely meant.
import { t, tx } from "../i18n/catalogue.svelte";
import { LAYERS } from "../map/layer";
import { dayClock } from "../format/time";
import { centreClock } from "../store/room/clock.svelte";
import { desktop } from "../store/workplace/desktop.svelte";
import { room } from "../store/room/room.svelte";
import { selection } from "../store/workplace/selection.svelte";
import { ownDesk } from "../store/queue/wanted";
import { alarmTitle, incidentTitle, placeWords, pointName, serial, unitName } from "../store/wording/wording";
import { CANCEL_REASONS, DISPOSITIONS } from "../wire/lists";
import type { Time } from "../wire/views";
import { preferenceOf, type Entry, type Lexicon } from "./grammar";

/** Duty and service first, then what a crew says of its order by voice. */
const STATUSES = [
  "patrolling",
  "on_call",
  "reserve",
  "off",
  "back",
  "enroute",
  "staged",
  "on_scene",
  "cleared",
] as const;
const FEEDBACKS = ["arrival", "progress", "result"] as const;

const choice = (prefix: string, id: string): Entry => ({
  id,
  label: tx(prefix, id),
  keys: [tx(prefix, id), id],
});

function units(): Entry[] {
  const recommended = desktop.recommendation?.ranked.map((one) => one.candidate.unit) ?? [];
  const rank = new Map(recommended.map((id, i) => [id, i]));
  const entries: Entry[] = [];
  for (const [id, entry] of room.register?.units ?? []) {
    if (entry.retired) continue;
    const unit = room.units.rows.get(id);
    const place = rank.get(id);
    const hint = [
      place === undefined ? "" : t("command.rank", { rank: place + 1 }),
      unit ? tx("unit", unit.status) : "",
    ];
    entries.push({
      id,
      label: entry.call_sign,
      keys: [entry.call_sign, entry.plate, id],
      hint: hint.filter(Boolean).join(" · "),
      preference: place === undefined ? 0 : 1,
    });
  }
  return entries.sort((a, b) => (rank.get(a.id) ?? Infinity) - (rank.get(b.id) ?? Infinity) || 0);
}

/** Whether two times fall on the same day where the region lies. */
function sameDay(a: Time, b: Time): boolean {
  const zone = room.register?.wire.zone ?? "UTC";
  return dayClock(a, zone).slice(0, 5) === dayClock(b, zone).slice(0, 5);
}

/** The lexicon of this moment; not tracked. */
export function lexicon(): Lexicon {
  const own = ownDesk().desk;
  const incidents = [...room.incidents.rows.values()]
    .sort((a, b) => b.created_at - a.created_at)
    .map((one) => ({
      id: one.id,
      label: one.number,
      keys: [one.number, serial(one.number)],
      hint: `${incidentTitle(one)} · ${placeWords(one.place, one.area)}`,
      preference: preferenceOf({
        chosen: selection.is("incident", one.id),
        own: one.desk === own,
        active: one.state === "active",
        today: sameDay(one.created_at, centreClock.exact()),
      }),
    }));
  const alarms = [...room.alarms.rows.values()]
    .filter((one) => one.state !== "settled")
    .sort((a, b) => b.received_at - a.received_at)
    .map((one) => ({
      id: one.id,
      label: one.number,
      keys: [one.number, serial(one.number)],
      hint: alarmTitle(one),
      preference: preferenceOf({
        chosen: selection.is("alarm", one.id),
        own: one.desk === own,
        active: one.state === "ringing",
        today: sameDay(one.received_at, centreClock.exact()),
      }),
    }));
  const technicals = [...room.technicals.rows.values()]
    .filter((one) => !one.cleared_at && !one.shelf && !one.suppressed)
    .map((one) => {
      const name = one.unit ? unitName(one.unit) : one.point ? pointName(one.point) : one.id.slice(-6);
      const keys = [name, one.point ?? one.unit ?? one.id];
      return { id: one.id, label: name, keys, hint: tx("cause", one.cause) };
    });
  return {
    units: units(),
    incidents,
    alarms,
    technicals,
    layers: LAYERS.map((layer) => choice("layer", layer)),
    choices: {
      cancel_reason: CANCEL_REASONS.map((id) => choice("cancel_reason", id)),
      status: STATUSES.map((id) => choice("status_word", id)),
      feedback: FEEDBACKS.map((id) => choice("feedback", id)),
      disposition: DISPOSITIONS.map((id) => choice("disposition", id)),
    },
  };
}
