// What is done with an alarm: answered, saved, settled, called back.
import { t, tx } from "../../i18n/catalogue.svelte";
import { Problem } from "../../wire/problem";
import type { Accepted } from "../../wire/rest";
import type { Alarm, Id, OutcomeKind } from "../../wire/views";
import { alarmSerial } from "../wording/wording";
import { drafts, type Known } from "../workplace/draft.svelte";
import { selection } from "../workplace/selection.svelte";
import { run } from "./run.svelte";

export function answer(alarm: Alarm): Promise<Accepted | Problem> {
  return run(`alarms/${alarm.id}/answer`, {}, t("done.answered", { number: alarmSerial(alarm) }));
}

/** Saves what the call-taker knows; makes the incident, which is then chosen if the alarm still is. */
export async function save(alarm: Alarm, known: Known): Promise<Id | undefined> {
  const answer = await run(`alarms/${alarm.id}/save`, { expected_version: alarm.version, ...known });
  if (answer instanceof Problem) return undefined;
  drafts.drop(alarm.id);
  if (typeof answer["incident"] !== "string") return undefined;
  if (selection.is("alarm", alarm.id)) selection.choose({ kind: "incident", id: answer["incident"] });
  return answer["incident"];
}

export function settle(
  alarm: Alarm,
  outcome: OutcomeKind,
  more: { incident?: Id; agency?: Id; text?: string } = {},
): Promise<Accepted | Problem> {
  const body = { expected_version: alarm.version, outcome, ...more };
  return run(`alarms/${alarm.id}/settle`, body, tx("outcome", outcome));
}

export function closeCallBack(alarm: Alarm, result: "reached" | "unanswered"): Promise<Accepted | Problem> {
  return run(`alarms/${alarm.id}/call-back`, { result }, tx("call_back", result));
}
