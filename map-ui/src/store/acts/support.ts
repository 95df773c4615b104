// Units that another desk commands: asked for, lent, given back.
import { t, tx } from "../../i18n/catalogue.svelte";
import type { Id, SupportReason } from "../../wire/views";
import { attempt, worded } from "./run.svelte";

/** Asks the desk that commands a unit for it. */
export function request(unit: Id, incident: Id): Promise<boolean> {
  return attempt(`units/${unit}/request-support`, { incident }, t("done.support"));
}

/** Lends a unit, or says why not. */
export function answer(support: Id, grant: boolean, reason?: SupportReason, text = ""): Promise<boolean> {
  const body = { grant, ...(reason ? { reason, ...worded(text) } : {}) };
  return attempt(`supports/${support}/answer`, body, tx("support", grant ? "granted" : "refused"));
}

export function end(support: Id): Promise<boolean> {
  return attempt(`supports/${support}/end`, {}, t("done.support_ended"));
}
