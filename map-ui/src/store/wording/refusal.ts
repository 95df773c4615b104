// A refusal in the words of the screen: by code, with ids turned into names (D17). English `detail` stays in logs.
import { has, t, tx, type Params } from "../../i18n/catalogue.svelte";
import type { Problem } from "../../wire/problem";
import { room } from "../room/room.svelte";
import { areaWords, deskName, kindName, seatName, serial, unitName } from "./wording";

const listed = (value: unknown, name: (id: string) => string) =>
  (Array.isArray(value) ? value : [value]).map((one) => name(String(one))).join(t("list.comma"));

/** What stands in for one parameter. */
function word(key: string, value: unknown): string {
  switch (key) {
    case "unit":
    case "units":
      return listed(value, unitName);
    case "seat":
      return seatName(String(value));
    case "desk":
      return deskName(String(value));
    case "area":
    case "own":
      return areaWords(Array.isArray(value) ? value.map(String) : []) || "–";
    case "among":
    case "known":
      return listed(value, (one) => one);
    case "class":
      return kindName(String(value));
    case "incident":
    case "by":
      return serial(room.incidents.rows.get(String(value))?.number ?? "");
    case "from":
    case "to":
      return tx("order", String(value));
    case "because":
      return listed(value, (code) => tx("because", code));
    case "outcome":
      return tx("outcome", String(value));
    case "state":
      return tx("incident_state", String(value));
    case "between":
      return (Array.isArray(value) ? value : [])
        .map((act: { what?: string; seat?: string }) =>
          `${seatName(act.seat)} ${tx("event", act.what)}`.trim(),
        )
        .join(t("list.comma"));
    default:
      return typeof value === "object" ? "" : String(value);
  }
}

/** The sentence shown for a problem. */
export function refusalWords(problem: Problem): string {
  return refusalSentence(problem.code, { ...problem.params, status: problem.status });
}

/** The sentence of a refusal by its code and parameters: of a problem, or of one that the journal keeps. */
export function refusalSentence(code: string, given: object): string {
  const params: Params = {};
  const values = Object.entries(given);
  for (const [key, value] of values) params[key] = word(key, value);
  // The rule that is broken has parameters of its own.
  const rule = values.find(([key]) => key === "rule")?.[1];
  if (typeof rule === "string" && has("rule", rule)) params["rule"] = tx("rule", rule, params);
  return tx("problem", has("problem", code) ? code : "other", { ...params, code });
}
