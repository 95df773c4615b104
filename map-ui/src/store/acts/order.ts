// What is done with an order that is given: brought forward by voice, recalled.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { EndReason, Order, OrderState } from "../../wire/views";
import { act } from "./run.svelte";

/** Types what was heard by radio; `text` says who spoke where it was not the target itself. */
export function advance({ id }: Order, state: OrderState, text = ""): Promise<boolean> {
  const body = { state, source: "voice", voice: "radio", text } as const;
  return act("/orders/{id}/advance", id, body, tx("order", state));
}

/** A text that is typed is kept apart from the journal; the reason beside it is a code. */
export function recall({ id, version }: Order, reason: EndReason, text = ""): Promise<boolean> {
  return act("/orders/{id}/recall", id, { reason, text, expected_version: version }, t("done.recalled"));
}
