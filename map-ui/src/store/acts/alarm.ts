// What is done with an alarm: answered, saved, settled.
import { t, tx } from "../../i18n/catalogue.svelte";
import { Problem } from "../../wire/problem";
import type { Body } from "../../wire/rest";
import type { Alarm, Id, OutcomeKind } from "../../wire/views";
import { alarmSerial } from "../wording/wording";
import { drafts, type Known } from "../workplace/draft.svelte";
import { selection } from "../workplace/selection.svelte";
import { act, run } from "./run.svelte";

export function answer(alarm: Alarm): Promise<boolean> {
  return act("/alarms/{id}/answer", alarm.id, {}, t("done.answered", { number: alarmSerial(alarm) }));
}

/** Saves what the call-taker knows; makes the incident, which is then chosen if the alarm still is. */
export async function save({ id, version }: Alarm, known: Known): Promise<Id | undefined> {
  const answer = await run("/alarms/{id}/save", id, { expected_version: version, ...known });
  if (answer instanceof Problem) return undefined;
  drafts.drop(id);
  const { incident } = answer;
  if (incident && selection.is("alarm", id)) selection.choose({ kind: "incident", id: incident });
  return incident;
}

export function settle(
  { id, version }: Alarm,
  outcome: OutcomeKind,
  more: Pick<Body<"/alarms/{id}/settle">, "incident" | "agency" | "text"> = {},
): Promise<boolean> {
  const body = { expected_version: version, outcome, ...more };
  return act("/alarms/{id}/settle", id, body, tx("outcome", outcome));
}
