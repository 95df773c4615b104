// What a parsed command line will do, said before Enter and done after it. The subject left out is the one chosen on
// the screen, or the first of the queue where that is plain.
import { t, tx, type Params } from "../i18n/catalogue.svelte";
import type { Layer } from "../map/layer";
import * as alarmActs from "../store/acts/alarm";
import { dispatching } from "../store/acts/dispatch.svelte";
import * as incidentActs from "../store/acts/incident";
import * as orderActs from "../store/acts/order";
import * as technicalActs from "../store/acts/technical";
import * as unitActs from "../store/acts/unit";
import { desktop } from "../store/workplace/desktop.svelte";
import { finder } from "../store/find/finder.svelte";
import { preferences } from "../store/workplace/preferences.svelte";
import { queue } from "../store/queue/queue.svelte";
import { room } from "../store/room/room.svelte";
import { selection } from "../store/workplace/selection.svelte";
import { trail } from "../store/place/trail.svelte";
import { alarmTitle, incidentTitle, serial, unitName } from "../store/wording/wording";
import type {
  Alarm,
  CancelReason,
  Disposition,
  Duty,
  FeedbackKind,
  Id,
  Incident,
  Order,
  OrderState,
  Recommendation,
} from "../wire/views";
import type { Parsed } from "./grammar";
import type { Field } from "./verb";

export interface Effect {
  /** The sentence shown before Enter. */
  preview: string;
  /** Whether Enter does something. */
  ready: boolean;
  /** Enter is the second key that a dispatch was found to need. */
  confirms?: boolean;
  /** Answers `again` where the same line is to be entered once more to confirm it, `help` where the sheet is wanted. */
  run: () => unknown;
}

const TRAIL_MIN = 30;
const nothing = () => undefined;

/** The effect of a line as it stands. */
export function effectOf(parsed: Parsed): Effect {
  const { verb, problem } = parsed;
  if (problem) {
    const params: Params = { text: "", ...problem.params };
    if ("field" in problem.params) params["field"] = tx("field", problem.params.field);
    return { preview: tx("command_problem", problem.code, params), ready: false, run: nothing };
  }
  if (!verb) return { preview: t("command.hint"), ready: false, run: nothing };
  return EFFECTS[verb.id](new Arguments(parsed));
}

class Arguments {
  constructor(private readonly parsed: Parsed) {}

  ids(field: Field): Id[] {
    return this.parsed.args.find((arg) => arg.field === field)?.entries.map((entry) => entry.id) ?? [];
  }
  id(field: Field): Id | undefined {
    return this.ids(field)[0];
  }
  text(field: Field = "text"): string {
    return this.parsed.args.find((arg) => arg.field === field)?.text ?? "";
  }
  number(field: Field, otherwise: number): number {
    const text = this.text(field);
    return text === "" ? otherwise : Number(text);
  }
  /** The incident named, else the one chosen. */
  incident(): Incident | undefined {
    return room.incidents.rows.get(this.id("incident") ?? desktop.incident?.id ?? "");
  }
}

const lacking = (field: Field): Effect => ({
  preview: t("command.choose", { field: tx("field", field) }),
  ready: false,
  run: nothing,
});
const done = (preview: string, run: Effect["run"]): Effect => ({ preview, ready: true, run });

/** By its serial, or by its whole number where another day or desk has the same serial. */
function named(incident: Incident): string {
  const short = serial(incident.number);
  const others = [...room.incidents.rows.values()].filter((one) => serial(one.number) === short);
  return `${others.length > 1 ? incident.number : short} ${incidentTitle(incident)}`;
}

/** The recommendation on the screen for an incident, else the latest that is recorded of it. */
function recommendationOf(incident: Incident): Recommendation | undefined {
  return desktop.incident?.id === incident.id
    ? desktop.recommendation
    : room.recommendations.rows.get(incident.recommendation ?? "");
}

/**
 * What a dispatch to units that were named rests on: the latest recommendation, where it is the one shown, ranks all of
 * them and all can still be sent. Else nothing: a refusal then says what is the matter with the unit, not with a list
 * that nobody followed.
 */
