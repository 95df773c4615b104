// What is done with an order that is given: brought forward by voice, recalled, asked after.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Problem } from "../../wire/problem";
import type { Accepted } from "../../wire/rest";
import type { EndReason, Order, OrderState } from "../../wire/views";
import { attempt, run, worded } from "./run.svelte";

/** Types what was heard by radio; `text` says who spoke where it was not the target itself. */
export function advance(order: Order, state: OrderState, text = ""): Promise<Accepted | Problem> {
  const body = { state, source: "voice", voice: "radio", ...worded(text) };
  return run(`orders/${order.id}/advance`, body, tx("order", state));
}

/** A text that is typed is kept apart from the journal; the reason beside it is a code. */
export function recall(order: Order, reason: EndReason, text = ""): Promise<boolean> {
  const body = { reason, ...worded(text), expected_version: order.version };
  return attempt(`orders/${order.id}/recall`, body, t("done.recalled"));
}

/** The crew was asked and is well. */
export function confirmLife(order: Order): Promise<boolean> {
  return attempt(`orders/${order.id}/confirm-life`, { source: "voice", voice: "radio" }, t("done.life"));
}

/** The crew may be told who called: for this order only. */
export function releaseCaller(order: Order): Promise<boolean> {
  const body = { expected_version: order.version };
  return attempt(`orders/${order.id}/release-caller`, body, t("done.caller_released"));
}
