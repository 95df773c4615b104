// What is done with technical alarms and their sources. None of it is ever done with a person's alarm.
import { t } from "../../i18n/catalogue.svelte";
import type { Id, ShelfReason, Technical } from "../../wire/views";
import { inMinutes, attempt, worded } from "./run.svelte";

/** 搁置 a technical alarm for some minutes, with why. Whether it was done. */
export function shelve(technical: Id, reason: ShelfReason, text: string, minutes: number): Promise<boolean> {
  const body = { reason, until: inMinutes(minutes), ...worded(text) };
  return attempt(`technicals/${technical}/shelve`, body, t("technical.shelved_for", { minutes }), () =>
    unshelve(technical, t("done.undone")),
  );
}

export function unshelve(technical: Id, said = t("done.unshelved")): Promise<boolean> {
  return attempt(`technicals/${technical}/unshelve`, {}, said);
}

/** 抑制 whatever one point or unit raises for some minutes, with why. */
export function suppress(
  of: Technical,
  reason: ShelfReason,
  text: string,
  minutes: number,
): Promise<boolean> {
  const source = of.point ? { point: of.point } : { unit: of.unit };
  const body = { ...source, kind: of.kind, reason, until: inMinutes(minutes), ...worded(text) };
  return attempt("suppressions", body, t("technical.suppressed_for", { minutes }));
}

export function endSuppression(suppression: Id): Promise<boolean> {
  return attempt(`suppressions/${suppression}/end`, {}, t("technical.lifted"));
}