function followed(incident: Incident, units: readonly Id[], divert: boolean): Recommendation | undefined {
  const shown = recommendationOf(incident);
  const ranked = new Set(shown?.ranked.map((one) => one.candidate.unit));
  const sendable = (id: Id) => {
    const unit = room.units.rows.get(id);
    return unit && unit.duty !== "off" && !unit.out_of_service && (divert || !(unit.active ?? unit.divert));
  };
  const current = shown?.id === room.incidents.rows.get(incident.id)?.recommendation;
  return current && units.every((id) => ranked.has(id) && sendable(id)) ? shown : undefined;
}

/**
 * Dispatches what is previewed. Where a second key is asked for, the same line entered again is it, and so is F6: what
 * was asked for lies picked.
 */
function dispatch(
  what: string,
  incident: Incident,
  units: readonly Id[],
  recommendation: () => Recommendation | undefined,
  divert = false,
): Effect {
  const targets = units.map((unit) => ({ unit }));
  const asked = dispatching.waiting(incident.id, targets);
  const because = asked?.because.map((code) => tx("because", code)).join(t("list.comma"));
  const run = async () => {
    selection.choose({ kind: "incident", id: incident.id });
    await dispatching.send(incident, targets, recommendation(), { divert });
    if (!dispatching.waiting(incident.id, targets)) return undefined;
    selection.picks = units;
    return "again";
  };
  return because
    ? { ...done(t("preview.confirm", { because, what }), run), confirms: true }
    : done(what, run);
}

/** The open order a unit works on. */
function orderOf(unit: Id): Order | undefined {
  const active = room.units.rows.get(unit)?.active;
  return active ? room.orders.rows.get(active) : undefined;
}

function withIncident(args: Arguments, then: (incident: Incident) => Effect): Effect {
  const incident = args.incident();
  return incident ? then(incident) : lacking("incident");
}

function withOrder(args: Arguments, then: (order: Order, unit: Id) => Effect): Effect {
  const unit = args.id("unit") ?? "";
  const order = orderOf(unit);
  return order
    ? then(order, unit)
    : { preview: t("command.no_order", { unit: unitName(unit) }), ready: false, run: nothing };
}

function send(args: Arguments, divert: boolean): Effect {
  return withIncident(args, (incident) => {
    const units = args.ids("units");
    const key = divert ? "preview.reassign" : "preview.dispatch";
    const what = t(key, { units: units.map(unitName).join(t("list.comma")), incident: named(incident) });
    const rests = () => followed(incident, units, divert);
    return dispatch(what, incident, units, rests, divert);
  });
}

/** 状态: duty of a unit, or what its crew says of its order by voice. */
function status(args: Arguments): Effect {
  const unit = args.id("unit") ?? "";
  const word = args.id("status") ?? "";
  const preview = t("preview.status", { unit: unitName(unit), status: tx("status_word", word) });
  if (word === "back") return done(preview, () => unitActs.reportBack(unit));
  if (["enroute", "staged", "on_scene", "cleared"].includes(word)) {
    return withOrder(args, (order) => done(preview, () => orderActs.advance(order, word as OrderState)));
  }
  return done(preview, () => unitActs.duty(unit, word as Duty));
}

function merge(args: Arguments): Effect {
  const into = room.incidents.rows.get(args.id("incident") ?? "");
  const subject = args.id("subject") ?? selection.current?.id ?? "";
  const alarm: Alarm | undefined = room.alarms.rows.get(subject);
  const other = room.incidents.rows.get(subject);
  if (!into || (!alarm && !other)) return lacking(into ? "subject" : "incident");
  const what = alarm ? `${serial(alarm.number)} ${alarmTitle(alarm)}` : named(other!);
  return done(t("preview.merge", { what, into: named(into) }), () =>
    alarm ? alarmActs.settle(alarm, "duplicate", { incident: into.id }) : incidentActs.merge(other!, into),
  );
}

/** 增援: the next units of a recommendation that are not on their way yet. */
function backup(args: Arguments): Effect {
  return withIncident(args, (incident) => {
    const recommendation = recommendationOf(incident);
    const units = (recommendation?.ranked ?? [])
      .slice(0, args.number("count", 1))
      .map((one) => one.candidate.unit);
    if (units.length === 0) return { preview: t("recommend.nobody"), ready: false, run: nothing };
    const what = t("preview.backup", {
      units: units.map(unitName).join(t("list.comma")),
      incident: named(incident),
    });
    return dispatch(what, incident, units, () => recommendation);
  });
}

const EFFECTS: Record<NonNullable<Parsed["verb"]>["id"], (args: Arguments) => Effect> = {
  answer(args) {
    const id = args.id("alarm") ?? (selection.current?.kind === "alarm" ? selection.current.id : undefined);
    const first = queue.rows.find((row) => row.kind === "alarm" && row.asks === "answer");
    const alarm = room.alarms.rows.get(id ?? first?.id ?? "");
    if (!alarm) return lacking("alarm");
    return done(t("preview.answer", { alarm: `${serial(alarm.number)} ${alarmTitle(alarm)}` }), () => {
      selection.choose({ kind: "alarm", id: alarm.id });
      return alarmActs.answer(alarm);
    });
  },
  dispatch: (args) => send(args, false),
  reassign: (args) => send(args, true),
  sign: (args) =>
    withOrder(args, (order, unit) =>
      done(t("preview.sign", { unit: unitName(unit) }), () =>
        orderActs.advance(order, "signed", args.text()),
      ),
    ),
  recall: (args) =>
    withOrder(args, (order, unit) =>
      done(t("preview.recall", { unit: unitName(unit) }), () =>
        orderActs.recall(order, args.text() ? "other" : "not_needed", args.text()),
      ),
    ),
  cancel: (args) =>
    withIncident(args, (incident) => {
      const reason = (args.id("cancel_reason") ?? "mistake") as CancelReason;
      return done(
        t("preview.cancel", { incident: named(incident), reason: tx("cancel_reason", reason) }),
        () => incidentActs.cancel(incident, reason),
      );
    }),
  note: (args) =>
    withIncident(args, (incident) =>
      done(t("preview.note", { incident: named(incident), text: args.text() }), () =>
        incidentActs.note(incident.id, args.text()),
      ),
    ),
  feedback: (args) =>
    withIncident(args, (incident) => {
      const kind = (args.id("feedback") ?? "result") as FeedbackKind;
      const disposition = args.id("disposition") as Disposition | undefined;
      const what = [tx("feedback", kind), tx("disposition", disposition), args.text()]
        .filter(Boolean)
        .join(" · ");
      return done(t("preview.feedback", { incident: named(incident), what }), () =>
        incidentActs.feedback(incident.id, { kind, disposition, text: args.text() }),
      );
    }),
  close: (args) =>
    withIncident(args, (incident) =>
      done(t("preview.close", { incident: named(incident) }), () => incidentActs.close(incident)),
    ),
  merge,
  backup,
  status,
  find: (args) => done(t("preview.find", { text: args.text() }), () => finder.search(args.text())),
  replay(args) {
    const unit = args.id("unit") ?? "";
    const minutes = args.number("minutes", TRAIL_MIN);
    return done(t("preview.replay", { unit: unitName(unit), minutes }), () => {
      selection.choose({ kind: "unit", id: unit });
      return trail.show(unit, minutes);
    });
  },
  layers(args) {
    const layer = (args.id("layer") ?? "units") as Layer;
    const key = preferences.layers.includes(layer) ? "preview.layer_off" : "preview.layer_on";
    return done(t(key, { layer: tx("layer", layer) }), () => preferences.toggleLayer(layer));
  },
  shelve(args) {
    const minutes = args.number("minutes", 30);
    const technical = args.id("technical") ?? "";
    return done(t("preview.shelve", { minutes, reason: args.text() }), () =>
      technicalActs.shelve(technical, args.text() ? "other" : "known", args.text(), minutes),
    );
  },
  help: () => done(t("preview.help"), () => "help"),
};
